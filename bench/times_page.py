"""The page on which one finds a time: one therapist who works every day, fifteen days, three hundred appointments."""

import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx2
from sqlalchemy import insert, text

from bench.open_times import EXCEPTIONS, HOURS, TAKEN
from bench.row import Row
from bench.timetable import NOW, add_staff, book
from telehealth.app import create_app
from telehealth.availability.models import hours
from telehealth.clinic import store as clinic
from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from tests.clock import FakeClock
from tests.furnished import new_office
from tests.people import SINGLE
from tests.postgres import running_server
from tests.statements import sent_to
from tests.web.conftest import settings_for

DAYS, A_DAY = 15, 20
OPENS, CLOSES, EVERY = 8, 20, 30  # UTC hours, and minutes from one start to the next
RUNS = 50
LIMIT = 15.0
PATH = "/times?service=" + SINGLE.slug


async def measure() -> Row:
    """Milliseconds for the whole request in the process that answers it: who asks, statements, times, page."""
    ours, theirs, counts, found = [], [], set(), 0
    async with _practice() as database, _visitor(database) as visitor:
        for run in range(-5, RUNS):  # the first ones only warm up
            with sent_to(database) as sent:
                started = time.perf_counter()
                answer = await visitor.get(PATH)
                taken = (time.perf_counter() - started) * 1000
            assert answer.status_code == 200, answer.text
            found = answer.text.count('name="choice"')
            assert found
            bare = await _bare(database)
            if run >= 0:
                ours.append(taken)
                theirs.append(bare)
                counts.add(len(sent))
    statements = " or ".join(str(each) for each in sorted(counts))
    return Row(
        what=f"the page of open times of one therapist, {DAYS} days, {DAYS * A_DAY} appointments: {found} times of a "
        f"week shown, {statements} statements",
        beside="reading the rows of its times by bare SQL with the driver alone",
        unit="ms",
        ours=ours,
        theirs=theirs,
        limit=LIMIT,
    )


@asynccontextmanager
async def _practice() -> AsyncIterator[Database]:
    with running_server() as server:
        url = server.url("postgres")
        await upgrade(url)
        database = Database(url)
        try:
            await _fill(database)
            yield database
        finally:
            await database.close()


async def _fill(database: Database) -> None:
    async with database.transaction() as c:
        (therapist,) = await add_staff(c, 1)
        service = replace(
            SINGLE,
            therapist_ids=(therapist.id,),
            minutes=EVERY - 5,
            buffer_after=5,
            grid_minutes=EVERY,
            horizon_days=DAYS,
            notice_minutes=0,
        )
        await clinic.add_service(c, service)
        ids = (one.to_bytes(16, "big") for one in count(1_000_000))
        weekly = {"therapist_id": therapist.id, "start_minute": OPENS * 60, "end_minute": CLOSES * 60}
        await c.execute(insert(hours), [{**weekly, "id": next(ids), "weekday": day} for day in range(7)])
        first = NOW.replace(hour=OPENS)
        starts = [
            first + timedelta(days=day, minutes=EVERY * turn) for day in range(DAYS) for turn in range(A_DAY)
        ]
        rows = [(next(ids), therapist.id, start) for start in starts]
        await book(c, service, rows, session=timedelta(minutes=EVERY - 5), buffer=timedelta(minutes=5))
        await c.execute(text("ANALYZE"))


@asynccontextmanager
async def _visitor(database: Database) -> AsyncIterator[httpx2.AsyncClient]:
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(Path(folder))
        app = create_app(settings, office=new_office(database, Path(folder), FakeClock(NOW)))
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url=settings.public_url) as client:
            yield client


async def _bare(database: Database) -> float:
    day, since = timedelta(days=1), NOW
    until, staff = since + DAYS * day, [(1).to_bytes(16, "big")]
    async with database.reading() as c:
        driver = (await c.get_raw_connection()).driver_connection
        assert driver is not None
        started = time.perf_counter()
        await driver.fetch(HOURS, staff)
        await driver.fetch(EXCEPTIONS, staff, (since - 2 * day).date(), (until + 2 * day).date())
        rows = await driver.fetch(TAKEN, staff, since - day, until + day, NOW)
        assert len(rows) == DAYS * A_DAY
        return (time.perf_counter() - started) * 1000
