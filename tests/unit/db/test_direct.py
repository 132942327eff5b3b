"""What is built once is sent past SQLAlchemy: the same rows, the same errors, the same transactions as its own way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError, ResourceClosedError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.db.among import Among
from telehealth.db.direct import built_once
from telehealth.db.engine import Database, is_away, sqlstate_of
from tests.postgres import Server
from tests.schema import fresh_postgres
from tests.unit.db.things import USUAL, kinds, thing, things

ALL, ADD = built_once(select(things).order_by(things.c.number)), built_once(insert(things))
LISTED = built_once(select(things).where(Among(things.c.number, "numbers")))
SLEEP = built_once(text("SELECT pg_sleep(:seconds)"))
MINE = built_once(text("SELECT pg_backend_pid() AS pid"))


@pytest.fixture
def fresh_database(postgres: Server) -> object:
    """SQLite knows nothing of this."""
    return partial(fresh_postgres, postgres, "test_direct")


@pytest.fixture
async def shelf(database: Database) -> Database:
    """A table without rows; what this module builds once was sent once."""
    async with database.transaction() as c:
        await c.run_sync(things.metadata.create_all)
    async with database.reading() as c:
        await c.execute(ADD, thing(1))
        await c.execute(ADD, [thing(2), thing(3)])
        await c.execute(ALL)
        await c.execute(MINE)
        await c.execute(SLEEP, {"seconds": 0})
    return database


@contextmanager
def noted(database: Database) -> Iterator[list[bool]]:
    """Of each statement sent meanwhile, whether it went past SQLAlchemy, which has a context for its own."""
    past: list[bool] = []

    def note(_c: Any, _cursor: Any, _sql: str, values: Any, context: Any, many: bool) -> None:
        assert all(isinstance(row, tuple) for row in (values if many else [values]))
        past.append(context is None)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield past
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def test_every_kind_of_statement_answers_as_sqlalchemy_does(shelf: Database) -> None:
    asked = kinds()
    usual = await _answers(shelf, asked)
    for statement, _ in asked.values():
        built_once(statement)
    first = await _answers(shelf, asked)
    with noted(shelf) as past:
        second = await _answers(shelf, asked)
    assert first == usual
    assert second == usual
    assert past == [kind not in USUAL for kind in second]


async def _answers(shelf: Database, asked: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """What each of them answers, one after another, in a transaction that is not kept."""
    found: dict[str, Any] = {}
    async with shelf.reading() as c:
        for kind, (statement, values) in asked.items():
            result = await c.execute(statement, values)
            found[kind] = result.rowcount, _rows(result)
        found["what is left"] = _rows(await c.execute(ALL))
    return found


def _rows(result: Any) -> object:
    try:
        rows = result.all()
    except ResourceClosedError as error:
        return str(error)
    return [(row, row._fields, row._mapping, [type(value) for value in row]) for row in rows]


WRONG: dict[str, tuple[Any, Any]] = {
    "refused by the database": (ADD, [thing(1, id=b"1" * 16), thing(2, id=b"1" * 16)]),
    "refused in one row": (ADD, thing(None)),
    "of another type": (ADD, thing("one")),
    "without a zone": (ADD, thing(3, at=datetime(2026, 1, 1))),  # noqa: DTZ001 - that is what is refused
    "too long": (ADD, thing(4, words="x" * 21)),
}


@pytest.mark.parametrize("kind", WRONG)
async def test_an_error_is_the_one_that_sqlalchemy_raises_and_a_savepoint_outlives_it(
    shelf: Database, kind: str
) -> None:
    statement, values = WRONG[kind]

    async def refused(wrong: Any, c: AsyncConnection) -> StatementError:
        with pytest.raises(StatementError) as raised:
            async with c.begin_nested():
                await c.execute(wrong, values)
        return raised.value

    async with shelf.transaction() as c:
        usual = await refused(insert(things), c)
        with noted(shelf) as past:
            direct = await refused(statement, c)
            await c.execute(ADD, thing(9))
    assert True in past
    assert type(direct) is type(usual)
    assert type(direct.orig) is type(usual.orig)
    assert str(direct.orig) == str(usual.orig)
    assert not is_away(direct)
    if isinstance(direct, DBAPIError) and isinstance(usual, DBAPIError):
        assert sqlstate_of(direct) == sqlstate_of(usual)
    async with shelf.reading() as c:
        assert [row.number for row in await c.execute(ALL)] == [9]


async def test_a_transaction_is_kept_unless_an_error_ends_it_and_a_reading_sees_one_state(
    shelf: Database,
) -> None:
    async with shelf.reading() as before:
        assert (await before.execute(ALL)).all() == []
        async with shelf.transaction() as c:
            await c.execute(ADD, thing(1))
        with pytest.raises(KeyError):
            await _break_off(shelf)
        await before.execute(ADD, thing(3))
        assert [row.number for row in await before.execute(ALL)] == [3]
    async with shelf.reading() as after:
        assert [row.number for row in await after.execute(ALL)] == [1]


async def _break_off(shelf: Database) -> None:
    async with shelf.transaction() as c:
        await c.execute(ADD, thing(2))
        raise KeyError


async def _statement(c: AsyncConnection) -> None:
    await c.execute(ALL)


async def _nothing(_c: AsyncConnection) -> None:
    """The end of the transaction is the next that is sent."""


@pytest.mark.parametrize("act", [_statement, _nothing], ids=["a statement", "the end"])
async def test_a_connection_that_was_lost_is_away_and_the_next_one_serves(
    shelf: Database, act: Callable[[AsyncConnection], Awaitable[None]]
) -> None:
    async def lose() -> None:
        async with shelf.transaction() as c:
            pids.append((await c.execute(MINE)).scalar_one())
            async with shelf.transaction() as other:
                await other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pids[0]})
            await act(c)

    pids: list[int] = []
    with pytest.raises((DBAPIError, ConnectionError)) as lost:
        await lose()
    assert is_away(lost.value)
    async with shelf.transaction() as c:
        assert (await c.execute(MINE)).scalar_one() not in pids


async def test_what_is_not_the_drivers_own_error_stays_what_it_is(shelf: Database) -> None:
    def lose(*_: Any) -> None:
        raise ConnectionResetError

    event.listen(shelf.engine.sync_engine, "before_cursor_execute", lose)
    with pytest.raises(ConnectionResetError):
        async with shelf.reading() as c:
            await c.execute(ALL)


async def test_who_stops_waiting_leaves_nothing_behind(shelf: Database) -> None:
    async def waits() -> None:
        async with shelf.transaction() as c:
            await c.execute(ADD, thing(1))
            await c.execute(SLEEP, {"seconds": 60})

    for _ in range(12):  # more often than the pool has connections
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                await waits()
    async with shelf.reading() as c:
        assert (await c.execute(ALL)).all() == []
    assert shelf.engine.sync_engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_table_that_was_changed_meanwhile_is_read_again_at_the_next_attempt(shelf: Database) -> None:
    async with shelf.transaction() as c:
        await c.execute(ADD, thing(1))
        await c.execute(ALL)
    migrating = Database(shelf.engine.url.render_as_string(hide_password=False))
    async with migrating.transaction() as c:
        await c.execute(text("ALTER TABLE things ALTER COLUMN number TYPE bigint"))
    await migrating.close()
    with pytest.raises(DBAPIError, match="InvalidCachedStatementError"):
        async with shelf.transaction() as c:
            await c.execute(ALL)
    async with shelf.transaction() as c:
        assert [row.number for row in await c.execute(ALL)] == [1]


async def test_a_statement_with_a_list_is_planned_once(shelf: Database) -> None:
    asked = "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE 'SELECT things.%ANY%'"
    async with shelf.reading() as c:
        for number in range(8):
            await c.execute(LISTED, {"numbers": [number]})
        assert [tuple(row) for row in await c.execute(text(asked))] == [(8, 0)]
