"""A provider ends sessions here: a good logout token, and those that end nothing."""

import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from joserfc.jwk import OctKey

from telehealth.people.tokens import LOGOUT_EVENT
from tests.authenticator import plain
from tests.people import ROSA
from tests.unit.people.scene import entries
from tests.web.browser import Browser
from tests.web.dance import Dance
from tests.web.hostile_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    LEFT_OUT,
    SUBJECT,
    HostileProvider,
    by_hand,
    key_named,
    part,
)

AT = "/auth/back-channel/practice"
SESSION = "session-at-provider"


async def sent(dance: Dance, token: str, path: str = AT) -> httpx2.Response:
    """The provider's own request, which no browser makes."""
    machine = await dance.site.browser()
    return await machine.client.post(path, data={"logout_token": token})


async def signed_in(dance: Dance, provider: HostileProvider, session: str = SESSION) -> Browser:
    provider.claims = {"sid": session}
    return await dance.come_in()


async def is_in(dance: Dance, browser: Browser) -> bool:
    return await dance.session_of(browser) is not None


async def test_a_good_logout_token_ends_the_session_it_names(dance: Dance, provider: HostileProvider) -> None:
    browser = await signed_in(dance, provider)
    elsewhere = await signed_in(dance, provider, "another-there")
    session = await dance.session_of(browser)
    assert session is not None
    answer = await sent(dance, provider.logout_token())
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["cache-control"] == "no-store"
    assert not await is_in(dance, browser)
    assert await is_in(dance, elsewhere)
    assert (await entries(dance.site.office, session.person))[-1] == ("session.close", "success")


async def test_a_session_alone_is_enough(dance: Dance, provider: HostileProvider) -> None:
    browser = await signed_in(dance, provider)
    assert (await sent(dance, provider.logout_token({"sub": LEFT_OUT}))).status_code == 200
    assert not await is_in(dance, browser)


async def test_a_subject_alone_ends_all_their_sessions_of_this_provider(
    dance: Dance, provider: HostileProvider
) -> None:
    own = [await signed_in(dance, provider), await signed_in(dance, provider, "another-there")]
    provider.subject = "somebody-else"
    other = await signed_in(dance, provider, "a-third-there")
    rosa = await dance.site.browser(ROSA)
    token = provider.logout_token({"sub": SUBJECT, "sid": LEFT_OUT})
    assert (await sent(dance, token)).status_code == 200
    assert [await is_in(dance, browser) for browser in own] == [False, False]
    assert await is_in(dance, other)
    assert await is_in(dance, rosa)


