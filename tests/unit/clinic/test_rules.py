"""What an administrator may write down, field by field: the limits, the sentences at the fields, and the codes."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from telehealth.clinic import rules
from telehealth.clinic.rules import box_of
from telehealth.errors import Invalid
from tests.people import NADIA, OMAR, ROSA
from tests.unit.clinic.forms import NUMBER, OFFER, POLICIES, PROFILE

HERE = (NADIA.id, OMAR.id)
BOTH = {box_of(NADIA.id): "1", box_of(OMAR.id): "1"}
ZONES = frozenset({"Europe/Berlin", "Asia/Kathmandu"})


def offer(**changed: str) -> rules.Offer:
    return rules.offer_from({**OFFER, **changed}, HERE)


def profile(**changed: str) -> rules.Profile:
    return rules.profile_from({**PROFILE, **changed}, ZONES)


def number(**changed: str) -> rules.Number:
    return rules.number_from({**NUMBER, **changed})


def policies(**changed: str) -> rules.Policies:
    return rules.policies_from({**POLICIES, **changed})


def refusal(read: Callable[..., Any], **changed: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        read(**changed)
    return refused.value


def test_a_service_is_read_as_it_was_typed() -> None:
    assert offer(
        **BOTH, confirms_first="1", therapists_needed="2", notice="2", notice_unit="days"
    ) == rules.Offer(
        name="First conversation",
        public_name="Appointment",
        summary="Half an hour to begin.\n\nNothing to prepare.",
        minutes=30,
        buffer_before=0,
        buffer_after=10,
        seats=1,
        grid_minutes=30,
        notice_minutes=2880,
        horizon_days=56,
        cancel_hours=24,
        price_text="Free of charge",
        therapists_needed=2,
        confirms_first=True,
        therapist_ids=HERE,
        place=1,
    )
    assert offer(notice="90", notice_unit="minutes").notice_minutes == 90
    assert offer(**{box_of(OMAR.id): "1"}).therapist_ids == (OMAR.id,)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("minutes", ("5", "480"), ("4", "481", "", "30.5", "-30", "thirty", "٣٠", "1234567")),
        ("buffer_before", ("0", "120"), ("121", "")),
        ("buffer_after", ("0", "120"), ("121", "-1")),
        ("seats", ("1", "3"), ("0", "5")),
        ("grid_minutes", ("5", "240"), ("4", "241")),
        ("notice", ("0", "1000"), ("1001", "")),
        ("horizon_days", ("1", "366"), ("0", "367")),
        ("cancel_hours", ("0", "720"), ("721", "")),
        ("place", ("1", "999"), ("0", "1000")),
    ],
)
def test_a_number_is_taken_up_to_its_limits_and_refused_beyond(
    field: str, good: tuple[str, ...], bad: tuple[str, ...]
) -> None:
    plain = {"notice_unit": "minutes", "notice": "0"}
    for text in good:
        offer(**{**plain, field: text})
    for text in bad:
        refused = refusal(offer, **{**plain, field: text})
        assert refused.code == f"{field}_out_of_range"
        assert set(refused.fields) == {field}
        assert "whole number from" in refused.sentence


@pytest.mark.parametrize(
    ("field", "most"), [("name", 120), ("public_name", 120), ("summary", 600), ("price_text", 120)]
)
def test_words_are_taken_up_to_their_limits_and_refused_beyond(field: str, most: int) -> None:
    offer(**{field: "x" * most})
    assert refusal(offer, **{field: "x" * (most + 1)}).code == f"{field}_too_long"
    assert refusal(offer, **{field: "right\u202eleft"}).code == f"{field}_unprintable"


def test_every_mistake_is_told_at_its_field_at_once() -> None:
    refused = refusal(offer, name="  ", minutes="0", notice_unit="weeks", public_name="")
    assert set(refused.fields) == {"name", "minutes", "notice_unit", "public_name"}
    assert refused.code == "name_missing"
    assert refused.fields["name"] == refused.sentence


def test_a_notice_as_long_as_the_days_ahead_would_leave_no_time() -> None:
    assert refusal(offer, notice="1", notice_unit="days", horizon_days="1").code == "notice_past_horizon"
    assert offer(notice="23", notice_unit="hours", horizon_days="1").notice_minutes == 1380


def test_co_therapy_needs_two_therapists_or_none_yet() -> None:
    assert refusal(offer, therapists_needed="2", **{box_of(NADIA.id): "1"}).code == "therapists_too_few"
    assert offer(therapists_needed="2").therapist_ids == ()
    assert offer(therapists_needed="2", **BOTH).therapists_needed == 2


def test_more_than_a_room_holds_is_refused() -> None:
    assert refusal(offer, seats="4").code == "seats_too_many"
    assert refusal(offer, seats="3", therapists_needed="2").code == "seats_too_many"
    assert offer(seats="2", therapists_needed="2").seats == 2


def test_who_does_not_work_here_cannot_offer_anything() -> None:
    assert refusal(offer, **{box_of(ROSA.id): "1"}).code == "therapist_gone"


@pytest.mark.parametrize(
    "name",
    [
        "Sex therapy",
        "Couple's hour",
        "Paargespräch",
        "Sexualberatung",
        "PSYCHOLOGY",
        "ｓｅｘ",
        "An intimate talk",
    ],
)
def test_a_public_name_that_tells_is_asked_about_once_and_then_taken(name: str) -> None:
    refused = refusal(offer, public_name=name)
    assert refused.code == "public_name_tells"
    assert set(refused.fields) == {"public_name"}
    assert offer(public_name=name, keep_public_name=name).public_name == name
    assert refusal(offer, public_name=f"{name} again", keep_public_name=name).code == "public_name_tells"


@pytest.mark.parametrize(
    "name", ["Appointment", "Conversation", "Essex Street", "Meeting", "Termin", "Session"]
)
def test_a_neutral_public_name_is_taken_at_once(name: str) -> None:
    assert offer(public_name=name).public_name == name


def test_the_warning_names_the_words() -> None:
    assert "and “couple's” and “therapy” say what" in rules.warning_of("Couple's therapy")
    assert "and “therapy” says what" in rules.warning_of("Therapy, online")


def test_a_profile_is_read_as_it_was_typed() -> None:
    assert profile(zone="Asia/Kathmandu", place="3") == rules.Profile(
        name="Nadia Behrens",
        title="Psychologist",
        pronouns="she/her",
        specialties=("Desire", "Couples"),
        languages=("English", "German"),
        about="Works slowly.",
        zone="Asia/Kathmandu",
        place=3,
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": ""}, "name_missing"),
        ({"title": "x" * 121}, "title_too_long"),
        ({"pronouns": "x" * 41}, "pronouns_too_long"),
        ({"specialties": "\n".join(map(str, range(13)))}, "specialties_too_many"),
        ({"specialties": "x" * 61}, "specialties_too_long"),
        ({"languages": "Engl\u202eish"}, "languages_unprintable"),
        ({"about": "x" * 1501}, "about_too_long"),
        ({"zone": "Europe/Atlantis"}, "zone_unknown"),
        ({"zone": ""}, "zone_unknown"),
        ({"place": "first"}, "place_out_of_range"),
    ],
)
def test_a_profile_that_is_wrong_says_where(changed: Mapping[str, str], code: str) -> None:
    refused = refusal(profile, **changed)
    assert refused.code == code
    assert set(refused.fields) == set(changed)


@pytest.mark.parametrize("role", ["therapist", "front_desk", "administrator"])
def test_somebody_new_has_a_name_and_one_of_three_roles(role: str) -> None:
    assert rules.newcomer_from({"name": " Ada  Admin ", "role": role}) == rules.Newcomer("Ada Admin", role)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"name": "", "role": "therapist"}, "name_missing"),
        ({"name": "x" * 81, "role": "therapist"}, "name_too_long"),
        ({"name": "Ada", "role": "client"}, "role_unknown"),
        ({"name": "Ada"}, "role_unknown"),
    ],
)
def test_nobody_begins_without_a_name_or_with_another_role(form: Mapping[str, str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.newcomer_from(form)
    assert refused.value.code == code


def test_policies_are_read_and_as_the_setting_says_is_none() -> None:
    assert policies() == rules.Policies("Up to a day before, without a reason.", "limited", "relay")
    assert policies(ice_policy="setting", secrets="none", cancellation="").ice_policy is None
    assert refusal(policies, cancellation="x" * 2001).code == "cancellation_too_long"
    assert refusal(policies, secrets="all").code == "secrets_unknown"
    assert refusal(policies, ice_policy="").code == "ice_policy_unknown"


@pytest.mark.parametrize(
    "dialled", ["112", "911", "+49 30 1234567", "0800 111 0 111", "(030) 123-45/6", "116.123"]
)
def test_a_number_that_can_be_dialled_is_taken(dialled: str) -> None:
    assert number(number=dialled).number == dialled


@pytest.mark.parametrize("dialled", ["1", "call us", "112; drop", "tel:112", "++49", "-112"])
def test_a_number_that_cannot_be_dialled_is_refused(dialled: str) -> None:
    assert refusal(number, number=dialled).code == "number_malformed"


def test_a_number_needs_a_label_and_no_region() -> None:
    assert number(region="").region == ""
    assert refusal(number, label="").code == "label_missing"
    assert refusal(number, number="").code == "number_missing"
    assert refusal(number, region="x" * 81).code == "region_too_long"


def test_an_address_is_made_of_a_name_and_is_nobody_elses() -> None:
    assert rules.slug_of("Couple's session", set()) == "couple-s-session"
    assert rules.slug_of("Éva Müller", {"eva-muller", "eva-muller-2"}) == "eva-muller-3"
    assert rules.slug_of("初回", set()) == "offer"
    assert len(rules.slug_of("x" * 120, {"x" * 48})) <= 64


def test_one_of_them_goes_to_its_place_and_the_others_keep_their_order() -> None:
    ids = [b"a", b"b", b"c"]
    assert rules.in_order(ids, b"c", 1) == [b"c", b"a", b"b"]
    assert rules.in_order(ids, b"a", 2) == [b"b", b"a", b"c"]
    assert rules.in_order(ids, b"n", 999) == [b"a", b"b", b"c", b"n"]
