"""A member of staff who was invited comes in with an account of their own."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path

import pytest

from telehealth.db.engine import Database
from telehealth.people import inviting
from telehealth.person import Person
from tests.people import ADMIN, NADIA
from tests.schema import fresh_sqlite
from tests.unit.people.scene import entries
from tests.web.browser import Browser
from tests.web.dance import Dance, code_of
from tests.web.hostile_provider import HostileProvider

PAGE = "/auth/invitation"


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """The acts are tried on both databases; these are their pages."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


async def code_for(dance: Dance, person: Person) -> str:
    """What an administrator who signed in just now is shown."""
    session = await dance.session_of(await dance.site.browser(ADMIN))
    assert session is not None
    return await inviting.invite(dance.site.office, session.person, person.id, dance.site.office.chance(32))


async def test_an_invited_account_is_who_the_code_is_for(dance: Dance, provider: HostileProvider) -> None:
    code = await code_for(dance, NADIA)
    browser = await dance.site.browser()
    page = (await browser.get(f"{PAGE}/{code.lower()}")).text
    assert f'value="{code}"' in page
    answer = await browser.get(await dance.begin(browser, PAGE, code=code, provider="practice"))
    assert answer.headers["location"] == "/auth/second-step?next=%2Ftoday"
    session = await dance.session_of(browser)
    assert session is not None
    assert (session.person.id, session.pending) == (NADIA.id, True)
    assert [type_ for type_, _ in await entries(dance.site.office, NADIA)][-2:] == [
        "person.tie",
        "session.begin",
    ]
    provider.claims = {"amr": ["mfa"]}
    answer = await dance.sign_in()
    assert answer.headers["location"] == "/today"


async def test_a_wrong_code_goes_nowhere_and_stays_in_the_field(
    dance: Dance, provider: HostileProvider
) -> None:
    browser = await dance.site.browser()
    answer = await browser.post(PAGE, {"code": 'wrong "code"', "provider": "practice"})
    assert answer.status_code == 422
    assert 'value="wrong &#34;code&#34;"' in answer.text
    assert "This code is not right" in answer.text
    assert provider.questions == []


async def test_an_account_that_is_somebodys_is_told_so(dance: Dance) -> None:
    await dance.come_in()
    code = await code_for(dance, NADIA)
    browser = await dance.site.browser()
    answer = await browser.get(await dance.begin(browser, PAGE, code=code, provider="practice"))
    assert (answer.status_code, code_of(answer)) == (403, "invitation_account_known")
    assert f'href="{PAGE}"' in answer.text
    assert await dance.session_of(browser) is None


async def test_who_has_no_account_there_yet_can_make_one(dance: Dance, provider: HostileProvider) -> None:
    dance.know(registers=True)
    code = await code_for(dance, NADIA)
    browser = await dance.site.browser()
    assert 'name="register" value="practice"' in (await browser.get(PAGE)).text
    await browser.get(await dance.begin(browser, PAGE, code=code, register="practice"))
    assert provider.questions[-1]["prompt"] == "create"


async def test_codes_cannot_be_tried_without_end(dance: Dance) -> None:
    browser = await dance.site.browser()
    token = await browser.token()
    tries = [await tried(browser, token) for _ in range(25)]
    assert (tries[0], tries[-1]) == (422, 429)


async def tried(browser: Browser, token: str) -> int:
    return (await browser.post(PAGE, {"code": "x", "provider": "practice"}, token=token)).status_code
