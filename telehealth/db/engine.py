"""The engine: one transaction per request, and what the two databases need to keep it honest."""

import errno
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from socket import gaierror
from typing import Any

from sqlalchemy import Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError, InterfaceError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from telehealth.db.direct import DirectConnection, DirectEngine, built_once

RETRIED_STATES = frozenset({"40P01", "40001"})  # deadlock, serialization failure (security.md, section 6)
# The connection is gone (class 08); the server stops, was stopped, has not started yet, or has no place for one more.
AWAY_STATES = ("08", "57P01", "57P02", "57P03", "53300")
OVERLAP = "occupancy_overlap"  # what the SQLite triggers raise
UNREACHABLE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT})
# The same statements come again and again with other values, so that each is planned once for a connection. PostgreSQL
# would do so anew each time where a list is among the values, since it takes a list that it does not know for ten long.
# What an index covers only in part is said by a statement's text, never by a value. Nothing is worth being compiled.
PLANNED_ONCE = {"plan_cache_mode": "force_generic_plan", "jit": "off"}
_LOCK_IN_ORDER = built_once(
    text("SELECT pg_advisory_xact_lock(key) FROM unnest(CAST(:keys AS bigint[])) AS key")
)


class Database:
    """Connections to one database; `url` is sqlite+aiosqlite:///FILE or postgresql+asyncpg://…

    `references=False` is for migrations alone: SQLite does not enforce foreign keys then.
    """

    def __init__(self, url: str, *, pool_size: int = 10, references: bool = True) -> None:
        sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url, references) if sqlite else _postgresql(url, pool_size)
        self.dialect = self.engine.dialect.name

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that may write; committed at the end, rolled back on any error."""
        async with self.engine.connect() as connection:
            if isinstance(connection, DirectConnection):
                async with connection.writing():
                    yield connection
            else:
                await connection.execution_options(writes=True)
                async with connection.begin():
                    yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view of the data, from the first statement to the last; nothing written here is kept."""
        async with self.engine.connect() as connection:
            if isinstance(connection, DirectConnection):
                async with connection.reading():
                    yield connection
            else:  # SQLite's readers see one state by themselves
                yield connection

    async def close(self) -> None:
        await self.engine.dispose()


def _sqlite(url: str, references: bool) -> AsyncEngine:
    engine = create_async_engine(
        url, connect_args={"timeout": 15}, pool_size=8, max_overflow=24, hide_parameters=True
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # SQLAlchemy's BEGIN below is the only one
        cursor = dbapi_connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute(f"PRAGMA foreign_keys={'ON' if references else 'OFF'}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        # A deferred BEGIN that writes later fails with "database is locked" (security.md, section 6).
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: str, pool_size: int) -> AsyncEngine:
    engine = DirectEngine(
        create_async_engine(
            url,
            connect_args={"server_settings": PLANNED_ONCE},
            pool_size=pool_size,
            max_overflow=pool_size,
            hide_parameters=True,
        ).sync_engine
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def refuse_closed(dbapi_connection: Any, _record: Any, _proxy: Any) -> None:
        # The driver hears when the server goes; to ask the server before each transaction takes three round trips.
        if dbapi_connection.driver_connection.is_closed():
            raise DisconnectionError  # the pool opens another one

    @event.listens_for(engine.sync_engine, "do_connect")
    def connect(dialect: Any, _record: Any, args: Any, settings: Any) -> Any:
        try:
            return dialect.connect(*args, **settings)
        except FileNotFoundError as error:  # the server's socket is a file, and goes and comes with it
            raise ConnectionError(error.errno, error.strerror) from error

    return engine


def may_write(connection: AsyncConnection) -> bool:
    """Whether this transaction is one that is kept."""
    sync = connection.sync_connection
    return sync is not None and bool(sync.get_execution_options().get("writes", False))


def writes_beside_others(connection: AsyncConnection) -> bool:
    """Whether this transaction writes while others may: SQLite's writers are one at a time and need no row locks."""
    return may_write(connection) and connection.dialect.name == "postgresql"


async def lock_parties(connection: AsyncConnection, parties: Sequence[bytes]) -> None:
    """Take the parties' locks in sorted order until the transaction ends; SQLite's writers are one at a time anyway."""
    if connection.dialect.name != "postgresql":
        return
    keys = sorted({int.from_bytes(party[:8], "big", signed=True) for party in parties})
    await connection.execute(_LOCK_IN_ORDER, {"keys": keys})


def insert_unless_there(connection: AsyncConnection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that leaves a row of the same key as it is, which its `rowcount` tells; PostgreSQL waits for another
    transaction that is about to write that row."""
    return _unless_there(connection.dialect.name, table)


@cache
def _unless_there(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    if dialect == "postgresql":
        return built_once(postgresql.insert(table).on_conflict_do_nothing())
    return sqlite.insert(table).on_conflict_do_nothing()


async def give_way(connection: AsyncConnection) -> None:
    """Let this transaction fail (`is_busy`) rather than wait for others: well before PostgreSQL looks for a deadlock
    and ends one of them, which might be somebody's request. SQLite's writers are one at a time anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL lock_timeout = '300ms'"))


def is_busy(error: DBAPIError) -> bool:
    """Whether others hold what this transaction needs (55P03 lock_not_available), so that it may try again."""
    return sqlstate_of(error) == "55P03" or is_retried(error)


def is_overlap(error: IntegrityError) -> bool:
    """Whether the database refused an overlapping occupancy (23P01 exclusion_violation, or our SQLite trigger)."""
    return sqlstate_of(error) == "23P01" or (isinstance(error.orig, Exception) and OVERLAP in str(error.orig))


def is_retried(error: DBAPIError) -> bool:
    """Whether the same transaction may be tried again."""
    return sqlstate_of(error) in RETRIED_STATES or "database is locked" in str(error.orig)


def is_away(error: BaseException) -> bool:
    """Whether the database did not answer at all, so that the same request may succeed in a moment."""
    if isinstance(error, DBAPIError):
        gone = error.connection_invalidated or isinstance(error, InterfaceError)
        return gone or is_retried(error) or (sqlstate_of(error) or "").startswith(AWAY_STATES)
    if isinstance(error, OSError) and error.errno in UNREACHABLE:
        return True
    return isinstance(
        error, ConnectionError | SQLAlchemyTimeout | gaierror
    )  # its name goes with its container


def sqlstate_of(error: DBAPIError) -> str | None:
    """The five-character SQLSTATE PostgreSQL gave, or None."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state if isinstance(state, str) else None