async def test_a_session_of_somebody_else_is_not_ended_by_naming_both(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await signed_in(dance, provider)
    provider.subject = "somebody-else"
    await signed_in(dance, provider, "another-there")
    assert (await sent(dance, provider.logout_token({"sid": SESSION}))).status_code == 200
    assert await is_in(dance, browser)


@pytest.mark.parametrize(
    "claims", [{}, {"sid": "unknown-there"}, {"sid": LEFT_OUT, "sub": "never-here"}], ids=str
)
async def test_what_has_ended_already_is_no_error(
    dance: Dance, provider: HostileProvider, claims: dict[str, Any]
) -> None:
    assert (await sent(dance, provider.logout_token(claims))).status_code == 200


async def test_a_key_that_was_changed_just_before_is_fetched(dance: Dance, provider: HostileProvider) -> None:
    browser = await signed_in(dance, provider)
    provider.kid = "second"
    assert (await sent(dance, provider.logout_token())).status_code == 200
    assert not await is_in(dance, browser)


async def test_made_up_keys_do_not_make_us_ask_all_the_time(dance: Dance, provider: HostileProvider) -> None:
    await signed_in(dance, provider)
    for number in range(10):
        assert (
            await sent(dance, provider.logout_token(header={"kid": f"made-up-{number}"}))
        ).status_code == 400
    assert provider.asked.count("GET /keys") == 2


def unsigned(provider: HostileProvider) -> str:
    _, payload, _ = provider.logout_token().split(".")
    return f"{part({'alg': 'none', 'typ': 'logout+jwt'})}.{payload}."


def with_secret(provider: HostileProvider) -> str:
    key = OctKey.import_key(CLIENT_SECRET, {"kid": "first"})
    return provider.logout_token(header={"alg": "HS256"}, key=key)


def told(provider: HostileProvider, claims: dict[str, Any]) -> str:
    now = int(provider.clock().timestamp())
    times = {
        name: now + value
        for name, value in claims.items()
        if name in ("iat", "exp") and isinstance(value, int)
    }
    return provider.logout_token({**claims, **times})


def lying(**claims: Any) -> Callable[[HostileProvider], str]:
    return lambda provider: told(provider, claims)


def with_half_a_letter(provider: HostileProvider) -> str:
    """Its id has half of a surrogate pair, which JSON can say and UTF-8 cannot."""
    claims = plain(provider.logout_token().split(".")[1])
    return by_hand(provider, {"alg": "RS256", "kid": provider.kid}, {**json.loads(claims), "jti": "a\ud800"})


BAD: dict[str, Callable[[HostileProvider], str]] = {
    "1 not signed": unsigned,
    "1 signed with the shared secret": with_secret,
    "1 signed by somebody else": lambda provider: provider.logout_token(key=key_named("somebody else's")),
    "2 of another issuer": lying(iss="https://elsewhere.example"),
    "2 without an issuer": lying(iss=LEFT_OUT),
    "3 for another client": lying(aud="another-client"),
    "3 without an audience": lying(aud=LEFT_OUT),
    "4 expired": lying(exp=-61),
    "4 without an end": lying(exp=LEFT_OUT),
    "4 of a time to come": lying(iat=120),
    "4 held back for long": lying(iat=-601),
    "4 without a time": lying(iat=LEFT_OUT),
    "5 with neither subject nor session": lying(sub=LEFT_OUT, sid=LEFT_OUT),
    "5 with a subject that is none": lying(sub=7),
    "5 with a session that is none": lying(sid=[SESSION]),
    "6 without an event": lying(events=LEFT_OUT),
    "6 of another event": lying(events={"http://schemas.openid.net/event/other": {}}),
    "6 with an event that is no object": lying(events={LOGOUT_EVENT: True}),
    "6 with a list of events": lying(events=[LOGOUT_EVENT]),
    "7 with a nonce, so that it is an ID token": lying(nonce="n"),
    "7 with an empty nonce": lying(nonce=None),
    "without an id of its own": lying(jti=LEFT_OUT),
    "with an id that is none": lying(jti=7),
    "with an id that cannot be written down": with_half_a_letter,
    "of another type": lambda provider: provider.logout_token(header={"typ": "at+jwt"}),
    "no token": lambda provider: "not a token",
    "empty": lambda provider: "",
    "far too long": lambda provider: "a" * 17_000,
}


@pytest.mark.parametrize("flaw", BAD)
async def test_a_bad_logout_token_ends_nothing(dance: Dance, provider: HostileProvider, flaw: str) -> None:
    browser = await signed_in(dance, provider)
    answer = await sent(dance, BAD[flaw](provider))
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert answer.headers["cache-control"] == "no-store"
    assert await is_in(dance, browser)


async def test_an_id_token_is_no_logout_token(dance: Dance, provider: HostileProvider) -> None:
    browser = await signed_in(dance, provider)
    assert (await sent(dance, provider.id_token("n", "a"))).status_code == 400
    assert await is_in(dance, browser)


async def test_a_logout_token_works_once(dance: Dance, provider: HostileProvider) -> None:
    await signed_in(dance, provider)
    token = provider.logout_token({"aud": [CLIENT_ID]})
    assert (await sent(dance, token)).status_code == 200
    browser = await signed_in(dance, provider)
    assert (await sent(dance, token)).status_code == 400
    assert await is_in(dance, browser)


async def test_a_logout_token_is_no_id_token(dance: Dance, provider: HostileProvider) -> None:
    provider.signed = lambda header, claims: provider.logout_token({"nonce": claims["nonce"]})
    browser = await dance.site.browser()
    assert (await dance.sign_in(browser)).status_code == 403
    assert not await is_in(dance, browser)


async def test_it_comes_to_the_address_of_its_provider_in_a_form(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await signed_in(dance, provider)
    token = provider.logout_token()
    assert (await sent(dance, token, "/auth/back-channel/elsewhere")).status_code == 404
    machine = await dance.site.browser()
    for body in (
        {"json": {"logout_token": token}},
        {"data": {"token": token}},
        {"files": {"logout_token": token}},
    ):
        assert (await machine.client.post(AT, **body)).status_code == 400  # type: ignore[arg-type]
    assert (await machine.client.post(AT, content=b"a=b&" * 10)).status_code == 400
    assert (await machine.client.get(AT)).status_code == 405
    assert await is_in(dance, browser)
    assert (await sent(dance, token)).status_code == 200


async def test_a_provider_that_is_away_is_no_reason_to_end_anything(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await signed_in(dance, provider)
    dance.know()
    provider.metadata = {"jwks_uri": LEFT_OUT}
    assert (await sent(dance, provider.logout_token())).status_code == 503
    assert await is_in(dance, browser)
