"""Finding one person among a hundred thousand by a blind index, beside an indexed equality over the same in clear.

Ours is the whole way: the tag, the look-up, the keys, and every hit opened and compared. An account is found by all
256 bits and is one hit; an address by as many bits as the service chooses where PLANNED_PEOPLE is a hundred thousand,
and is about a hundred.
"""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.crowd import ISSUER, Crowd, crowd
from bench.row import Row
from telehealth.crypto.index import is_within_bound
from telehealth.keys.indexes import PEOPLE_EMAIL
from telehealth.people import finding

RUNS = 20
PEOPLE = 100_000
STEP = 7919  # the next person looked for is far from the one before


async def measure_account() -> Row:
    """Milliseconds for each account."""

    async def ours(made: Crowd, c: AsyncConnection, number: int) -> bytes:
        found = await finding.account_of(c, made.ring, ISSUER, made.subject(number))
        assert found is not None
        return found.person_id

    async def plain(made: Crowd, c: AsyncConnection, number: int) -> bytes:
        query = text("SELECT id FROM plain WHERE subject = :subject")
        return bytes((await c.execute(query, {"subject": made.subject(number)})).scalar_one())

    return await _measured(
        "find an account among 100,000 by a full blind index, opened and compared", ours, plain
    )


async def measure_address() -> Row:
    """Milliseconds for each address."""
    bits = PEOPLE_EMAIL.planned(1, PEOPLE).bits
    assert is_within_bound(PEOPLE, [bits])

    async def ours(made: Crowd, c: AsyncConnection, number: int) -> bytes:
        (found,) = await finding.people_at(c, made.ring, made.email(number))
        return found

    async def plain(made: Crowd, c: AsyncConnection, number: int) -> bytes:
        query = text("SELECT id FROM plain WHERE email = :email")
        return bytes((await c.execute(query, {"email": made.email(number)})).scalar_one())

    hits = f"about {PEOPLE / 2**bits:.0f} hits opened and compared"
    return await _measured(
        f"find an address among 100,000 by a blind index of {bits} bits, {hits}", ours, plain
    )


async def _measured(
    what: str,
    ours: Callable[[Crowd, AsyncConnection, int], Awaitable[bytes]],
    plain: Callable[[Crowd, AsyncConnection, int], Awaitable[bytes]],
) -> Row:
    with TemporaryDirectory() as folder:
        async with crowd(Path(folder), PEOPLE) as made:
            times: list[tuple[float, float]] = []
            for run in range(-1, RUNS):  # the first one only warms up
                taken = [await _milliseconds(made, side, (run + 2) * STEP) for side in (ours, plain)]
                if run >= 0:
                    times.append((taken[0], taken[1]))
    own, others = zip(*times, strict=True)
    return Row(
        what=what,
        beside="an indexed equality over the same values in clear, same PostgreSQL, same kind of transaction",
        unit="ms",
        ours=own,
        theirs=others,
    )


async def _milliseconds(
    made: Crowd, find: Callable[[Crowd, AsyncConnection, int], Awaitable[bytes]], first: int
) -> float:
    """The mean of fifty, each in a transaction of its own."""
    started = time.perf_counter()
    for step in range(50):
        number = (first + step * STEP) % made.size
        async with made.database.transaction() as c:
            found = await find(made, c, number)
        assert found == made.id_of(number)
    return (time.perf_counter() - started) / 50 * 1000
