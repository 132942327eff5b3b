"""Statements that are built once go to PostgreSQL's driver as they are; SQLAlchemy is asked how only the first time.

SQLAlchemy takes about seven times as long to send a statement as the driver does, most of it to find out again what was
the same the last time: the text, the order of the parameters, how values are written and read. That is kept (`Plan`).
Rows, errors, transactions and listeners stay SQLAlchemy's. What no plan can do goes the usual way, and so does SQLite.

What is SQLAlchemy's and asyncpg's own business is used here (names with an underscore): tests/unit/db/test_direct.py
holds both ways beside each other, so that a new release that changes it is noticed.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, Self, TypeVar

from asyncpg.exceptions import OutdatedSchemaCacheError
from sqlalchemy import Connection, CursorResult, Executable
from sqlalchemy.engine.result import IteratorResult, ResultMetaData
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.compiler import SQLCompiler

S = TypeVar("S", bound=Executable)
Given = Mapping[str, Any]
_plans: dict[Executable, dict[tuple[object, ...], "Plan | None"]] = {}


def built_once(statement: S) -> S:
    """Note a constant of a module, which is sent as it is, again and again; to be called with nothing else, since it is
    kept for good."""
    _plans[statement] = {}
    return statement


@dataclass(frozen=True)
class Plan:
    """How a statement is sent with parameters of these names: `fixed` are the values that stand in the statement,
    `order` is that of the driver, `written` changes the values at some places, `metadata` is that of its rows, and
    `making` makes them, where there are any."""

    sql: str
    many: bool
    fixed: Given
    order: tuple[str, ...]
    written: tuple[tuple[int, Callable[[Any], Any]], ...]
    metadata: ResultMetaData
    making: Any

    @classmethod
    def learnt(cls, result: CursorResult[Any], names: Sequence[str]) -> Self | None:
        """What SQLAlchemy did just now; None where it does more than send values and read rows."""
        context = result.context
        compiled = context.compiled
        if not isinstance(compiled, SQLCompiler) or compiled.positiontup is None or _does_more(compiled):
            return None
        order = tuple(compiled.positiontup)
        # Not those of `compiled`, which may have been made for another statement with other constants.
        sent = context.compiled_parameters[0]
        fixed = {key: value for key, value in sent.items() if key not in names}
        types = {key: bind.type for bind, key in compiled.bind_names.items()}
        impl = {key: types[key].dialect_impl(context.dialect) for key in order}
        written = {key: impl[key].bind_processor(context.dialect) for key in order}
        return cls(
            sql=context.statement,
            many=context.executemany,
            fixed=fixed,
            order=order,
            written=tuple((place, change) for place, key in enumerate(order) if (change := written[key])),
            metadata=result._metadata,
            making=IteratorResult(result._metadata, iter(()))._row_getter if result.returns_rows else None,
        )

    def values(self, given: Given) -> tuple[Any, ...]:
        """The values of one row in the driver's order."""
        known = {**self.fixed, **given} if self.fixed else given
        values = [known[key] for key in self.order]
        for place, change in self.written:
            values[place] = change(values[place])
        return tuple(values)


def _does_more(compiled: SQLCompiler) -> bool:
    """Whether values are made here or asked back, or the text is another one for each value."""
    made = compiled.insert_prefetch or compiled.update_prefetch
    return bool(
        made
        or compiled.effective_returning
        or compiled.literal_execute_params
        or compiled.post_compile_params
    )


class Answer(IteratorResult[Any]):
    """Rows, and how many the statement wrote, as a `CursorResult` has them."""

    def __init__(self, plan: Plan, rows: Sequence[Any], status: str) -> None:
        super().__init__(plan.metadata, iter(rows))
        if plan.making is not None:
            self.__dict__["_row_getter"] = plan.making  # which SQLAlchemy would find out for each answer
        self._status = status

    @property
    def rowcount(self) -> int:
        """Of SELECT, INSERT, UPDATE and DELETE; -1 of all else, and of several rows of parameters."""
        count = self._status.rpartition(" ")[2]
        return int(count) if count.isdigit() else -1


