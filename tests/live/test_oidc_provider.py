"""Signing in, confirming and signing out through npm's oidc-provider: certified, and written by nobody here."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from telehealth.audit.office import Office
from telehealth.db.engine import Database
from telehealth.people import finding, store
from telehealth.providers import Provider
from tests.live.login_service import Person, Service, listening
from tests.people import Clinic
from tests.schema import fresh_sqlite

ROOT = Path(__file__).parents[2]
SECRET = "a secret of fair length"
START_SECONDS = 30
FIELD = re.compile(r'name="xsrf" value="([^"]+)"')


@pytest.fixture
def fresh_database(sqlite_file: Path, tmp_path: Path) -> Callable[[], AbstractAsyncContextManager[Database]]:
    """What this provider says does not depend on the database."""
    return partial(fresh_sqlite, sqlite_file, tmp_path)


@asynccontextmanager
async def oidc_provider(service: Service) -> AsyncIterator[str]:
    """Its issuer; it runs in a Node process of its own until the end."""
    told = {
        "redirect_uri": f"{service.url}/auth/callback/practice",
        "post_logout_redirect_uri": f"{service.url}/signed-out",
        "backchannel_logout_uri": f"{service.url}/auth/back-channel/practice",
        "client_secret": SECRET,
    }
    process = await asyncio.create_subprocess_exec(
        "node",
        str(ROOT / "tests/live/oidc_provider.mjs"),
        json.dumps(told),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            line = (await process.stdout.readline()).decode()
        assert line.startswith("ready "), "npm ci installs what it needs; scripts/test does that"
        yield line.removeprefix("ready ").strip()
    finally:
        process.stdin.close()
        async with asyncio.timeout(START_SECONDS):
            await process.wait()


@dataclass
class Visit:
    """Somebody whose sign-in goes through that provider."""

    person: Person
    issuer: str

    async def prove(
        self, path: str, who: str, amr: str = "pwd", *, without: str = "(?!)", **fields: str
    ) -> str:
        """Post our form, be `who` at the provider, and come back; returns where that leads.

        `without`: what this browser takes out of the question, a regular expression.
        """
        answer = await self.person.post(path, **fields)
        assert answer.status_code == 303, answer.text
        answer.headers["location"] = re.sub(without, "", answer.headers["location"])
        answer = await self.person.follow(answer, f"{self.issuer}/interaction/")
        page = f"{answer.headers['location']}?who={who}&amr={amr}"
        answer = await self.person.client.get(page)
        answer = await self.person.client.get(answer.headers["location"])
        if (another := FIELD.search(answer.text)) is not None:  # it ends the session of who was there before
            data = {"xsrf": another[1], "logout": "yes"}
            answer = await self.person.client.post(f"{self.issuer}/session/end/confirm", data=data)
        back = await self.person.follow(answer, self.person.url)
        answer = await self.person.client.get(back.headers["location"])
        return str(answer.headers.get("location", answer.text))

    async def sign_out(self, *, there: bool) -> str:
        """Post our form and answer the provider's question; returns where it leads back to."""
        answer = await self.person.post("/auth/sign-out")
        page = await self.person.client.get(answer.headers["location"])
        secret = FIELD.search(page.text)
        assert secret is not None
        data = {"xsrf": secret[1], **({"logout": "yes"} if there else {})}
        answer = await self.person.client.post(f"{self.issuer}/session/end/confirm", data=data)
        return str(answer.headers["location"])


@pytest.fixture
async def visit(office: Office, clinic: Clinic, tmp_path: Path) -> AsyncIterator[Visit]:
    async with listening() as service, oidc_provider(service) as issuer:
        roles = {"therapists": "therapist"}
        known = Provider("practice", "Practice account", issuer, "telehealth", SECRET, roles=roles)  # type: ignore[arg-type]
        async with service.knowing(known, office, tmp_path) as person:
            yield Visit(person, issuer)


