"""Coming along: an account of one's own, time of one's own, words of one's own, and nobody told of anything else."""

import asyncio
from datetime import timedelta
from types import NoneType

import pytest

from telehealth.appointments import acts as appointments
from telehealth.appointments import store
from telehealth.audit.office import Office
from telehealth.clinic import store as clinic_store
from telehealth.couples import acts
from telehealth.couples.acts import Said, Way
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.person import Person
from tests.people import ADMIN, COUPLE, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import BERLIN, TEN, new_key, taken, told_beside
from tests.unit.couples.scene import (
    AFTERWARDS,
    a_couple,
    a_link,
    asked,
    book_for_two,
    busy_elsewhere,
    come_along,
)
from tests.unit.privacy.scene import types_about


async def kinds(office: Office, person: Person) -> list[str]:
    return [each.kind for each in await told_beside(office, person)]


async def test_who_opens_a_link_reads_by_whom_when_and_what(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office, reason="Words of Rosa's own")
    found = await asked(office, MIKA, await a_link(office, made.id))
    assert (found.name, found.starts_at, found.service.slug) == ("Rosa Example-Lindqvist", TEN, "couple")
    assert (found.secrets, found.own) == ("none", False)
    assert (await types_about(office, ROSA.id))[-1] == "record.look"


async def test_coming_along_takes_ones_own_time_and_tells_both(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office, reason="Words of Rosa's own")
    said = Said(name=None, reason="Words of Mika's own", agrees=True)
    await come_along(office, made.id, link=await a_link(office, made.id), said=said)
    assert {party for party, *_ in await taken(office)} == {MIKA.id, NADIA.id, ROSA.id}
    hers = await appointments.appointment(office, ROSA, made.id)
    his = await appointments.appointment(office, MIKA, made.id)
    assert (hers.reason, his.reason) == ("Words of Rosa's own", "Words of Mika's own")
    assert (hers.other_names, his.other_names) == (("Mika Example",), ("Rosa Example-Lindqvist",))
    assert (hers.company, his.company) == ("together", "together")
    assert await kinds(office, ROSA) == ["partner_joined"]
    assert await kinds(office, MIKA) == ["partner_yours"]
    assert "partner.join" in await types_about(office, ROSA.id)
    assert "partner.join" in await types_about(office, MIKA.id)


async def test_where_three_may_come_a_third_comes_along_and_a_fourth_does_not(
    office: Office, clinic: Clinic
) -> None:
    """Each of those who come invites; each is told of whoever comes."""
    async with office.database.transaction() as connection:
        await clinic_store.change_service(connection, COUPLE.id, {"seats": 3})
    made = await book_for_two(office)
    await come_along(office, made.id, MIKA, link=await a_link(office, made.id))
    assert (await acts.company(office, ROSA, made.id)).may_invite
    said = Said(name="Sam", reason="", agrees=True)
    await come_along(office, made.id, STRANGER, link=await a_link(office, made.id, MIKA), said=said)
    assert {party for party, *_ in await taken(office)} == {MIKA.id, NADIA.id, ROSA.id, STRANGER.id}
    assert await kinds(office, ROSA) == ["partner_joined", "partner_joined"]
    assert (await kinds(office, MIKA)).count("partner_joined") == 1
    hers = await appointments.appointment(office, STRANGER, made.id)
    assert (hers.company, len(hers.client_ids), hers.reason) == ("together", 3, None)
    with pytest.raises(Conflict, match="Nobody is missing"):
        await a_link(office, made.id)
    await acts.leave(office, MIKA, made.id, new_key())
    assert (await appointments.appointment(office, ROSA, made.id)).company == "together"


async def test_the_therapist_reads_what_both_wrote(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office, reason="Words of Rosa's own")
    await come_along(
        office, made.id, link=await a_link(office, made.id), said=Said(None, "Words of Mika's own", True)
    )
    assert (await appointments.appointment(office, NADIA, made.id)).reason == (
        "Words of Mika's own\n\nWords of Rosa's own"
    )


