"""The settings of providers and of staff: each flaw stops the start and is named."""

import json

import pytest

from telehealth.providers import (
    BadProvider,
    FirstAdministrator,
    first_administrator_from,
    providers_from,
    staff_from,
)
from telehealth.settings import BadSetting, Settings
from tests.unit.settings.test_service import GOOD

ONE = {
    "id": "one",
    "name": "One",
    "issuer": "https://login.example/realm",
    "client_id": "telehealth",
    "client_secret": "sixteen letters.",
}
LISTED = {"issuer": ONE["issuer"], "subject": "248289761001", "role": "therapist"}


def test_a_provider_confers_nothing_and_proves_nothing_unless_told() -> None:
    (provider,) = providers_from(json.dumps([ONE]))
    assert provider.roles == {}
    assert not provider.registers
    assert not provider.lacks_auth_time
    assert provider.strong_amr is None
    assert provider.strong_acr == provider.origins == ()
    assert provider.scope == "openid email"


def test_everything_a_provider_may_be_told_is_read() -> None:
    told = {
        "roles": {"therapists": "therapist", "office": "administrator"},
        "groups_scope": "memberOf",
        "registers": True,
        "prompt": "select_account",
        "lacks_auth_time": True,
        "strong_amr": ["mfa", "ngcmfa"],
        "strong_acr": ["urn:clinic:two"],
        "origins": ["https://broker.example"],
    }
    (provider,) = providers_from(json.dumps([{**ONE, **told}]))
    assert provider.roles == told["roles"]
    assert provider.registers
    assert (provider.prompt, provider.lacks_auth_time) == ("select_account", True)
    assert provider.scope == "openid email memberOf"
    assert provider.strong_amr == frozenset({"mfa", "ngcmfa"})
    assert provider.strong_acr == ("urn:clinic:two",)
    assert provider.origins == ("https://broker.example",)


def test_a_secret_is_not_in_what_is_printed() -> None:
    (provider,) = providers_from(json.dumps([ONE]))
    assert "sixteen" not in repr(provider)


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        ({"id": ""}, "a text as id"),
        ({"id": "Über"}, "an id of small letters"),
        ({"id": "passkey"}, "not passkey"),
        ({"name": 7}, "a text as name"),
        ({"groups_scope": None}, "as groups_scope"),
        ({"groups_scope": "groups email"}, "as groups_scope"),
        ({"issuer": "http://login.example"}, "no https address"),
        ({"issuer": "login.example"}, "no https address"),
        ({"issuer": "https://login.example?realm=1"}, "no https address"),
        ({"client_secret": "short"}, "a weak client_secret"),
        ({"roles": {"therapists": "owner"}}, "a role that does not exist"),
        ({"roles": ["therapist"]}, 'an object as "roles"'),
        ({"registers": "yes"}, "true or false"),
        ({"lacks_auth_time": 1}, "true or false"),
        ({"prompt": "none"}, "login, select_account, consent as prompt"),
        ({"strong_amr": "mfa"}, "a list of texts as strong_amr"),
        ({"strong_acr": [2]}, "a list of texts as strong_acr"),
        ({"strong_arm": ["mfa"]}, "a field that nothing reads: strong_arm"),
        ({"origins": ["https://login.example/path"]}, "origins such as"),
        ({"origins": ["javascript:1"]}, "origins such as"),
    ],
)
def test_a_flaw_in_a_provider_is_named(flaw: dict[str, object], said: str) -> None:
    with pytest.raises(BadProvider, match=said):
        providers_from(json.dumps([{**ONE, **flaw}]))


@pytest.mark.parametrize("text", ["", "{", "{}", "[1]", "[]"])
def test_what_is_no_list_of_providers_is_refused(text: str) -> None:
    with pytest.raises(BadProvider):
        providers_from(text)


