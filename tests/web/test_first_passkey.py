"""A client whose provider never says when it asked them makes a first passkey just after a sign-in."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from telehealth.db.engine import Database
from telehealth.notices.models import notices
from tests.authenticator import Authenticator
from tests.schema import fresh_sqlite
from tests.web.browser import Browser
from tests.web.dance import Dance
from tests.web.hostile_provider import LEFT_OUT, HostileProvider
from tests.web.test_passkeys import CONFIRM, NEW, added, code_of, proven, sent

STEP_UP = "/auth/step-up?next=/passkeys"


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """Who may make a passkey does not depend on the database."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


@pytest.fixture
async def browser(dance: Dance, provider: HostileProvider) -> Browser:
    """A client's, who came in just now."""
    dance.know(lacks_auth_time=True, roles={"therapists": "therapist"})
    provider.claims = {"auth_time": LEFT_OUT, "groups": []}
    return await dance.come_in()


async def test_it_is_made_told_and_then_confirms(dance: Dance, browser: Browser) -> None:
    assert (await browser.get("/passkeys")).headers["location"] == STEP_UP
    page = (await browser.get(STEP_UP)).text
    assert "a passkey on your device can" in page
    assert "<passkey-add" in page
    assert "password" not in page.split("<main")[1].split("</main>")[0]
    device = Authenticator()
    answer = await added(browser, device, next="/passkeys")
    assert (answer.status_code, answer.json()) == (201, {"next": "/auth/step-up?next=%2Fpasskeys"})
    assert (await browser.get("/passkeys")).status_code == 303
    page = (await browser.get(STEP_UP)).text
    assert "Use my passkey" in page
    assert "Enter my password" not in page
    assert (await proven(browser, CONFIRM, device, next="/passkeys")).json() == {"next": "/passkeys"}
    browser.client.cookies.delete("sid", domain="")
    assert (await browser.get("/passkeys")).status_code == 200
    assert (await browser.post("/privacy/export")).status_code == 200
    async with dance.site.office.database.reading() as connection:
        kinds = (await connection.execute(select(notices.c.kind))).scalars().all()
    assert "passkey_added" in kinds


async def test_a_second_one_needs_the_first(browser: Browser) -> None:
    device = Authenticator()
    await added(browser, device)
    for path in (f"{NEW}/options", NEW):
        answer = await sent(browser, path, {"credential": {}})
        assert answer.status_code in (403, 422)
    assert code_of(await sent(browser, f"{NEW}/options", {})) == "step_up_needed"


async def test_of_two_at_once_one_is_the_first(browser: Browser) -> None:
    one, other = Authenticator(), Authenticator()
    first = (await sent(browser, f"{NEW}/options", {})).json()
    second = (await sent(browser, f"{NEW}/options", {})).json()
    assert (await sent(browser, NEW, {"credential": one.make(first)})).status_code == 201
    answer = await sent(browser, NEW, {"credential": other.make(second)})
    assert (answer.status_code, code_of(answer)) == (403, "step_up_needed")


async def test_five_minutes_after_the_sign_in_it_says_how(dance: Dance, browser: Browser) -> None:
    dance.site.clock.advance(minutes=5)
    page = (await browser.get(STEP_UP)).text
    assert "Sign out, and sign in again" in page
    assert "<passkey-add" not in page
    assert code_of(await sent(browser, f"{NEW}/options", {})) == "step_up_needed"


async def test_it_is_for_that_provider_and_for_clients_alone(
    dance: Dance, provider: HostileProvider, browser: Browser
) -> None:
    provider.claims = {"auth_time": LEFT_OUT, "groups": ["therapists"], "amr": ["mfa"]}
    staff = await dance.come_in()
    answer = await sent(staff, f"{NEW}/options", {})
    assert code_of(answer) == "passkey_code"  # half in, with a code alone
    provider.claims, provider.subject = {}, "somebody-else"
    dance.know()
    client = await dance.come_in()
    dance.site.clock.advance(minutes=4)
    assert (await sent(client, f"{NEW}/options", {})).status_code == 200
    dance.site.clock.advance(minutes=2)
    assert code_of(await sent(client, f"{NEW}/options", {})) == "step_up_needed"
