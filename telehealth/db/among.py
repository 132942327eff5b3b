"""A column among the values of one parameter, for statements that are built once and sent with lists of any length."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal


class Among(ColumnElement[bool]):
    """`column IN (…)`, with the list under `name` among the parameters.

    PostgreSQL gets it as one array: the statement is the same for every length, and nothing is written into it.
    """

    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012 - an attribute of instances for SQLAlchemy
        ("column", InternalTraversal.dp_clauseelement),
        ("name", InternalTraversal.dp_string),
    ]
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.name = name


@compiles(Among, "postgresql")
def _as_array(element: Among, compiler: SQLCompiler, **how: Any) -> str:
    values: Any = bindparam(element.name, type_=ARRAY(element.column.type))
    return compiler.process(element.column == any_(values), **how)


@compiles(Among, "sqlite")
def _as_list(element: Among, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.column.in_(bindparam(element.name, expanding=True)), **how)