@pytest.mark.parametrize(
    ("what", "other"), [("id", {"issuer": "https://b.example"}), ("issuer", {"id": "b"})]
)
def test_two_providers_share_neither_id_nor_issuer(what: str, other: dict[str, str]) -> None:
    with pytest.raises(BadProvider, match=f"the same {what}"):
        providers_from(json.dumps([ONE, {**ONE, **other}]))


def test_staff_are_listed_by_issuer_and_subject() -> None:
    providers = providers_from(json.dumps([ONE]))
    assert staff_from(json.dumps([LISTED]), providers) == {(ONE["issuer"], "248289761001"): "therapist"}
    assert staff_from("[]", providers) == {}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{**LISTED, "issuer": "https://elsewhere.example"}], "none of PROVIDERS"),
        ([{**LISTED, "role": "client"}], "is for staff"),
        ([{**LISTED, "role": "owner"}], "a role that does not exist"),
        ([{**LISTED, "subject": 248289761001}], "a text as subject"),
        ([{**LISTED, "email": "a@b.example"}], "and nothing else"),
        ([LISTED, {**LISTED, "role": "administrator"}], "the same account twice"),
    ],
)
def test_a_flaw_in_the_list_of_staff_is_named(rows: list[dict[str, object]], said: str) -> None:
    with pytest.raises(BadProvider, match=said):
        staff_from(json.dumps(rows), providers_from(json.dumps([ONE])))


def test_both_are_settings_and_a_bad_one_stops_the_start() -> None:
    environment = {**GOOD, "PROVIDERS": json.dumps([ONE]), "STAFF": json.dumps([LISTED])}
    settings = Settings.from_environment(environment)
    assert settings.staff == {(ONE["issuer"], "248289761001"): "therapist"}
    assert "248289761001" not in repr(settings)
    with pytest.raises(BadSetting, match=r"STAFF .*none of PROVIDERS.*docs/providers\.md"):
        Settings.from_environment({**GOOD, "STAFF": json.dumps([LISTED])})
    with pytest.raises(BadSetting, match="PROVIDERS has a field that nothing reads"):
        Settings.from_environment({**GOOD, "PROVIDERS": json.dumps([{**ONE, "scope": "x"}])})


FIRST = {"issuer": ONE["issuer"], "email": "ada@clinic.example"}


def test_the_first_administrator_is_named_by_subject_or_by_address() -> None:
    known = providers_from(json.dumps([ONE]))
    assert first_administrator_from(json.dumps(FIRST), known) == FirstAdministrator(**FIRST)
    by_subject = {"issuer": ONE["issuer"], "subject": "248289761001"}
    assert first_administrator_from(json.dumps(by_subject), known) == FirstAdministrator(**by_subject)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ada@clinic.example", "not JSON"),
        ("[]", "must be an object"),
        (json.dumps({**FIRST, "subject": "1"}), "either"),
        (json.dumps({"issuer": ONE["issuer"]}), "either"),
        (json.dumps({**FIRST, "email": ""}), "a text as email"),
        (json.dumps({**FIRST, "issuer": "https://elsewhere.example"}), "none of PROVIDERS"),
    ],
)
def test_a_first_administrator_that_fits_nothing_is_refused(text: str, said: str) -> None:
    with pytest.raises(BadProvider, match=said):
        first_administrator_from(text, providers_from(json.dumps([ONE])))


def test_a_first_administrator_is_read_and_stops_the_start_where_it_is_wrong() -> None:
    told = {**GOOD, "PROVIDERS": json.dumps([ONE])}
    assert Settings.from_environment(told).first_administrator is None
    good = Settings.from_environment({**told, "FIRST_ADMINISTRATOR": json.dumps(FIRST)})
    assert good.first_administrator == FirstAdministrator(**FIRST)
    with pytest.raises(BadSetting, match=r"^FIRST_ADMINISTRATOR is not JSON"):
        Settings.from_environment({**told, "FIRST_ADMINISTRATOR": "ada"})