async def test_a_link_works_once(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    key = new_key()
    assert await come_along(office, made.id, link=link, key=key) == made.id
    assert await come_along(office, made.id, link=link, key=key) == made.id
    with pytest.raises(NotFound) as refused:
        await come_along(office, made.id, STRANGER, link=link, said=Said("Sam", "", True))
    assert refused.value.code == "invitation_gone"


async def test_of_two_at_once_one_comes_along(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    said = await asyncio.gather(
        come_along(office, made.id, MIKA, link=link),
        come_along(office, made.id, STRANGER, link=link, said=Said("Sam", "", True)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in said) == ["NotFound", "bytes"]
    assert len(await taken(office)) == 3


async def test_a_clash_is_told_to_who_has_it_and_stands_on_nobody_elses_record(
    office: Office, clinic: Clinic
) -> None:
    await busy_elsewhere(office, MIKA)
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    before = await types_about(office, ROSA.id)
    with pytest.raises(Conflict) as refused:
        await come_along(office, made.id, link=link)
    assert (refused.value.code, refused.value.about) == ("you_are_booked_then", ("person", MIKA.id))
    assert await types_about(office, ROSA.id) == before
    assert await kinds(office, ROSA) == []
    assert (await appointments.appointment(office, ROSA, made.id)).company == "waiting"
    assert (await asked(office, MIKA, link)).appointment_id == made.id


async def test_what_is_offered_instead_is_free_for_who_is_asked_and_asks_nobody_else(
    office: Office, clinic: Clinic
) -> None:
    made = await book_for_two(office)
    found = await acts.look(office, MIKA, link=await a_link(office, made.id))
    open_then = await acts.other_times(office, MIKA, found, BERLIN)
    await busy_elsewhere(office, ROSA, open_then[0].start)
    assert await acts.other_times(office, MIKA, found, BERLIN) == open_then
    await busy_elsewhere(office, MIKA, open_then[-1].start)
    assert open_then[-1] not in await acts.other_times(office, MIKA, found, BERLIN)


@pytest.mark.parametrize("person", [NADIA, OMAR, DESK, ADMIN])
async def test_staff_come_along_with_nobody(office: Office, clinic: Clinic, person: Person) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    with pytest.raises(NotFound):
        await asked(office, person, link)
    with pytest.raises(NotFound):
        await come_along(office, made.id, person, link=link)


async def test_nobody_comes_along_with_themselves(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    assert (await asked(office, ROSA, link)).own
    with pytest.raises(Conflict) as refused:
        await come_along(office, made.id, ROSA, link=link)
    assert refused.value.code == "joined_already"


async def test_without_consent_or_a_name_nothing_happens(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    for person, said, field in (
        (MIKA, Said(None, "", False), "agrees"),
        (STRANGER, Said(None, "", True), "name"),
    ):
        with pytest.raises(Invalid) as refused:
            await come_along(office, made.id, person, link=link, said=said)
        assert set(refused.value.fields) == {field}
    assert (await asked(office, MIKA, link)).appointment_id == made.id


async def test_a_no_is_told_and_the_time_stays(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    await acts.decline(office, MIKA, Way(made.id, link), new_key())
    assert (await appointments.appointment(office, ROSA, made.id)).company == "alone"
    assert await kinds(office, ROSA) == ["partner_declined"]
    with pytest.raises(NotFound):
        await asked(office, MIKA, link)


async def test_who_does_not_want_to_be_asked_again_is_not(office: Office, clinic: Clinic) -> None:
    await a_couple(office)
    made = await book_for_two(office, start=AFTERWARDS, same_partner=True)
    await acts.decline(office, MIKA, Way(made.id), new_key(), never_again=True)
    heard = await kinds(office, MIKA)
    again = await book_for_two(office, start=AFTERWARDS + timedelta(days=1), same_partner=True)
    assert await kinds(office, MIKA) == heard
    with pytest.raises(NotFound):
        await come_along(office, again.id)


async def test_another_time_is_passed_on_and_nothing_moves(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    way = Way(made.id, await a_link(office, made.id))
    found = await acts.look(office, MIKA, link=way.link)
    (other, *_) = await acts.other_times(office, MIKA, found, BERLIN)
    await acts.suggest(office, MIKA, way, other.start, new_key(), BERLIN)
    (told,) = await told_beside(office, ROSA)
    assert (told.kind, told.body["instead"]) == ("partner_suggests", other.start.isoformat())
    with pytest.raises(Invalid):
        await acts.suggest(office, MIKA, way, TEN.replace(hour=3), new_key(), BERLIN)
    assert (await appointments.appointment(office, ROSA, made.id)).starts_at == TEN


async def test_a_stranger_is_asked_to_nothing(office: Office, clinic: Clinic) -> None:
    await a_couple(office)
    made = await book_for_two(office, start=AFTERWARDS, same_partner=True)
    for way in (Way(made.id), Way(made.id, bytes(32))):
        with pytest.raises(NotFound):
            await acts.join(office, STRANGER, way, Said("Sam", "", True), new_key())


async def test_of_coming_along_and_booking_alone_at_once_one_has_the_time(
    office: Office, clinic: Clinic
) -> None:
    made = await book_for_two(office)
    said = await asyncio.gather(
        come_along(office, made.id, link=await a_link(office, made.id)),
        busy_elsewhere(office, MIKA),
        return_exceptions=True,
    )
    assert [type(each) for each in said] in ([bytes, AssertionError], [Conflict, NoneType])
    assert [party for party, *_ in await taken(office)].count(MIKA.id) == 1


async def test_a_request_that_is_not_confirmed_yet_is_shared_as_such(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    await office.act(NADIA, lambda work: store.move(work.connection, made.id, was="booked", becomes="asked"))
    await come_along(office, made.id, link=link)
    assert {state for *_, state in await taken(office)} == {"asked"}
