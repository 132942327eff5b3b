"""Bookings while many want the same times, beside the same statements sent by pgbench."""

import asyncio
import os
import re
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench import replicas
from bench.row import Row
from telehealth.appointments.wanted import Taken
from telehealth.audit.office import Office
from telehealth.db.engine import PLANNED_ONCE, Database
from tests.clock import FakeClock
from tests.furnished import new_office
from tests.postgres import OWNER, Server, programs, running_server
from tests.schema import fresh_postgres, postgres_template
from tests.unit.appointments import rush
from tests.unit.appointments.scene import HERE, book, new_key
from tests.web.rush import by_http

ATTEMPTS, ATTEMPTS_BY_HTTP, BY_HTTP_LARGE = 4_000, 1_000, 10_000
PAIRS = (
    ATTEMPTS // 2 // rush.TASKS
)  # of each client of pgbench: as many as of ours, so that both plan as often
PATIENCE = 200  # seconds
DURABLE = ("fsync=on", "synchronous_commit=on", "full_page_writes=on")
DATABASE = "bookings"
PLACE = re.compile(r"\$(\d+)")
TPS = re.compile(r"tps = ([0-9.]+)")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEAR = timedelta(days=4)  # of the time that is booked: it moves along with that
PERSON = "(int8send(:{0}::bigint) || int8send(:{0}::bigint))"
HIGHEST = 2**62


async def measure() -> Row:
    """Milliseconds from one booking to the next: at most twice those of pgbench is at least half as many a second."""
    async with _doors(ATTEMPTS) as (server, office, wanted, folder):
        outcome = await replicas.run(server.url(DATABASE), folder, wanted)
        await rush.check(office, wanted, outcome)
        script = await _script(office, wanted)
        theirs = await asyncio.to_thread(_pgbench, server, folder, script.text())
    sent = len([each for each in script.statements if each not in ("BEGIN;", "COMMIT;", "ROLLBACK;")])
    beside = (
        f"the {sent} statements of one booking and one refusal by pgbench, {rush.TASKS} clients: "
        f"{1000 / theirs:.0f} a second"
    )
    ours = 1000 * outcome.seconds / len(outcome.booked)
    what = _said(f"a booking by {replicas.REPLICAS} replicas", outcome)
    return Row(what=what, beside=beside, unit="ms", ours=[ours], theirs=[theirs], goal=2)


