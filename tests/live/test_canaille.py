"""Signing in, confirming and signing out through the demo's provider, over the network and with its own pages."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2
import pytest

from telehealth.audit.office import Office
from telehealth.db.engine import Database
from telehealth.demo import processes
from telehealth.demo.folder import Folder, open_folder
from telehealth.settings import Settings
from tests.live.login_service import Person, listening
from tests.people import Clinic
from tests.schema import fresh_sqlite

SAME_TOKEN_SECONDS = (
    1.1  # it gives one person two equal access tokens within a second, and then fails on the second
)
FORM_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """What this provider says does not depend on the database."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


@dataclass
class Visit:
    """Somebody whose sign-in goes through Canaille."""

    person: Person
    folder: Folder

    async def prove(self, path: str, key: str, **fields: str) -> httpx2.Response:
        """Post our form, be that person of the demo at the provider, and come back: what we answer then."""
        account = self.folder.account(key)
        answer = await self.person.post(path, **fields)
        assert answer.status_code == 303, answer.text
        page = await self._shown(answer)
        if 'name="login"' in page.text:  # it knows nobody yet, so it asks for the user name first
            page = await self._shown(await self._posted(page, login=account.user_name, answer=""))
        answer = await self._posted(page, password=account.password)
        back = await self.person.follow(answer, self.person.url)
        return await self.person.client.get(back.headers["location"])

    async def _shown(self, answer: httpx2.Response) -> httpx2.Response:
        while "location" in answer.headers:
            answer = await self.person.client.get(str(answer.url.join(answer.headers["location"])))
        return answer

    async def _posted(self, page: httpx2.Response, **fields: str) -> httpx2.Response:
        token = FORM_TOKEN.search(page.text)
        assert token is not None, page.text
        return await self.person.client.post(str(page.url), data={"csrf_token": token[1], **fields})


@pytest.fixture
async def visit(office: Office, clinic: Clinic, tmp_path: Path) -> AsyncIterator[Visit]:
    folder = open_folder(tmp_path / "data")
    async with listening() as service, processes.provider(folder, service.url) as canaille:
        await canaille.ready()
        (known,) = Settings.from_environment(folder.environment(service.url)).providers
        async with service.knowing(known, office, tmp_path, demo=True) as person:
            yield Visit(person, folder)


async def test_a_client_signs_in_confirms_and_signs_out(visit: Visit) -> None:
    person = visit.person
    answer = await visit.prove("/auth/sign-in", "first_client", next="/profile")
    assert answer.headers["location"] == "/profile"
    before = person.client.cookies["sid"]
    await asyncio.sleep(SAME_TOKEN_SECONDS)
    answer = await visit.prove("/auth/step-up", "first_client", next="/passkeys")
    assert answer.headers["location"] == "/passkeys"
    assert person.client.cookies["sid"] != before
    assert (await person.get("/passkeys")).status_code == 200
    answer = await person.post("/auth/sign-out")
    back = await person.follow(answer, f"{person.url}/signed-out")
    assert "Here and at the sign-in service." in (await person.client.get(back.headers["location"])).text
    assert not await person.is_in()


async def test_a_therapist_has_the_role_of_their_group(visit: Visit) -> None:
    answer = await visit.prove("/auth/sign-in", "mara")
    assert answer.headers["location"] == "/today"
    assert (await visit.person.get("/today")).status_code == 200


async def test_who_did_not_sign_out_there_is_asked_for_the_password_all_the_same(visit: Visit) -> None:
    person = visit.person
    await visit.prove("/auth/sign-in", "first_client")
    before = person.client.cookies["sid"]
    person.client.cookies.delete("sid")
    page = await visit._shown(await person.post("/auth/sign-in"))
    assert str(page.url).startswith(visit.folder.issuer)
    assert 'name="password"' in page.text or 'name="login"' in page.text
    assert before not in page.text
