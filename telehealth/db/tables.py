"""The one MetaData and the column types that every noun's `models.py` uses."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, MetaData
from sqlalchemy.types import TypeDecorator

from telehealth.crypto.sealed import Sealed

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def new_id() -> bytes:
    """A new opaque id: 16 random bytes (design.md, section 4)."""
    return secrets.token_bytes(16)


class Id(TypeDecorator[bytes]):
    """16 raw bytes; BLOB on SQLite, bytea on PostgreSQL."""

    impl = LargeBinary(16)
    cache_ok = True


class SealedBytes(TypeDecorator[Sealed]):
    """A sealed value: never text, opened only with its record key."""

    impl = LargeBinary
    cache_ok = True


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC datetime; naive values are refused before they reach the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """None on PostgreSQL, whose driver gives aware UTC already: a call for each value is most of reading many."""
        return None if dialect.name == "postgresql" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is UTC:  # as PostgreSQL's driver returns it
            return value
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