async def measure_http(attempts: int = ATTEMPTS_BY_HTTP) -> Row:
    """The same as browsers send it, beside the acts alone: what HTTP, sign-in and pages cost."""
    async with _doors(attempts) as (_server, office, wanted, folder):
        async with by_http(office, wanted, folder) as attempt:
            outcome = await rush.run(office, wanted, attempt)
        await rush.check(office, wanted, outcome)
    async with _doors(min(attempts, ATTEMPTS // 2)) as (_server, office, wanted, _folder):
        alone = await rush.run(office, wanted, rush.by_acts(office, wanted))
    what = f"{_said('a booking through HTTP', outcome)}, no other answer"
    ours, theirs = (1000 * each.seconds / len(each.booked) for each in (outcome, alone))
    return Row(what=what, beside="the same without HTTP", unit="ms", ours=[ours], theirs=[theirs])


measure_http_large = partial(measure_http, BY_HTTP_LARGE)


def _said(what: str, outcome: rush.Outcome) -> str:
    attempts = len(outcome.booked) + outcome.refused
    return (
        f"{what}, of {attempts:,} attempts by {rush.TASKS} connections at the times of {rush.THERAPISTS} therapists, "
        f"each wished by two: {len(outcome.booked) / outcome.seconds:.0f} a second, {outcome.refused:,} refused, none "
        "twice"
    )


@asynccontextmanager
async def _doors(attempts: int) -> AsyncIterator[tuple[Server, Office, rush.Rush, Path]]:
    """An office on a PostgreSQL that keeps what it says it keeps, and who wants what there."""
    with running_server(*DURABLE, in_memory=False) as server, tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(postgres_template, server)
        opened = partial(Database, pool_size=rush.TASKS)
        async with fresh_postgres(server, DATABASE, opened=opened) as database:
            office = new_office(database, Path(folder), FakeClock())
            yield server, office, await rush.open_doors(office, attempts), Path(folder)


@dataclass
class Script:
    """One booking as it was sent; what must differ each time is drawn by pgbench. `known` says how to write a value."""

    start: datetime
    known: dict[object, str]
    drawn: int = 0
    statements: list[str] = field(default_factory=list)

    def draw(self, value: bytes | str) -> None:
        """Another value each time: an id of 16 bytes, a hash of 32, or a key."""
        one, other = f":x{self.drawn}::bigint", f":x{self.drawn + 1}::bigint"
        self.drawn += 2
        id_ = f"int8send({one}) || int8send({other})"
        as_text = f"('key-key-key-key-' || {one})"
        as_bytes = f"({id_} || {id_})" if len(value) == 32 else f"({id_})"
        self.known[value] = as_text if isinstance(value, str) else as_bytes

    def add(self, statement: str, values: Any) -> None:
        """A statement as it was sent, with one row of values or several."""
        rows = values if isinstance(values, list) else [values]
        head, verb, place = statement.partition(" VALUES ")
        if not statement.startswith("INSERT"):
            head, verb, place = "", "", statement
        filled = ", ".join(self._filled(statement, place, row) for row in rows)
        self.statements.append(f"{' '.join((head + verb + filled).split())};")

    def _filled(self, statement: str, place: str, row: Any) -> str:
        if statement.startswith("INSERT INTO audit_leaves"):
            self.draw(row[0])  # the hash of a fresh entry
        literals = [self.written(each) for each in row]
        if statement.startswith("INSERT INTO record_keys"):  # each client's keys count by themselves
            of_whom = f"subject_id = {literals[2]} AND class = {literals[3]}"
            literals[4] = f"(SELECT max(version) FROM subject_keys WHERE {of_whom})"
        return PLACE.sub(lambda found: literals[int(found[1]) - 1], place)

    def written(self, value: Any) -> str:
        """A value in SQL, without a colon that pgbench would take for one of its own."""
        if isinstance(value, bytes | str) and value in self.known:
            return self.known[value]
        if isinstance(value, datetime):
            moment = f"to_timestamp({(value - EPOCH).total_seconds():.0f})"
            is_near = abs(value - self.start) < NEAR
            return f"({moment} + :hour::float8 * interval '1 hour')" if is_near else moment
        if isinstance(value, date):
            return f"(DATE '{value}')"
        if isinstance(value, str):
            return f"convert_from(decode('{value.encode().hex()}', 'hex'), 'UTF8')"
        if isinstance(value, bytes):
            return f"decode('{value.hex()}', 'hex')"
        if isinstance(value, list):
            locks = isinstance(value[0], int)
            return f"ARRAY[{', '.join(self.known[each] if locks else self.written(each) for each in value)}]"
        return "NULL" if value is None else str(value)

    def text(self) -> str:
        """Every client of pgbench is a client of ours, and has hours of its own, one after another."""
        head = [
            "\\set n :n + 1",
            "\\set hour :client_id * 100000 + :n",
            f"\\set t random(1, {rush.THERAPISTS})",
            f"\\set c {rush.FIRST_CLIENT} + :client_id",
            f"\\set o :c + {rush.TASKS}",
            *(f"\\set x{each} random(1, {HIGHEST})" for each in range(self.drawn)),
        ]
        return "\n".join([*head, *self.statements, ""])


async def _script(office: Office, wanted: rush.Rush) -> Script:
    """One booking, and one attempt at the same time that is refused, as every time is wished twice."""
    therapist, client, other = wanted.therapists[0], wanted.clients[0], wanted.clients[rush.TASKS]
    key = new_key()
    # Days that are booked up and days that are open lie around it, as around most times of the rush.
    start = office.clock().replace(hour=0, minute=0) + timedelta(days=rush.DAYS + 2)
    known: dict[object, str] = {
        therapist.id: PERSON.format("t"),
        client.id: PERSON.format("c"),
        other.id: PERSON.format("o"),
        _lock(therapist.id): ":t::bigint",
        _lock(client.id): ":c::bigint",
        _lock(other.id): ":o::bigint",
        _lock(HERE.cookie): "(:c::bigint + 1000000)",
    }
    script = Script(start, known)
    script.draw(key)
    chance = office.chance

    def drawn(length: int) -> bytes:
        made = chance(length)
        if length == 16:
            script.draw(made)
        return made

    def sent(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        script.add(statement, values)

    def ended(verb: str) -> Callable[..., None]:
        return lambda *_: script.statements.append(verb)

    office.chance = drawn
    listeners = {"before_cursor_execute": sent, "begin": ended("BEGIN;"), "commit": ended("COMMIT;")}
    engine = office.database.engine.sync_engine
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    wish: dict[str, Any] = {"service_id": wanted.service.id, "therapist_id": therapist.id}
    try:
        await book(office, client, start, key=key, **wish)
        with suppress(Taken):
            await book(office, other, start, **wish)
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
    begun = script.statements.index("BEGIN;", 1)
    script.statements = [*script.statements[:begun], *_rolled_back(script.statements[begun:])]
    return script


def _rolled_back(statements: list[str]) -> list[str]:
    """A refused attempt writes nothing: what it began is ended by the driver, which no event tells."""
    found = [line for each in statements for line in (["ROLLBACK;", each] if each == "BEGIN;" else [each])]
    return [*found[1:], "ROLLBACK;"]


def _lock(party: bytes) -> int:
    return int.from_bytes(party[:8], "big", signed=True)


def _pgbench(server: Server, folder: Path, script: str) -> float:
    """Milliseconds from one transaction to the next."""
    file = folder / "booking.sql"
    file.write_text(script, encoding="utf-8")
    command = [str(programs() / "pgbench"), "-n", "-M", "prepared", "-D", "n=0", "-f", str(file)]
    command += ["-c", str(rush.TASKS), "-j", "2", "-t", str(PAIRS)]
    command += ["-h", str(server.socket_folder), "-U", OWNER, DATABASE]
    # Planned as ours are.
    settings = {"PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in PLANNED_ONCE.items())}
    done = subprocess.run(
        command, env=os.environ | settings, check=True, capture_output=True, text=True, timeout=PATIENCE
    )
    found = TPS.search(done.stdout)
    if found is None:
        raise RuntimeError(f"pgbench said no rate: {done.stdout} {done.stderr}")
    return 1000 / float(found[1])