async def test_a_client_signs_in_confirms_and_signs_out(visit: Visit, office: Office) -> None:
    person = visit.person
    assert await visit.prove("/auth/sign-in", "wren", next="/profile") == "/profile"
    assert await person.is_in()
    async with office.database.transaction() as connection:
        account = await finding.account_of(connection, office.ring, visit.issuer, "wren")
        assert account is not None
        _, email = await store.profile_of(connection, office.ring, account.person_id)
    assert email == "wren@mail.example"
    before = person.client.cookies["sid"]
    assert await visit.prove("/auth/step-up", "wren", next="/passkeys") == "/passkeys"
    assert person.client.cookies["sid"] != before
    assert await person.is_in()
    back = await visit.sign_out(there=True)
    assert back.startswith(f"{person.url}/signed-out?state=")
    page = await person.client.get(back)
    assert "Here and at the sign-in service." in page.text
    assert not await person.is_in()


async def test_somebody_else_confirms_nothing(visit: Visit) -> None:
    """This provider ends the session of who was there before, and ours with it over the back channel."""
    await visit.prove("/auth/sign-in", "wren")
    assert "step_up_session" in await visit.prove("/auth/step-up", "mara")
    assert not await visit.person.is_in()


async def test_staff_come_in_with_two_factors_and_half_in_with_one(visit: Visit) -> None:
    assert await visit.prove("/auth/sign-in", "mara", "pwd otp") == "/today"
    assert (await visit.person.get("/today")).status_code == 200
    assert "step_up_one_factor" in await visit.prove("/auth/step-up", "mara", "pwd")
    assert await visit.prove("/auth/step-up", "mara", "pwd otp", next="/passkeys") == "/passkeys"
    await visit.sign_out(there=True)
    assert await visit.prove("/auth/sign-in", "mara", "pwd") == "/auth/second-step?next=%2Ftoday"
    assert not await visit.person.is_in()


async def test_whoever_takes_the_groups_out_of_the_question_is_no_client(
    visit: Visit, office: Office
) -> None:
    assert await visit.prove("/auth/sign-in", "mara", "pwd otp") == "/today"
    staff = visit.person.client.cookies["sid"]
    visit.person.client.cookies.clear()
    assert "login_without_groups" in await visit.prove("/auth/sign-in", "mara", without=r"(\+|%20)groups")
    assert not await visit.person.is_in()
    visit.person.client.cookies.set("sid", staff)
    assert (await visit.person.get("/today")).status_code == 200


async def test_whoever_takes_the_asking_out_of_the_question_does_not_come_in_as_who_was_there(
    visit: Visit,
) -> None:
    assert await visit.prove("/auth/sign-in", "mara", "pwd otp") == "/today"
    await visit.person.post("/leave")
    visit.person.client.cookies.delete("away")
    answer = await visit.person.post("/auth/sign-in")
    url = re.sub(r"&?(prompt|max_age)=[^&]*", "", answer.headers["location"])
    back = await visit.person.follow(await visit.person.client.get(url), visit.person.url)
    assert "login_not_asked" in (await visit.person.client.get(back.headers["location"])).text
    assert not await visit.person.is_in()


async def test_its_end_of_a_session_ends_ours_over_the_back_channel(visit: Visit) -> None:
    person = visit.person
    await visit.prove("/auth/sign-in", "wren")
    page = await person.client.get(f"{visit.issuer}/session/end")
    secret = FIELD.search(page.text)
    assert secret is not None
    data = {"xsrf": secret[1], "logout": "yes"}
    assert await person.is_in()
    answer = await person.client.post(f"{visit.issuer}/session/end/confirm", data=data)
    assert answer.status_code in (302, 303)
    assert not await person.is_in()


async def test_who_stays_signed_in_there_is_asked_again_here(visit: Visit) -> None:
    await visit.prove("/auth/sign-in", "wren")
    await visit.sign_out(there=False)
    assert not await visit.person.is_in()
    answer = await visit.person.post("/auth/sign-in")
    assert (await visit.person.follow(answer, f"{visit.issuer}/interaction/")).status_code == 303
