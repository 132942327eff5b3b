"""The page of every refusal of a sign-in: what happened, what to do next, the number of the request, nothing else."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from telehealth.people import accounts
from tests.web.dance import REFERENCE, Dance
from tests.web.hostile_provider import CLIENT_SECRET, LEFT_OUT, SUBJECT, HostileProvider

Refused = Callable[[Dance, HostileProvider], Awaitable[httpx2.Response]]
WORDS = {"error_description": "<b>planted</b>", "error_uri": "https://planted.example"}


def when(**lies: Any) -> Refused:
    """A sign-in whose provider lies like that."""

    async def made(dance: Dance, provider: HostileProvider) -> httpx2.Response:
        for name, value in lies.items():
            setattr(provider, name, value)
        return await dance.sign_in(next="/times")

    return made


async def no_state(dance: Dance, provider: HostileProvider) -> httpx2.Response:
    return await (await dance.site.browser()).get("/auth/callback/practice?code=planted&state=planted")


async def closed(dance: Dance, provider: HostileProvider) -> httpx2.Response:
    session = await dance.session_of(await dance.come_in())
    assert session is not None
    async with dance.site.office.database.transaction() as connection:
        await accounts.set_disabled(connection, session.person.id, dance.site.clock())
    return await dance.sign_in(next="/times")


def stepping_up(minutes: int = 6, **lies: Any) -> Refused:
    """A step-up whose provider lies like that."""

    async def made(dance: Dance, provider: HostileProvider) -> httpx2.Response:
        browser = await dance.come_in()
        dance.site.clock.advance(minutes=minutes)
        for name, value in lies.items():
            setattr(provider, name, value)
        path = await dance.begin(browser, "/auth/step-up", next="/times")
        return await browser.get(path)

    return made


async def one_factor(dance: Dance, provider: HostileProvider) -> httpx2.Response:
    dance.know(roles={"therapists": "therapist"})
    provider.claims = {"groups": ["therapists"], "amr": ["mfa"]}
    return await stepping_up(claims={"groups": ["therapists"], "amr": ["pwd"]})(dance, provider)


async def no_groups(dance: Dance, provider: HostileProvider) -> httpx2.Response:
    dance.know(roles={"planted": "therapist"})
    return await dance.sign_in(next="/times")


async def gone(dance: Dance, provider: HostileProvider) -> httpx2.Response:
    browser = await dance.come_in()
    path = await dance.begin(browser, "/auth/step-up", next="/times")
    dance.site.clock.advance(minutes=1)
    browser.client.cookies.delete("sid")
    return await browser.get(path)


REFUSALS: dict[str, Refused] = {
    "login_state": no_state,
    "login_issuer": when(answer={"iss": "https://planted.example"}),
    "login_cancelled": when(answer={"code": LEFT_OUT, "error": "access_denied", **WORDS}),
    "login_refused": when(answer={"code": LEFT_OUT, "error": "planted", **WORDS}),
    "login_without_identity": when(tokens={"id_token": LEFT_OUT}),
    "login_without_groups": no_groups,
    "login_other_subject": when(userinfo={"sub": "planted"}),
    "login_not_asked": when(claims={"auth_time": LEFT_OUT}),
    "login_not_fresh": when(claims={"auth_time": 1}, metadata={"end_session_endpoint": LEFT_OUT}),
    "account_disabled": closed,
    "step_up_other_account": stepping_up(subject="planted"),
    "step_up_not_asked": stepping_up(claims={"auth_time": LEFT_OUT}),
    "step_up_one_factor": one_factor,
    "step_up_session": gone,
}


@pytest.mark.parametrize("code", REFUSALS)
async def test_a_refusal_says_what_happened_and_what_to_do_next_and_nothing_else(
    dance: Dance, provider: HostileProvider, code: str
) -> None:
    answer = await REFUSALS[code](dance, provider)
    assert answer.status_code == 403
    reference = REFERENCE.search(answer.text)
    assert reference is not None
    assert reference[1] == code
    heading = "It was not confirmed" if code.startswith("step_up") else "Nobody was signed in"
    assert f"<h1>{heading}</h1>" in answer.text
    assert 'class="button button-primary" href="/auth/' in answer.text
    nothing_leaked(answer.text, provider)


@pytest.mark.parametrize("name", ["issuer", "token_endpoint", "jwks_uri"])
async def test_a_provider_that_is_not_itself_is_away_for_now(
    dance: Dance, provider: HostileProvider, name: str
) -> None:
    provider.metadata = {name: "https:///planted"}
    browser = await dance.site.browser()
    answer = await browser.post("/auth/sign-in", {"next": "/times"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "<h1>Back in a moment</h1>" in answer.text
    assert 'class="button button-primary" href="/auth/sign-in?next=%2Ftimes"' in answer.text
    nothing_leaked(answer.text, provider)


def nothing_leaked(page: str, provider: HostileProvider) -> None:
    """Neither what the provider said, nor whose account it is, nor what is secret."""
    issued = [*provider.codes, *(question["nonce"] for question in provider.questions)]
    states = [question["state"] for question in provider.questions]
    for word in ("planted", SUBJECT, CLIENT_SECRET, provider.issuer, "eyJ", "Traceback", *issued, *states):
        assert word not in page.split("<main")[1], word
