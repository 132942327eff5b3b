"""The service killed with -9 again and again in the middle of bookings; what it acknowledged must be there, once."""

import asyncio
import json
import os
import random
import re
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from pathlib import Path

import httpx2
from sqlalchemy import func, select

from telehealth.appointments.models import appointments
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.availability.models import occupancies
from telehealth.crypto.kek import FileKeks
from telehealth.db.engine import Database
from telehealth.demo.folder import free_port
from telehealth.office import build_office
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.settings import Settings
from telehealth.web import cookies
from tests.live.clinic_at_work import environment_of
from tests.patience import within
from tests.people import SINGLE
from tests.unit.appointments import rush
from tests.unit.appointments.rush import Rush, Wish
from tests.web.conftest import SIGNED_IN

TELEHEALTH = (sys.executable, "-m", "telehealth")
BOOKERS = 8
EACH = 4  # clients of a therapist: so few that nobody is away long enough to be signed out
SEED = 9
SOONEST, LATEST = 0.02, 0.6  # seconds of bookings before the next kill
READY_SECONDS, ANSWER_SECONDS, PAUSE = 120.0, 30.0, 0.02
Tell = Callable[[int, int], None]
TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{32})"')


@dataclass
class Outcome:
    """What was acknowledged (the appointment's id for each attempt's key), how many attempts had to be repeated, and
    the seconds from each kill to the next acknowledged booking."""

    booked: dict[str, bytes] = field(default_factory=dict)
    repeated: int = 0
    back_after: list[float] = field(default_factory=list)
    first_start: float = 0.0
    answered: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Service:
    """`telehealth serve` as it is started, killed and started again, at one address."""

    environment: dict[str, str]
    folder: Path
    port: int
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    async def start(self) -> None:
        """Until it says that it is ready."""
        with (self.folder / "log").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *TELEHEALTH,
                *("serve", "--port", str(self.port)),
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            async for line in self.process.stdout:
                if line.startswith(b"ready: "):
                    return
        raise AssertionError((self.folder / "log").read_text())

    async def end(self, number: signal.Signals) -> None:
        """Send a signal and wait; what it still said is read away."""
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)
            async with within("the service to end"):
                await self.process.communicate()

    async def run(self, *arguments: str) -> object:
        """A command to its end, which must be a good one: its answer in JSON."""
        process = await asyncio.create_subprocess_exec(
            *(*TELEHEALTH, *arguments, "--json"),
            env=self.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with within(f"telehealth {' '.join(arguments)}", READY_SECONDS):
            out, err = await process.communicate()
        assert process.returncode == 0, out + err
        return json.loads(out)


@asynccontextmanager
async def clinic(
    database: Database, folder: Path, attempts: int
) -> AsyncIterator[tuple[Service, Office, Rush]]:
    """A practice with therapists whose times are free, and a service that is not started yet."""
    port = free_port()
    environment = {**os.environ, **environment_of(database, folder), "PUBLIC_URL": f"http://localhost:{port}"}
    settings = Settings.from_environment(environment)
    settings.kek_dir.mkdir()
    office = build_office(settings)
    FileKeks(settings.kek_dir).create(office.clock())
    service = Service(environment, folder, port)
    try:
        yield service, office, await rush.open_doors(office, 2 * attempts)
    finally:
        await service.end(signal.SIGKILL)
        await office.database.close()


async def kill_again_and_again(
    service: Service, office: Office, wanted: Rush, kills: int, tell: Tell = lambda *_: None
) -> Outcome:
    """So many kills at random moments, while clients book all the time; every attempt is repeated until answered.

    `tell` hears (kills so far, kills).
    """
    outcome, chance = Outcome(), random.Random(SEED)
    waiting = _wishes(wanted, office, chance)
    browsers = {each.id: await _browser(service, office, each) for each in wanted.clients}
    began = time.monotonic()
    await service.start()
    outcome.first_start = time.monotonic() - began
    stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(BOOKERS):
                group.create_task(_book(outcome, waiting, browsers, stop))
            for number in range(1, kills + 1):
                await asyncio.sleep(chance.uniform(SOONEST, LATEST))
                await service.end(signal.SIGKILL)
                killed = time.monotonic()
                await service.start()
                outcome.answered.clear()  # an answer from before the kill may have been read since
                async with asyncio.timeout(ANSWER_SECONDS):
                    await outcome.answered.wait()
                outcome.back_after.append(time.monotonic() - killed)
                tell(number, kills)
            stop.set()
    finally:
        for browser in browsers.values():
            await browser.aclose()
    await service.end(signal.SIGTERM)
    return outcome


def _wishes(wanted: Rush, office: Office, chance: random.Random) -> Iterator[Wish]:
    """Each time once, by a client of that therapist's alone: there is no reason to refuse anybody."""
    theirs = {
        each.id: wanted.clients[number :: len(wanted.therapists)][:EACH]
        for number, each in enumerate(wanted.therapists)
    }
    for wish in rush.wishes(wanted, office.clock())[::2]:
        yield replace(wish, client=chance.choice(theirs[wish.therapist.id]))


async def _browser(service: Service, office: Office, client: Person) -> httpx2.AsyncClient:
    """Somebody who is signed in."""
    secret, now = cookies.new_secret(), office.clock()
    row = {"hash": cookies.hash_of(secret, "session"), "id": client.session, "person_id": client.id}
    times = {"created_at": now, "seen_at": now, "signed_in_at": now}
    async with office.database.transaction() as connection:
        await people.open_session(connection, {**row, "role": client.role, **times, **SIGNED_IN})
    headers = {"Origin": service.url, "Sec-Fetch-Site": "same-origin"}
    browser = httpx2.AsyncClient(
        base_url=service.url, headers=headers, trust_env=False, timeout=ANSWER_SECONDS
    )
    browser.cookies.set("sid", cookies.text_of(secret))
    return browser


async def _book(
    outcome: Outcome,
    waiting: Iterator[Wish],
    browsers: dict[bytes, httpx2.AsyncClient],
    stop: asyncio.Event,
) -> None:
    """One attempt after another, each with a key of its own by which it may be repeated."""
    while not stop.is_set():
        wish, key = next(waiting), secrets.token_hex(16)
        choice = f"{SINGLE.id.hex()} {wish.therapist.id.hex()} {wish.start.isoformat()}"
        for asked in count():
            with suppress(httpx2.TransportError):
                outcome.booked[key] = await _ask(browsers[wish.client.id], {"choice": choice, "key": key})
                outcome.answered.set()
                break
            outcome.repeated += asked == 0
            await asyncio.sleep(PAUSE)


async def _ask(browser: httpx2.AsyncClient, form: dict[str, str]) -> bytes:
    """The appointment's id; a browser that went away while it waited asks again."""
    page = await browser.get("/what-to-expect")
    token = TOKEN.search(page.text)
    assert token is not None, (page.status_code, page.text)
    answer = await browser.post("/appointments", data={**form, "reason": "", "csrf_token": token[1]})
    assert answer.status_code == 303, (answer.status_code, answer.text)
    return bytes.fromhex(answer.headers["location"].split("?")[0].rpartition("/")[2])


async def check(service: Service, office: Office, outcome: Outcome) -> dict[str, int]:
    """Every acknowledged booking there exactly once and no other, the record whole, and no row without its key."""
    async with office.database.reading() as c:
        there = list((await c.execute(select(appointments.c.id))).scalars())
        order = occupancies.c.party, occupancies.c.starts_at
        taken = (await c.execute(select(occupancies).order_by(*order))).all()
        entries = select(func.count()).where(audit_leaves.c.type == "appointment.book")
        noted = (await c.execute(entries)).scalar_one()
    assert sorted(there) == sorted(outcome.booked.values())
    assert all(one.party != other.party or one.ends_at <= other.starts_at for one, other in pairwise(taken))
    assert len(taken) == 2 * len(there)
    assert noted == len(there)
    record = await service.run("audit", "verify")
    keys = await service.run("keys", "verify")
    assert isinstance(record, dict)
    assert isinstance(keys, dict)
    assert (record["whole"], record["pending"], keys["findings"], keys["keyless"]) == (True, 0, [], 0)
    return {"bookings": len(there), "entries": record["entries"], "values": keys["values"]}
