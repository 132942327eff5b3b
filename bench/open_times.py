"""Open times of a whole clinic, beside reading the same rows by bare SQL and doing nothing with them."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bench.row import Row
from bench.timetable import NOW, WEEKS, Timetable, timetable
from telehealth.availability.acts import open_in

THERAPISTS, BOOKED = 50, 10_000
RUNS = 20
SINCE, UNTIL = NOW, NOW + timedelta(weeks=WEEKS)
HOURS = """
    SELECT therapist_id, weekday, start_minute, end_minute, valid_from, valid_until
    FROM hours WHERE therapist_id = ANY($1)"""
EXCEPTIONS = """
    SELECT therapist_id, day, last_day, kind, start_minute, end_minute
    FROM exceptions WHERE therapist_id = ANY($1) AND day BETWEEN $2 AND $3"""
TAKEN = """
    SELECT o.party, o.starts_at, o.ends_at
    FROM occupancies o LEFT JOIN holds h ON h.appointment_id = o.appointment_id
    WHERE o.party = ANY($1) AND o.ends_at > $2 AND o.starts_at < $3
    AND o.state IN ('held', 'asked', 'booked', 'attended') AND (h.held_until IS NULL OR h.held_until > $4)"""


async def measure() -> Row:
    """Milliseconds for everybody's open times of eight weeks."""
    async with timetable(THERAPISTS, BOOKED) as made:
        found = await _found(made)
        own, bare = await _in_turns(made, _ours, _bare)
    what = (
        f"open times of {THERAPISTS} therapists over {WEEKS} weeks with {made.appointments:,} appointments: "
        f"{found:,} times, {1000 * sorted(own)[len(own) // 2] / found:.2f} µs each"
    )
    return Row(
        what=what,
        beside="reading the same rows by bare SQL with the driver alone",
        unit="ms",
        ours=own,
        theirs=bare,
        goal=3,
    )


async def measure_half() -> Row:
    """The same for half of the therapists beside all of them: linear in what is returned is a ratio of a half."""
    async with timetable(THERAPISTS, BOOKED) as made:
        own, whole = await _in_turns(made, _half, _ours)
    return Row(
        what=f"open times of {THERAPISTS // 2} of {THERAPISTS} therapists, {WEEKS} weeks",
        beside=f"open times of all {THERAPISTS}",
        unit="ms",
        ours=own,
        theirs=whole,
        goal=0.6,
    )


async def _found(made: Timetable) -> int:
    async with made.database.reading() as c:
        return await _ours(made, c)


Side = Callable[[Timetable, AsyncConnection], Awaitable[int]]


async def _in_turns(made: Timetable, one: Side, other: Side) -> tuple[list[float], list[float]]:
    times: list[tuple[float, float]] = []
    for run in range(-2, RUNS):  # the first ones only warm up
        taken = [await _milliseconds(made, side) for side in (one, other)]
        if run >= 0:
            times.append((taken[0], taken[1]))
    return [each[0] for each in times], [each[1] for each in times]


async def _milliseconds(made: Timetable, side: Side) -> float:
    async with made.database.reading() as c:
        started = time.perf_counter()
        assert await side(made, c)
        return (time.perf_counter() - started) * 1000


async def _ours(made: Timetable, c: AsyncConnection, share: int = 1) -> int:
    staff = made.therapists[: len(made.therapists) // share]
    return len(await open_in(c, made.service, staff, since=SINCE, until=UNTIL, now=NOW, holder=None))


async def _half(made: Timetable, c: AsyncConnection) -> int:
    return await _ours(made, c, share=2)


async def _bare(made: Timetable, c: AsyncConnection) -> int:
    driver = (await c.get_raw_connection()).driver_connection
    assert driver is not None
    staff, day = [each.id for each in made.therapists], timedelta(days=1)
    rows = await driver.fetch(HOURS, staff)
    rows += await driver.fetch(EXCEPTIONS, staff, (SINCE - 2 * day).date(), (UNTIL + 2 * day).date())
    rows += await driver.fetch(TAKEN, staff, SINCE - day, UNTIL + day, NOW)
    return len(rows)
