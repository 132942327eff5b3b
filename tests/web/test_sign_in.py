"""What a sign-in through a provider comes to: role, second step, address, cookie; and several providers."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from telehealth.audit.office import Work
from telehealth.people import accounts, store
from telehealth.person import Person
from telehealth.providers import Provider, Staff
from tests.unit.people.scene import entries
from tests.web.dance import Dance
from tests.web.hostile_provider import LEFT_OUT, SUBJECT, HostileProvider, by_hand

ROLES = {"therapists": "therapist", "office": "administrator"}
HOME = {"client": "/appointments", "therapist": "/today", "administrator": "/clinic"}


async def signed_in(dance: Dance) -> Person:
    """Who came in, through a browser of their own."""
    session = await dance.session_of(await dance.come_in())
    assert session is not None
    return session.person


async def email_of(dance: Dance, person: Person) -> str | None:
    async def act(work: Work) -> str | None:
        return (await store.profile_of(work.connection, work.ring, person.id))[1]

    return await dance.site.office.act(person, act)


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ([], "client"),
        (["administrator"], "client"),  # a group of that name confers nothing by itself
        (["therapists"], "therapist"),
        (["therapists", "office"], "administrator"),
        ([["therapists"], 7, None], "client"),
    ],
    ids=str,
)
async def test_a_provider_confers_the_roles_its_settings_say(
    dance: Dance, provider: HostileProvider, groups: object, role: str
) -> None:
    dance.know(roles=ROLES)
    provider.claims = {"groups": groups, "amr": ["mfa"]}
    answer = await dance.sign_in()
    assert answer.headers["location"] == HOME[role]


async def test_groups_at_the_userinfo_endpoint_count_as_well(dance: Dance, provider: HostileProvider) -> None:
    dance.know(roles=ROLES)
    provider.userinfo = {"groups": ["therapists"]}
    assert (await signed_in_pending(dance)).role == "therapist"


async def signed_in_pending(dance: Dance) -> Person:
    session = await dance.session_of(await dance.come_in())
    assert session is not None
    assert session.pending
    return session.person


async def test_the_clinics_own_list_says_who_works_here(dance: Dance, provider: HostileProvider) -> None:
    provider.claims = {"groups": ["office"], "amr": ["mfa"]}
    listed: Staff = {(provider.issuer, SUBJECT): "therapist"}
    dance.site = replace(dance.site, settings=replace(dance.site.settings, staff=listed))
    assert (await signed_in(dance)).role == "therapist"
    provider.subject = "somebody-else"
    assert (await signed_in(dance)).role == "client"


async def test_who_is_taken_off_the_list_is_a_client_from_the_next_sign_in_on(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.claims = {"amr": ["mfa"]}
    unlisted = dance.site
    listed: Staff = {(provider.issuer, SUBJECT): "administrator"}
    dance.site = replace(unlisted, settings=replace(unlisted.settings, staff=listed))
    before = await dance.come_in()
    dance.site = unlisted
    assert (await signed_in(dance)).role == "client"
    assert await dance.session_of(before) is None  # what was opened for an administrator ends


@pytest.mark.parametrize("amr", [LEFT_OUT, ["pwd"], ["otp"], "mfa", [{"mfa": True}]], ids=str)
async def test_staff_with_one_factor_are_led_to_the_second_step_and_are_nobody_until_then(
    dance: Dance, provider: HostileProvider, amr: object
) -> None:
    dance.know(roles=ROLES)
    provider.claims = {"groups": ["therapists"], "amr": amr}
    browser = await dance.site.browser()
    if amr == "mfa":  # amr is a list, or the token is refused
        assert (await dance.sign_in(browser)).status_code == 403
        return
    answer = await dance.sign_in(browser, next="/today?day=2026-11-24")
    assert answer.headers["location"] == "/auth/second-step?next=%2Ftoday%3Fday%3D2026-11-24"
    assert (await browser.get("/today")).headers["location"].startswith("/auth/sign-in")
    assert (await browser.get("/auth/second-step")).status_code == 200
    session = await dance.session_of(browser)
    assert session is not None
    assert await entries(dance.site.office, session.person) == [("session.begin", "success")]


@pytest.mark.parametrize(
    ("settings", "claims"),
    [
        ({}, {"amr": ["mfa"]}),
        ({}, {"amr": ["pwd", "otp"]}),
        ({"strong_amr": frozenset({"ngcmfa"})}, {"amr": ["ngcmfa"]}),
        ({"strong_acr": ("urn:clinic:two",)}, {"acr": "urn:clinic:two"}),
    ],
    ids=str,
)
async def test_staff_with_two_factors_are_in(
    dance: Dance, provider: HostileProvider, settings: dict[str, object], claims: dict[str, object]
) -> None:
    dance.know(roles=ROLES, **settings)
    provider.claims = {"groups": ["therapists"], **claims}
    browser = await dance.come_in()
    assert (await browser.get("/today")).status_code == 200


@pytest.mark.parametrize(
    ("claims", "userinfo", "kept"),
    [
        ({"email": "a@mail.example", "email_verified": True}, {}, "a@mail.example"),
        ({}, {"email": "a@mail.example", "email_verified": True}, "a@mail.example"),
        ({"email": "a@mail.example"}, {}, None),
        ({"email": "a@mail.example", "email_verified": False}, {}, None),
        ({"email": "a@mail.example", "email_verified": "true"}, {}, None),
        ({"email": "a@mail.example", "email_verified": 1}, {}, None),
        ({"email": "victim@mail.example"}, {"email_verified": True}, None),
        (
            {"email": "victim@mail.example"},
            {"email": "own@mail.example", "email_verified": True},
            "own@mail.example",
        ),
        ({"email_verified": True}, {"email": "victim@mail.example"}, None),
        ({"email": ["a@mail.example"], "email_verified": True}, {}, None),
        ({"email": "a" * 250 + "@b.example", "email_verified": True}, {}, None),
    ],
    ids=str,
)
async def test_an_address_is_kept_only_where_the_same_place_says_that_it_is_verified(
    dance: Dance,
    provider: HostileProvider,
    claims: dict[str, object],
    userinfo: dict[str, object],
    kept: str | None,
) -> None:
    provider.claims, provider.userinfo = claims, userinfo
    assert await email_of(dance, await signed_in(dance)) == kept


async def test_an_address_never_leads_to_somebody_elses_account(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.claims = {"email": "shared@mail.example", "email_verified": True}
    one = await signed_in(dance)
    provider.subject = "somebody-else"
    assert (await signed_in(dance)).id != one.id


async def test_every_sign_in_has_a_cookie_of_its_own_and_ends_what_the_browser_had(dance: Dance) -> None:
    browser = await dance.come_in()
    first = browser.client.cookies["sid"]
    assert (await dance.sign_in(browser)).status_code == 303
    assert browser.client.cookies["sid"] != first
    assert await dance.session_behind(first) is None
    assert await dance.session_of(browser) is not None


async def test_a_cookie_from_before_the_sign_in_opens_nothing_after_it(dance: Dance) -> None:
    planted = "A" * 43
    browser = await dance.site.browser()
    browser.client.cookies.set("sid", planted)
    assert (await dance.sign_in(browser)).status_code == 303
    assert await dance.session_behind(planted) is None


async def test_the_question_asks_who_it_is_and_when_that_was(dance: Dance, provider: HostileProvider) -> None:
    await dance.come_in()
    dance.know(registers=True)
    await dance.come_in(register="1")
    dance.know(prompt="select_account")
    await dance.come_in()
    assert [question["prompt"] for question in provider.questions] == ["login", "create", "select_account"]
    first, second, _ = provider.questions
    for question in (first, second):
        assert question["max_age"] == "300"
        assert question["scope"] == "openid email"
        assert question["redirect_uri"].endswith("/auth/callback/practice")
    assert first["nonce"] != second["nonce"]
    assert first["state"] != second["state"]


async def test_a_closed_account_does_not_come_in_and_is_told_so(dance: Dance) -> None:
    person = await signed_in(dance)
    async with dance.site.office.database.transaction() as connection:
        await accounts.set_disabled(connection, person.id, dance.site.clock())
    answer = await dance.sign_in()
    assert answer.status_code == 403
    assert "account_disabled" in answer.text
    assert (await entries(dance.site.office, person))[-1] == ("person.refused", "refused")


async def test_with_several_providers_one_chooses_and_each_has_its_own_way_back(
    dance: Dance, provider: HostileProvider
) -> None:
    other = Provider("clinic", "Clinic account", "http://127.0.0.1:9", "telehealth", "secret")
    both = (other, provider.settings(registers=True))
    dance.site = replace(dance.site, settings=replace(dance.site.settings, providers=both))
    browser = await dance.site.browser()
    page = (await browser.get("/auth/sign-in?next=/times")).text
    assert "With Clinic account" in page
    assert "With Practice account" in page
    assert page.count("I am new here") == 1  # at the one that registers
    answer = await browser.post("/auth/sign-in", {"next": "/times"})
    assert answer.headers["location"] == "/auth/sign-in?next=%2Ftimes"
    answer = await browser.post("/auth/sign-in", {"provider": "practice", "next": "/times"})
    question = parse_qs(urlsplit(answer.headers["location"]).query)
    assert question["redirect_uri"] == ["http://localhost:8000/auth/callback/practice"]
    back = await browser.get(await dance.at_provider(answer.headers["location"]))
    assert back.headers["location"] == "/times"
    assert (await browser.post("/auth/sign-in", {"provider": "nowhere"})).status_code == 422


async def test_forms_may_lead_to_every_provider_and_where_it_leads_on(
    dance: Dance, provider: HostileProvider
) -> None:
    dance.know(origins=("https://broker.example",))
    policy = (await (await dance.site.browser()).get("/auth/sign-in")).headers["content-security-policy"]
    targets = policy.split("form-action ")[1].split(";")[0].split()
    assert {provider.issuer, "https://broker.example"} < set(targets)


@pytest.mark.parametrize("name", ["acr", "sid", "email"])
@pytest.mark.parametrize("lie", ["a\x00b", "a\ud800b", "a\nb", 7, "", "a" * 400], ids=ascii)
async def test_a_claim_that_cannot_be_written_down_is_left_aside(
    dance: Dance, provider: HostileProvider, name: str, lie: object
) -> None:
    provider.signed = lambda header, claims: by_hand(provider, header, {**claims, name: lie})
    provider.claims = {"email_verified": True}
    session = await dance.session_of(await dance.come_in())
    assert session is not None


async def test_over_tls_both_cookies_of_a_sign_in_are_strict(dance: Dance, provider: HostileProvider) -> None:
    settings = replace(dance.site.settings, public_url="https://clinic.example")
    dance.site = replace(dance.site, settings=settings)
    browser = await dance.site.browser()
    browser.client.base_url = httpx2.URL("https://clinic.example")
    begun = await browser.post("/auth/sign-in", Origin="https://clinic.example")
    under_way = begun.headers["set-cookie"]
    assert under_way.startswith("__Secure-login=")
    came = await browser.get(await dance.at_provider(begun.headers["location"]))
    opened = next(each for each in came.headers.get_list("set-cookie") if each.startswith("__Host-sid="))
    for cookie, path in ((under_way, "/auth"), (opened, "/")):
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "secure", "samesite=lax", f"path={path}"} <= parts
        assert not any(part.startswith("domain") for part in parts)
    assert "max-age=600" in under_way.lower()
    assert "max-age" not in opened.lower(), "it goes when the browser is closed"
