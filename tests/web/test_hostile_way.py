"""A provider, or whoever stands between, that lies on the way: discovery, keys, states and the callback."""

import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from telehealth.db.engine import Database
from telehealth.people import provider_client
from tests.schema import fresh_sqlite
from tests.web.browser import Browser
from tests.web.dance import Dance, code_of
from tests.web.hostile_provider import LEFT_OUT, HostileProvider, key_named


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """What a lie meets does not depend on the database."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def refused(dance: Dance, browser: Browser, path: str) -> str:
    """The code of the refusal of this way back; nobody is signed in by it."""
    answer = await browser.get(path)
    assert answer.status_code == 403, answer.text
    assert await dance.session_of(browser) is None
    return code_of(answer)


@pytest.mark.parametrize("lie", ["https://elsewhere.example", LEFT_OUT, "", None, 7], ids=str)
async def test_metadata_of_another_issuer_are_refused(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    provider.metadata = {"issuer": lie}
    answer = await (await dance.site.browser()).post("/auth/sign-in")
    assert answer.status_code == 503
    assert "The sign-in service does not answer" in answer.text
    assert provider.asked == ["GET /.well-known/openid-configuration"]


async def test_the_issuer_is_compared_letter_by_letter(dance: Dance, provider: HostileProvider) -> None:
    provider.metadata = {"issuer": f"{provider.issuer}/"}
    assert (await (await dance.site.browser()).post("/auth/sign-in")).status_code == 503


async def test_metadata_that_change_their_issuer_meanwhile_are_refused(
    dance: Dance, provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await dance.site.browser()
    path = await dance.begin(browser)
    provider.metadata = {"issuer": "https://elsewhere.example"}
    monkeypatch.setattr(provider_client, "monotonic", lambda: 1e9)  # what was learned has run out
    answer = await browser.get(path)
    assert answer.status_code == 503
    assert "POST /token" not in provider.asked


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize(
    "lie", [LEFT_OUT, "javascript:1", "http://elsewhere.example/", 7, "https:///x"], ids=str
)
async def test_an_address_in_the_metadata_that_is_none_is_refused(
    dance: Dance, provider: HostileProvider, name: str, lie: object
) -> None:
    provider.metadata = {name: lie}
    assert (await (await dance.site.browser()).post("/auth/sign-in")).status_code == 503


async def test_metadata_are_no_options_of_our_client(dance: Dance, provider: HostileProvider) -> None:
    provider.metadata = {
        "proxy": "http://127.0.0.1:1",
        "client_id": "x",
        "verify": False,
        "base_url": "http://x",
    }
    await dance.come_in()


async def test_a_key_that_was_changed_just_before_signing_is_fetched(
    dance: Dance, provider: HostileProvider
) -> None:
    await dance.come_in()

    def change() -> None:
        provider.kid = "second"

    provider.before_signing = change
    await dance.come_in()
    assert provider.asked.count("GET /keys") == 2


async def test_a_key_that_was_taken_back_is_trusted_for_ten_minutes_at_most(
    dance: Dance, provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await dance.come_in()
    provider.published = [key_named("second")]  # and still signs with the first
    later = monotonic() + provider_client.KEPT_SECONDS
    monkeypatch.setattr(provider_client, "monotonic", lambda: later)
    browser = await dance.site.browser()
    assert await refused(dance, browser, await dance.begin(browser)) == "login_refused"


@pytest.mark.parametrize("lie", ["https://elsewhere.example", "", "{issuer}/"])
async def test_a_callback_with_another_issuer_is_refused_before_the_code_is_exchanged(
    dance: Dance, provider: HostileProvider, lie: str
) -> None:
    provider.answer = {"iss": lie.format(issuer=provider.issuer)}
    browser = await dance.site.browser()
    assert await refused(dance, browser, await dance.begin(browser)) == "login_issuer"
    assert "POST /token" not in provider.asked


async def test_a_callback_without_the_issuer_that_was_promised_is_refused(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.answer = {"iss": LEFT_OUT}
    browser = await dance.site.browser()
    assert await refused(dance, browser, await dance.begin(browser)) == "login_issuer"
    assert "POST /token" not in provider.asked


async def test_a_provider_that_promises_no_issuer_need_not_send_it(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": LEFT_OUT}
    provider.answer = {"iss": LEFT_OUT}
    await dance.come_in()


async def test_a_callback_meant_for_another_provider_is_refused(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await dance.site.browser()
    path = (await dance.begin(browser)).replace("/callback/practice", "/callback/elsewhere")
    assert await refused(dance, browser, path) == "login_state"
    assert "POST /token" not in provider.asked


async def test_a_replayed_state_is_refused(dance: Dance, provider: HostileProvider) -> None:
    provider.forgets_codes = True
    browser = await dance.site.browser()
    path = await dance.begin(browser)
    assert (await browser.get(path)).status_code == 303
    assert code_of(await browser.get(path)) == "login_state"


async def test_a_replayed_state_is_refused_though_the_cookie_was_copied(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.forgets_codes = True
    browser, thief = await dance.site.browser(), await dance.site.browser()
    path = await dance.begin(browser)
    thief.client.cookies.update(browser.client.cookies)
    assert (await browser.get(path)).status_code == 303
    assert await refused(dance, thief, path) == "login_state"
    assert provider.asked.count("POST /token") == 1


async def test_a_state_of_another_browser_is_refused(dance: Dance) -> None:
    path = await dance.begin(await dance.site.browser())
    assert await refused(dance, await dance.site.browser(), path) == "login_state"


async def test_a_sign_in_planted_in_another_browser_is_refused(
    dance: Dance, provider: HostileProvider
) -> None:
    attacker, victim = await dance.site.browser(), await dance.site.browser()
    path = await dance.begin(attacker)
    await victim.get("/")
    # A neighbouring host can set a cookie for the whole domain; the one of the visit is bound to this host.
    victim.client.cookies.set("login", str(attacker.client.cookies.get("login")), path="/auth")
    assert await refused(dance, victim, path) == "login_state"
    assert "POST /token" not in provider.asked
    assert (await attacker.get(path)).status_code == 303


async def test_sign_ins_that_are_given_up_leave_nothing_behind(
    dance: Dance, provider: HostileProvider
) -> None:
    names = [f"practice-{number}" for number in range(6)]
    several = tuple(replace(provider.settings(), id=name) for name in names)
    dance.site = replace(dance.site, settings=replace(dance.site.settings, providers=several, demo=False))
    browser = await dance.site.browser()
    for name in names:
        path = await dance.begin(browser, provider=name)
    assert len(str(browser.client.cookies.get("login"))) < 1_500, "a browser drops what is over 4,096 bytes"
    assert (await browser.get(path)).status_code == 303


@pytest.mark.parametrize("lie", ["made up", "", LEFT_OUT], ids=str)
async def test_a_made_up_state_is_refused_and_ends_nothing(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    browser = await dance.site.browser()
    honest = await dance.begin(browser)
    provider.answer = {"state": lie}
    location = f"{provider.issuer}/authorize?{urlencode(provider.questions[-1])}"
    assert await refused(dance, browser, await dance.at_provider(location)) == "login_state"
    assert (await browser.get(honest)).status_code == 303


async def test_a_state_is_good_for_ten_minutes(dance: Dance) -> None:
    browser = await dance.site.browser()
    path = await dance.begin(browser)
    dance.site.clock.advance(minutes=10)
    assert await refused(dance, browser, path) == "login_state"


async def test_a_code_of_another_sign_in_does_not_fit_the_verifier(
    dance: Dance, provider: HostileProvider
) -> None:
    victim, thief = await dance.site.browser(), await dance.site.browser()
    stolen = _value_of(await dance.begin(victim), "code")
    own = await dance.begin(thief)
    path = own.replace(_value_of(own, "code"), stolen)
    assert await refused(dance, thief, path) == "login_refused"
    assert all(question["code_challenge_method"] == "S256" for question in provider.questions)


async def test_an_error_of_the_provider_is_not_repeated(dance: Dance, provider: HostileProvider) -> None:
    words = "Subject 248289761001 is <b>unknown</b>"
    provider.answer = {"code": LEFT_OUT, "error": "server_error", "error_description": words}
    browser = await dance.site.browser()
    answer = await browser.get(await dance.begin(browser))
    assert code_of(answer) == "login_refused"
    assert "server_error" not in answer.text
    assert "248289761001" not in answer.text


async def test_who_changes_their_mind_at_the_provider_is_told_so(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.answer = {"code": LEFT_OUT, "error": "access_denied"}
    browser = await dance.site.browser()
    answer = await browser.get(await dance.begin(browser, next="/times"))
    assert code_of(answer) == "login_cancelled"
    assert 'href="/auth/sign-in?next=%2Ftimes"' in answer.text


async def test_the_verifier_is_never_logged(
    dance: Dance, provider: HostileProvider, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await dance.come_in()
    assert provider.questions
    assert "verifier" not in caplog.text


async def test_somebody_whom_the_provider_did_not_ask_is_led_to_its_sign_out(
    dance: Dance, provider: HostileProvider
) -> None:
    asked = int((dance.site.clock() - timedelta(minutes=2)).timestamp())
    provider.claims = {"auth_time": asked}
    browser = await dance.site.browser()
    answer = await dance.sign_in(browser)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{provider.issuer}/end?id_token_hint=")
    assert await dance.session_of(browser) is None
    provider.metadata = {"end_session_endpoint": LEFT_OUT}
    dance.know()
    again = await dance.site.browser()
    assert await refused(dance, again, await dance.begin(again)) == "login_not_fresh"


def _value_of(path: str, name: str) -> str:
    return parse_qs(urlsplit(path).query)[name][0]


@pytest.mark.parametrize("lie", [LEFT_OUT, None, "now", True], ids=str)
async def test_a_provider_that_does_not_say_when_it_asked_signs_nobody_in(
    dance: Dance, provider: HostileProvider, lie: object
) -> None:
    """As when somebody takes `prompt` and `max_age` out of the question at a browser that another has left."""
    browser = await dance.site.browser()
    provider.claims = {"auth_time": lie}
    assert await refused(dance, browser, await dance.begin(browser)) in ("login_not_asked", "login_refused")


async def test_what_proves_two_factors_counts_only_with_the_time_of_asking(
    dance: Dance, provider: HostileProvider
) -> None:
    dance.know(roles={"therapists": "therapist"}, strong_acr=("two",), lacks_auth_time=True)
    provider.claims = {"groups": ["therapists"], "amr": ["mfa"], "acr": "two"}
    session = await dance.session_of(await dance.come_in())
    assert session is not None
    assert (session.strong, session.pending) == (True, False)
    provider.claims = {**provider.claims, "auth_time": LEFT_OUT}
    session = await dance.session_of(await dance.come_in())
    assert session is not None
    assert (session.strong, session.pending) == (False, True)
