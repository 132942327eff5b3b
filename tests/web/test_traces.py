"""What somebody reads aloud from a refusal, its code and number, leads to a line of the log, which names nobody."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from telehealth.audit.office import Office
from telehealth.db.engine import Database
from tests.authenticator import Authenticator
from tests.people import ROSA
from tests.schema import fresh_sqlite
from tests.web.dance import REFERENCE, Dance
from tests.web.hostile_provider import SUBJECT, HostileProvider, key_named
from tests.web.test_passkeys import SIGN_IN, added, sent

NUMBER = re.compile(r"<code>([0-9a-f]{12})</code>")


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """A log is the same on both."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def test_a_refused_sign_in_leaves_its_code_number_and_cause(
    dance: Dance, provider: HostileProvider
) -> None:
    provider.signed = lambda header, claims: provider.sign(header, claims, key_named("somebody else's"))
    with capture_logs() as logs:
        answer = await dance.sign_in()
    reference = REFERENCE.search(answer.text)
    assert reference is not None
    (line,) = logs
    assert (line["code"], line["request_id"]) == reference.groups()
    assert line["cause"] == "BadSignatureError"
    assert SUBJECT not in str(line)


async def test_a_provider_that_is_away_leaves_one_too(dance: Dance, provider: HostileProvider) -> None:
    provider.metadata = {"issuer": "https://elsewhere.example"}
    with capture_logs() as logs:
        answer = await (await dance.site.browser()).post("/auth/sign-in")
    found = NUMBER.search(answer.text)
    assert found is not None
    assert [(line["code"], line["request_id"]) for line in logs] == [("provider_mismatch", found[1])]


async def test_a_database_that_is_away_leaves_one_too(
    dance: Dance, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionRefusedError("postgresql://secret")

    browser = await dance.site.browser(ROSA)
    monkeypatch.setattr(office.database, "reading", away)
    with capture_logs() as logs:
        answer = await browser.get("/profile")
    found = NUMBER.search(answer.text)
    assert found is not None
    (line,) = logs
    assert (line["code"], line["request_id"], line["cause"]) == (
        "database_unavailable",
        found[1],
        "ConnectionRefusedError",
    )
    assert "secret" not in str(line)


async def test_a_refused_passkey_leaves_one_too(dance: Dance) -> None:
    device = Authenticator()
    await added(await dance.site.browser(ROSA), device)
    browser = await dance.site.browser()
    options = (await sent(browser, f"{SIGN_IN}/options", {})).json()
    answer = device.prove(options)
    answer["response"]["signature"] = "AAAA"
    with capture_logs() as logs:
        refused = await sent(browser, SIGN_IN, {"credential": answer})
    error = refused.json()["error"]
    (line,) = logs
    assert (line["code"], line["request_id"]) == ("passkey_refused", error["request_id"])
    assert line["cause"] not in (None, "Forbidden")


async def test_a_refused_logout_token_leaves_one_and_says_its_number(dance: Dance) -> None:
    browser = await dance.site.browser()
    with capture_logs() as logs:
        answer = await browser.client.post("/auth/back-channel/practice", data={"logout_token": "x"})
    assert answer.status_code == 400
    (line,) = logs
    assert (line["code"], line["request_id"]) == ("logout_token", answer.json()["request_id"])


async def test_what_is_no_trouble_with_signing_in_leaves_none(dance: Dance) -> None:
    browser = await dance.site.browser(ROSA)
    with capture_logs() as logs:
        await browser.get("/appointments/" + "ab" * 16)
        await browser.post("/zone", {"zone": "nowhere"})
    assert logs == []
