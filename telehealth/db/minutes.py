"""Times as the database counts them in whole minutes: ten thousand numbers arrive sooner than as many datetimes."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class MinuteOf(FunctionElement[int]):
    """The UTC minute since the epoch of a `UtcTime` column; part of a minute counts down."""

    type = BigInteger()
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)


class MinuteAfter(MinuteOf):
    """The same; part of a minute counts up."""

    inherit_cache = True


@compiles(MinuteOf, "postgresql")
def _postgresql_down(element: MinuteOf, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(floor(date_part('epoch', {compiler.process(element.clauses, **how)}) / 60) AS bigint)"


@compiles(MinuteAfter, "postgresql")
def _postgresql_up(element: MinuteAfter, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(ceil(date_part('epoch', {compiler.process(element.clauses, **how)}) / 60) AS bigint)"


@compiles(MinuteOf, "sqlite")
def _sqlite_down(element: MinuteOf, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **how)}) AS INTEGER) / 60"


@compiles(MinuteAfter, "sqlite")
def _sqlite_up(element: MinuteAfter, compiler: SQLCompiler, **how: Any) -> str:
    # `UtcTime` is a text of fixed width there; its seconds begin at the 18th letter.
    column = compiler.process(element.clauses, **how)
    return f"(CAST(strftime('%s', {column}) AS INTEGER) / 60 + (substr({column}, 18) <> '00.000000'))"
