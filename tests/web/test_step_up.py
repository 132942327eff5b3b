"""Confirming at the provider that it is you: the same session under a new cookie, or everything as it was."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from telehealth.people.models import sessions
from tests.people import ROSA
from tests.unit.people.scene import entries
from tests.web.browser import Browser
from tests.web.dance import Dance, code_of
from tests.web.hostile_provider import LEFT_OUT, HostileProvider

STEP_UP = "/auth/step-up"
GUARDED = "/passkeys"  # a page that needs somebody who proved just now who they are
STAFF = {"groups": ["therapists"], "amr": ["mfa"]}


async def client(dance: Dance) -> Browser:
    """A client's browser, six minutes after the sign-in."""
    browser = await dance.come_in()
    assert (await browser.get(GUARDED)).status_code == 200
    dance.site.clock.advance(minutes=6)
    assert (await browser.get(GUARDED)).headers["location"] == f"{STEP_UP}?next={GUARDED}"
    return browser


async def therapist(dance: Dance, provider: HostileProvider) -> Browser:
    """A therapist's, whose provider proved two factors at the sign-in."""
    dance.know(roles={"therapists": "therapist"}, strong_acr=("two",))
    provider.claims = STAFF
    return await client(dance)


async def refused(dance: Dance, browser: Browser, path: str) -> str:
    """The code of the refusal; the session is as it was, under the same cookie, and not stepped up."""
    before, cookie = await dance.session_of(browser), browser.client.cookies["sid"]
    answer = await browser.get(path)
    assert answer.status_code == 403, answer.text
    assert f'href="{STEP_UP}' in answer.text
    assert browser.client.cookies["sid"] == cookie
    assert before is not None
    after = await dance.session_of(browser)
    assert after is not None
    assert (after.id, after.stepped_up_at, after.signed_in_at) == (before.id, None, before.signed_in_at)
    assert (await browser.get(GUARDED)).status_code == 303
    return code_of(answer)


async def test_the_same_session_goes_on_under_a_new_cookie(dance: Dance, provider: HostileProvider) -> None:
    browser = await client(dance)
    before, cookie = await dance.session_of(browser), browser.client.cookies["sid"]
    answer = await browser.get(await dance.begin(browser, STEP_UP, next=GUARDED))
    assert (answer.status_code, answer.headers["location"]) == (303, GUARDED)
    assert browser.client.cookies["sid"] != cookie
    assert await dance.session_behind(cookie) is None
    after = await dance.session_of(browser)
    assert before is not None
    assert after is not None
    assert (after.id, after.stepped_up_at) == (before.id, dance.site.clock())
    assert (await browser.get(GUARDED)).status_code == 200
    assert ("session.step_up", "success") in await entries(dance.site.office, after.person)


async def test_the_provider_is_told_to_ask_again(dance: Dance, provider: HostileProvider) -> None:
    await dance.begin(await client(dance), STEP_UP)
    question = provider.questions[-1]
    assert (question["prompt"], question["max_age"]) == ("login", "300")
    assert "acr_values" not in question


async def test_staff_are_asked_for_what_proves_two_factors(dance: Dance, provider: HostileProvider) -> None:
    await dance.begin(await therapist(dance, provider), STEP_UP)
    assert provider.questions[-1]["acr_values"] == "two"


async def test_it_ends_after_five_minutes(dance: Dance) -> None:
    browser = await client(dance)
    await browser.get(await dance.begin(browser, STEP_UP))
    dance.site.clock.advance(minutes=5)
    assert (await browser.get(GUARDED)).status_code == 303


