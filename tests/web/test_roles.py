"""Which role somebody has after a sign-in whose question the browser had a hand in."""

from dataclasses import replace

import httpx2
import pytest

from telehealth.people import accounts, rules
from telehealth.providers import FirstAdministrator
from tests.authenticator import Authenticator
from tests.people import ADMIN
from tests.web.browser import Browser
from tests.web.dance import Dance, code_of
from tests.web.hostile_provider import LEFT_OUT, HostileProvider
from tests.web.test_passkeys import CODE, CONFIRM, added, proven

TWO = {"groups": ["therapists"], "amr": ["mfa"]}
ONE = {"groups": ["therapists"], "amr": ["pwd"]}
NO_MORE = {"groups": [], "amr": ["pwd"]}


async def therapist(dance: Dance, provider: HostileProvider) -> Browser:
    """A therapist's browser; the provider proved two factors."""
    dance.know(roles={"therapists": "therapist"})
    provider.claims = TWO
    return await dance.come_in()


async def refused(dance: Dance) -> str:
    browser = await dance.site.browser()
    answer = await dance.sign_in(browser)
    assert answer.status_code == 403, answer.text
    assert await dance.session_of(browser) is None
    return code_of(answer)


@pytest.mark.parametrize("claim", [LEFT_OUT, None, "therapists", {"therapists": True}], ids=str)
async def test_no_word_about_groups_is_not_the_same_as_no_groups(
    dance: Dance, provider: HostileProvider, claim: object
) -> None:
    staff = await therapist(dance, provider)
    provider.claims = {"groups": claim, "amr": ["pwd"]}
    assert await refused(dance) == "login_without_groups"
    session = await dance.session_of(staff)
    assert session is not None
    assert session.person.role == "therapist"


async def test_a_question_without_the_scope_of_groups_signs_nobody_in(
    dance: Dance, provider: HostileProvider
) -> None:
    await therapist(dance, provider)
    provider.claims = {"groups": LEFT_OUT, "amr": ["pwd"]}
    provider.tokens = {"scope": "openid email"}
    assert await refused(dance) == "login_without_groups"
    provider.claims = {"groups": []}
    assert await refused(dance) == "login_without_groups"


async def test_a_provider_that_leaves_an_empty_claim_out_says_that_the_scope_was_granted(
    dance: Dance, provider: HostileProvider
) -> None:
    dance.know(roles={"therapists": "therapist"})
    provider.tokens = {"scope": "openid email groups"}
    session = await dance.session_of(await dance.come_in())
    assert session is not None
    assert (session.person.role, session.pending) == ("client", False)


async def test_groups_are_asked_for_where_they_confer_roles_alone(
    dance: Dance, provider: HostileProvider
) -> None:
    await dance.come_in()
    dance.know(roles={"therapists": "therapist"})
    provider.claims = TWO
    await dance.come_in()
    dance.know(roles={"therapists": "therapist"}, groups_scope="")
    await dance.come_in()
    asked = [question["scope"] for question in provider.questions]
    assert asked == ["openid email", "openid email groups", "openid email"]


async def test_with_one_factor_a_therapist_is_no_client_either(
    dance: Dance, provider: HostileProvider
) -> None:
    staff = await therapist(dance, provider)
    provider.claims = NO_MORE
    browser = await dance.site.browser()
    answer = await dance.sign_in(browser)
    assert answer.headers["location"].startswith("/auth/second-step")
    for path in ("/appointments", "/privacy", "/profile"):
        assert (await browser.get(path)).headers["location"].startswith("/auth/sign-in")
    for path in ("/privacy/export", "/privacy/erasure"):
        assert (await browser.post(path, {"word": "erase"})).status_code == 401
    assert (await staff.get("/today")).status_code == 200


async def test_the_second_step_gives_the_role_that_the_sign_in_was_for(
    dance: Dance, provider: HostileProvider
) -> None:
    staff = await therapist(dance, provider)
    device = Authenticator()
    assert (await added(staff, device)).status_code == 201
    provider.claims = NO_MORE
    browser = await dance.come_in()
    assert (await proven(browser, CONFIRM, device)).json() == {"next": "/appointments"}
    browser.client.cookies.delete("sid", domain="")
    session = await dance.session_of(browser)
    assert session is not None
    assert (session.person.role, session.role, session.pending) == ("client", "client", False)
    assert await dance.session_of(staff) is None


async def test_a_client_who_becomes_staff_is_seen_by_an_administrator_and_half_in(
    dance: Dance, provider: HostileProvider
) -> None:
    dance.know(roles={"therapists": "therapist"})
    provider.tokens = {"scope": "openid email groups"}
    before = await dance.come_in()
    provider.claims = ONE
    browser = await dance.come_in()
    session = await dance.session_of(browser)
    assert session is not None
    assert (session.person.role, session.pending) == ("therapist", True)
    assert await dance.session_of(before) is None
    code = CODE.search((await codes(dance, session.person.id)).text)
    assert code is not None
    assert (await added(browser, Authenticator(), code=code[1])).json() == {"next": "/today"}


async def test_another_role_hangs_up_what_the_one_before_had_open(
    dance: Dance, provider: HostileProvider
) -> None:
    staff = await therapist(dance, provider)
    device, before = Authenticator(), await dance.session_of(staff)
    await added(staff, device)
    hung_up: list[bytes] = []
    dance.site.app.state.hang_up = hung_up.extend
    provider.claims = NO_MORE
    browser = await dance.come_in()
    assert hung_up == []
    await proven(browser, CONFIRM, device)
    assert before is not None
    assert hung_up == [before.id]
    hung_up.clear()
    provider.claims = TWO
    session = await dance.session_of(await dance.come_in())
    assert session is not None
    assert len(hung_up) == 1  # the client's session of a moment ago
    assert session.id not in hung_up


@pytest.mark.parametrize("verified", [True, False])
async def test_the_first_administrator_comes_in_by_a_verified_address(
    dance: Dance, provider: HostileProvider, verified: bool
) -> None:
    named = FirstAdministrator(provider.issuer, email="ada@clinic.example")
    known = (provider.settings(),)
    settings = replace(dance.site.settings, providers=known, demo=False, first_administrator=named)
    dance.site = replace(dance.site, settings=settings)
    async with dance.site.office.database.transaction() as connection:
        await accounts.set_disabled(connection, ADMIN.id, dance.site.clock())
    provider.claims = {"email": "Ada@clinic.example", "email_verified": verified, "amr": ["mfa"]}
    answer = await dance.sign_in()
    assert answer.headers["location"] == ("/clinic" if verified else "/appointments")


async def codes(dance: Dance, colleague: bytes) -> httpx2.Response:
    """An administrator vouches for somebody."""
    administrator = await dance.site.browser(ADMIN)
    return await administrator.post("/clinic/passkey-codes", {"colleague": colleague.hex()})


def test_every_role_has_its_place_among_the_strongest() -> None:
    assert set(rules.STRONGEST_FIRST) == set(rules.IDLE) - {"client"}
