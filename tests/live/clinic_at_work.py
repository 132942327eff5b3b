"""A clinic whose service is written to all the time, and the key command in a process of its own beside it."""

import asyncio
import base64
import json
import os
import re
import secrets
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from telehealth.app import create_app
from telehealth.appointments import acts as appointments
from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.office import build_office
from telehealth.people import acts as people
from telehealth.people.acts import Identity
from telehealth.person import Person
from telehealth.settings import Settings
from telehealth.web import cookies
from tests.people import MIKA, ROSA, STRANGER, make_clinic
from tests.unit.appointments.scene import Browser as Holder
from tests.unit.appointments.scene import book
from tests.unit.keys.scene import ISSUER, token
from tests.web.browser import Browser

PACE = 0.2  # seconds between two acts of one person: six of them, and the key command has the machine beside them
SECONDS = 180
KNOWN = 100  # accounts beside the named people
COUNT = re.compile(r"^(?P<name>[^:]+): (?P<done>\d+) of (?P<total>\d+)$")


@dataclass
class Traffic:
    """People at work. `done` counts what they did; the first thing that goes wrong ends the test."""

    office: Office
    app: Any
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    done: int = 0
    _numbers: "count[int]" = field(default_factory=count)

    async def bookings(self, person: Person, half_hours: int) -> None:
        """Book, look, cancel, again and again."""
        start = _a_tuesday(self.office.clock()) + timedelta(minutes=30 * half_hours)
        while not await self._stopped():
            words = f"Words {next(self._numbers)}"
            made = await book(
                self.office, person, start, browser=Holder(str(half_hours)), name="N", reason=words
            )
            mine = await appointments.mine(self.office, person)
            assert words in [each.reason for each in mine if each.id == made.id]
            await appointments.cancel(self.office, person, made.id, f"off-{next(self._numbers):028}")
            self.done += 3

    async def names(self) -> None:
        """Change one's name and read it on a page."""
        browser, person = await self._signed_in("changing", None)
        try:
            while not await self._stopped():
                name = await people.rename(self.office, person, f"Name {next(self._numbers)}")
                page = await browser.get("/profile")
                assert page.status_code == 200, page.text
                assert name in page.text
                self.done += 2
        finally:
            await browser.close()

    async def sign_ins(self) -> None:
        """Come back as somebody known, or come for the first time, and look at a page."""
        while not await self._stopped():
            number = next(self._numbers)
            subject = f"subject-{number % KNOWN}" if number % 5 else f"new-{secrets.token_hex(8)}"
            browser, _ = await self._signed_in(subject, secrets.token_hex(8))
            page = await browser.get("/appointments")
            assert page.status_code == 200, page.text
            await browser.close()
            self.done += 2

    async def _signed_in(self, subject: str, sid: str | None) -> tuple[Browser, Person]:
        secret = cookies.new_secret()
        identity = _identity(subject, sid)
        arrival = await people.sign_in(self.office, identity, cookies.hash_of(secret, "session"))
        browser = Browser(self.app)
        browser.client.cookies.set("sid", cookies.text_of(secret))
        return browser, arrival.person

    async def _stopped(self) -> bool:
        try:
            async with asyncio.timeout(PACE):
                await self.stop.wait()
        except TimeoutError:
            return False
        return True


def _identity(subject: str, sid: str | None) -> Identity:
    email = f"{subject}@example.org"
    return Identity("practice", ISSUER, subject, "client", email, sid, token(sid), strong=False)


def _a_tuesday(now: datetime) -> datetime:
    """Ten o'clock in Berlin on a Tuesday in one to two weeks, which is not the clinic's day off."""
    day = now.date() + timedelta(days=7)
    while day.weekday() != 1:
        day += timedelta(days=1)
    return datetime.combine(day, time(9), ZoneInfo("Europe/Berlin")).astimezone(UTC)


@dataclass
class ClinicAtWork:
    """The service's office, its folder of keys, and the settings of the key command."""

    office: Office
    keks: FileKeks
    environment: dict[str, str]
    app: Any

    @asynccontextmanager
    async def traffic(self) -> AsyncIterator[Traffic]:
        """People at work until the end of the block; what failed for one of them fails the test."""
        traffic = Traffic(self.office, self.app)
        async with asyncio.TaskGroup() as group:
            for number, person in enumerate((ROSA, MIKA, STRANGER)):
                group.create_task(traffic.bookings(person, 2 * number))
            group.create_task(traffic.names())
            for _ in range(2):
                group.create_task(traffic.sign_ins())
            try:
                yield traffic
            finally:
                traffic.stop.set()

    async def keys(self, *arguments: str) -> tuple[int, Any]:
        """Run the key command to its end: exit code, and what it answers in JSON."""
        async with self._started(*arguments, "--json") as process, asyncio.timeout(SECONDS):
            out, err = await process.communicate()
        assert out, err.decode()
        return process.returncode or 0, json.loads(out)

    async def killed(self, *arguments: str) -> tuple[str, int, int]:
        """Run the key command and kill -9 it as soon as it says that some but not all is done."""
        async with self._started(*arguments) as process, asyncio.timeout(SECONDS):
            assert process.stderr is not None
            async for line in process.stderr:
                said = COUNT.match(line.decode().strip())
                if said and 0 < int(said["done"]) < int(said["total"]):
                    process.send_signal(signal.SIGKILL)
                    await process.communicate()
                    assert process.returncode == -signal.SIGKILL
                    return said["name"], int(said["done"]), int(said["total"])
        raise AssertionError("it was done before it could be killed")

    @asynccontextmanager
    async def _started(self, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """The command in a process that does not outlive the block."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "telehealth",
            "keys",
            *arguments,
            env={**os.environ, **self.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()


def environment_of(database: Database, folder: Path) -> dict[str, str]:
    """Settings as a clinic's IT would give them."""
    provider = {
        "id": "practice",
        "name": "P",
        "issuer": ISSUER,
        "client_id": "c",
        "client_secret": secrets.token_hex(16),
    }
    keys = ("INDEX_ROOT", "AUDIT_KEY", "PSEUDONYM_KEY", "COOKIE_KEY")
    return {
        "DEMO": "1",
        "PUBLIC_URL": "http://localhost:8000",
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "KEK_DIR": str(folder / "keks"),
        "CHECKPOINT_FILE": str(folder / "audit.note"),
        "CLINIC_ID": "test-clinic",
        "CLINIC_NAME": "Linden Practice",
        "CLINIC_ZONE": "Europe/Berlin",
        "LEAVE_URL": "https://weather.example/",
        "PROVIDERS": json.dumps([provider]),
        "KEY_BACKUP_DAYS": "0",
    } | {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in keys}


@asynccontextmanager
async def clinic_at_work(database: Database, folder: Path) -> AsyncIterator[ClinicAtWork]:
    """The named people, their clinic, and many accounts more."""
    environment = environment_of(database, folder)
    settings = Settings.from_environment(environment)
    settings.kek_dir.mkdir()
    keks = FileKeks(settings.kek_dir)
    office = build_office(settings)
    keks.create(office.clock())
    try:
        await make_clinic(office)
        for number in range(KNOWN):
            identity = _identity(f"subject-{number}", f"sid-{number}")
            await people.sign_in(office, identity, secrets.token_bytes(32))
        yield ClinicAtWork(office, keks, environment, create_app(settings, office=office))
    finally:
        await office.database.close()