async def test_somebody_else_at_the_provider_confirms_nothing(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await client(dance)
    session = await dance.session_of(browser)
    assert session is not None
    provider.subject = "somebody-else"
    path = await dance.begin(browser, STEP_UP, next=GUARDED)
    assert await refused(dance, browser, path) == "step_up_other_account"
    assert (await entries(dance.site.office, session.person))[-1] == ("person.refused", "refused")
    await dance.come_in()  # and they have an account here already
    path = await dance.begin(browser, STEP_UP, next=GUARDED)
    assert await refused(dance, browser, path) == "step_up_other_account"


@pytest.mark.parametrize("minutes", [LEFT_OUT, 2, 4, 60 * 24], ids=str)
async def test_an_answer_without_asking_confirms_nothing(
    dance: Dance, provider: HostileProvider, minutes: object
) -> None:
    browser = await client(dance)
    asked = dance.site.clock() - timedelta(minutes=minutes if isinstance(minutes, int) else 0)
    provider.claims = {"auth_time": int(asked.timestamp()) if minutes is not LEFT_OUT else LEFT_OUT}
    path = await dance.begin(browser, STEP_UP, next=GUARDED)
    assert await refused(dance, browser, path) == "step_up_not_asked"


@pytest.mark.parametrize("lie", ["now", True, float("nan"), [1], None], ids=str)
async def test_a_time_that_is_none_confirms_nothing(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    browser = await client(dance)
    provider.claims = {"auth_time": lie}
    path = await dance.begin(browser, STEP_UP, next=GUARDED)
    assert await refused(dance, browser, path) in ("step_up_not_asked", "login_refused")


async def test_a_time_to_come_confirms_nothing(dance: Dance, provider: HostileProvider) -> None:
    browser = await client(dance)
    provider.claims = {"auth_time": int(dance.site.clock().timestamp()) + 3600}
    path = await dance.begin(browser, STEP_UP, next=GUARDED)
    assert await refused(dance, browser, path) == "login_refused"


async def test_staff_confirm_with_two_factors(dance: Dance, provider: HostileProvider) -> None:
    browser = await therapist(dance, provider)
    provider.claims = {**STAFF, "amr": ["pwd"]}
    path = await dance.begin(browser, STEP_UP, next=GUARDED)
    assert await refused(dance, browser, path) == "step_up_one_factor"
    provider.claims = {**STAFF, "amr": LEFT_OUT, "acr": "two"}
    assert (await browser.get(await dance.begin(browser, STEP_UP, next=GUARDED))).status_code == 303
    assert (await browser.get(GUARDED)).status_code == 200


async def test_it_confirms_the_session_it_began_in_and_no_other(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await client(dance)
    path = await dance.begin(browser, STEP_UP, next=GUARDED)
    elsewhere = await dance.come_in()  # the same person, another session
    dance.site.clock.advance(minutes=6)
    browser.client.cookies.delete("sid")
    browser.client.cookies.set("sid", elsewhere.client.cookies["sid"])
    assert await refused(dance, browser, path) == "step_up_session"


async def test_a_session_that_ended_meanwhile_stays_ended(dance: Dance) -> None:
    browser = await client(dance)
    path = await dance.begin(browser, STEP_UP, next=GUARDED)
    session = await dance.session_of(browser)
    assert session is not None
    async with dance.site.office.database.transaction() as connection:
        await connection.execute(sessions.delete().where(sessions.c.id == session.id))
    answer = await browser.get(path)
    assert (answer.status_code, code_of(answer)) == (403, "step_up_session")
    assert 'href="/auth/sign-in?next=%2Fpasskeys"' in answer.text
    assert await dance.session_of(browser) is None


async def test_a_sign_in_never_confirms_and_a_step_up_never_signs_in(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await client(dance)
    path = await dance.begin(browser, STEP_UP)
    nobody = await dance.site.browser()
    for cookie in browser.client.cookies.jar:
        if cookie.name in ("login", "visit"):
            nobody.client.cookies.jar.set_cookie(cookie)
    answer = await nobody.get(path)
    assert (answer.status_code, code_of(answer)) == (403, "step_up_session")
    assert await dance.session_of(nobody) is None


async def test_a_pending_session_is_led_to_its_second_step(dance: Dance, provider: HostileProvider) -> None:
    dance.know(roles={"therapists": "therapist"})
    provider.claims = {"groups": ["therapists"], "amr": ["pwd"]}
    browser = await dance.come_in()
    asked = len(provider.questions)
    answer = await browser.post(STEP_UP, {"next": "/today"})
    assert answer.headers["location"] == "/auth/second-step?next=%2Ftoday"
    assert len(provider.questions) == asked


async def test_who_came_in_with_a_passkey_confirms_with_one(dance: Dance) -> None:
    browser = await dance.site.browser(ROSA)
    session = await dance.session_of(browser)
    assert session is not None
    async with dance.site.office.database.transaction() as connection:
        change = update(sessions).where(sessions.c.id == session.id)
        await connection.execute(change.values(provider="passkey"))
    answer = await browser.post(STEP_UP)
    assert (answer.status_code, code_of(answer)) == (409, "step_up_no_provider")


async def test_it_leads_back_to_this_site_alone(dance: Dance) -> None:
    browser = await client(dance)
    for elsewhere in ("https://elsewhere.example/", "//elsewhere.example"):
        answer = await browser.get(await dance.begin(browser, STEP_UP, next=elsewhere))
        assert answer.headers["location"] == "/appointments"


async def test_a_session_at_the_provider_that_is_new_now_ends_this_one(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.claims = {"sid": "first-there"}
    browser = await client(dance)
    provider.claims = {"sid": "second-there"}
    await browser.get(await dance.begin(browser, STEP_UP))
    for session, stays in (("first-there", True), ("second-there", False)):
        token = provider.logout_token({"sid": session})
        answer = await browser.client.post("/auth/back-channel/practice", data={"logout_token": token})
        assert answer.status_code == 200
        assert (await dance.session_of(browser) is not None) is stays


async def test_a_sign_in_whose_time_the_provider_does_not_say_is_no_fresh_proof(
    dance: Dance, provider: HostileProvider
) -> None:
    dance.know(lacks_auth_time=True)
    provider.claims = {"auth_time": LEFT_OUT}
    browser = await dance.come_in()
    assert (await browser.get(GUARDED)).headers["location"] == f"{STEP_UP}?next={GUARDED}"