class DirectConnection(AsyncConnection):
    """A connection to PostgreSQL that sends what is built once directly, and ends its transactions so."""

    async def execute(
        self, statement: Executable, parameters: Any = None, *, execution_options: Any = None
    ) -> Any:
        """As `AsyncConnection` does it."""
        plans = None if execution_options else _plans.get(statement)
        if plans is None or not self._is_ready():
            return await super().execute(statement, parameters, execution_options=execution_options)
        rows = parameters if parameters and isinstance(parameters, list | tuple) else [parameters or {}]
        many = len(rows) > 1
        key = (many, *rows[0])
        if key not in plans:
            result = await super().execute(statement, parameters)
            plans[key] = Plan.learnt(result, tuple(rows[0]))
            return result
        plan = plans[key]
        if plan is None:
            return await super().execute(statement, parameters)
        return await self._answer(plan, rows)

    def _is_ready(self) -> bool:
        """Whether a transaction is under way, none within it has failed, and its connection is there."""
        sync = self.sync_connection
        if sync is None or sync.invalidated or not sync.in_transaction():
            return False
        nested = sync.get_nested_transaction()
        return nested is None or nested.is_active

    async def _answer(self, plan: Plan, rows: Sequence[Given]) -> Answer:
        sync: Any = self.sync_connection
        sql, values = plan.sql, None
        try:
            values = [plan.values(row) for row in rows] if plan.many else plan.values(rows[0])
        except Exception as error:
            await self.run_sync(_refuse, error, sql, rows)
        try:
            for hear in sync.dispatch.before_cursor_execute:
                sql, values = hear(sync, None, sql, values, None, plan.many)
            adapted = sync.connection.dbapi_connection
            async with adapted._execute_mutex:
                if adapted._transaction is None:
                    await adapted._start_transaction()
                if plan.many:
                    await adapted.driver_connection.executemany(sql, values)
                    return Answer(plan, (), "")
                prepared, _ = await adapted._prepare(sql, sync.dialect._invalidate_schema_cache_asof)
                found, status = await _fetched(prepared, values)
                return Answer(plan, found, status)
        except BaseException as error:
            return await self.run_sync(_fail, error, sql, values)

    @property
    def _adapted(self) -> Any:
        """SQLAlchemy's own view of the driver's connection."""
        return self._proxied.connection.dbapi_connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """A transaction that sees one state of the data, and keeps nothing."""
        begun = self._adapted.driver_connection.transaction(isolation="repeatable_read")
        try:
            await begun.start()
        except BaseException as error:
            await self.run_sync(_fail, error)
        self._adapted._transaction = begun
        self._proxied.begin()
        try:
            yield
        finally:
            await self._settle("rollback")

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """A transaction that is kept, unless an error ends it.

        The driver's is ended first, so that SQLAlchemy has nothing to wait for when it ends its own: its way of waiting
        takes as long as a statement.
        """
        sync = self._proxied
        sync.execution_options(writes=True)
        with sync.begin():
            try:
                yield
            except BaseException:
                await self._settle("rollback")
                raise
            await self._settle("commit")

    async def _settle(self, verb: Literal["commit", "rollback"]) -> None:
        if self._proxied.invalidated:
            return
        adapted = self._adapted
        if adapted._transaction is not None:
            try:
                await adapted._call_and_discard(getattr(adapted._transaction, verb))
            except BaseException as error:
                await self.run_sync(_fail, error)


class DirectEngine(AsyncEngine):
    """Its connections are such."""

    _connection_cls = DirectConnection


async def _fetched(prepared: Any, values: Sequence[Any]) -> tuple[Sequence[Any], str]:
    """What the driver's own `fetch` does, without its three ways of asking whether the connection is still there, which
    its protocol asks as well: rows, and what PostgreSQL says was done."""
    driver = prepared._connection
    try:
        found, status, _ = await driver._protocol.bind_execute(prepared._state, values, "", 0, True, None)
    except OutdatedSchemaCacheError:
        await driver.reload_schema_state()
        prepared._state.mark_closed()
        raise
    return found, status.decode()


def _refuse(sync: Connection, error: BaseException, sql: str | None, values: Any) -> NoReturn:
    """Raise what SQLAlchemy raises, and do with the connection what it does."""
    sync._handle_dbapi_exception(error, sql, values, None, None)


def _fail(sync: Connection, error: BaseException, sql: str | None = None, values: Any = None) -> NoReturn:
    """The same for what went wrong at the driver or on the way to it. Only its own errors are told with the statement:
    any other, such as a lost connection, stays what it is."""
    adapted: Any = sync.connection.dbapi_connection
    dialect: Any = sync.dialect
    try:
        adapted._handle_exception(error)
    except BaseException as translated:
        if isinstance(
            translated, dialect.dbapi.InvalidCachedStatementError | dialect.dbapi.InternalServerError
        ):
            dialect._invalidate_schema_cache()
        of_driver = isinstance(translated, dialect.loaded_dbapi.Error)
        _refuse(sync, translated, sql if of_driver else None, values)
    raise AssertionError("an error is raised again")
