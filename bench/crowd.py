"""A database with many people in it, each with keys, an account and an address, as the service itself would seal them.

Written in bulk: a hundred thousand sign-ins one after the other would take longer than everything that is measured.
"""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.framing import KEY_BYTES
from telehealth.crypto.kek import FileKeks
from telehealth.crypto.sealed import wrap
from telehealth.db.engine import Database
from telehealth.db.schema import upgrade
from telehealth.keys import indexes
from telehealth.keys.indexes import ACCOUNTS_KEY, INDEXES, PEOPLE_EMAIL, BlindIndex, account_value
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import record_keys, subject_keys
from telehealth.keys.store import KeyVersion
from telehealth.people.models import accounts, identity_column, people
from tests.postgres import running_server

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ISSUER = "https://id.example.org"
BATCH = 5000
PLAIN = "CREATE TABLE plain (email text PRIMARY KEY, subject text NOT NULL UNIQUE, id bytea NOT NULL)"


@dataclass(frozen=True)
class Crowd:
    """`plain` is a table beside ours with the same values in clear, unique and indexed."""

    database: Database
    ring: Keyring
    size: int

    def subject(self, number: int) -> str:
        return f"subject-{number:08}"

    def email(self, number: int) -> str:
        return f"person-{number:08}@mail.example"

    def id_of(self, number: int) -> bytes:
        return number.to_bytes(16, "big")


@asynccontextmanager
async def crowd(folder: Path, size: int) -> AsyncIterator[Crowd]:
    """`size` people in a PostgreSQL of our own, in a service that is configured for as many."""
    keks = FileKeks(folder)
    keks.create(NOW)
    with running_server() as server:
        url = server.url("postgres")
        await upgrade(url)
        database = Database(url)
        root = bytes(range(32))
        ring = Keyring(keks, clinic="practice-1", index_root=root, planned_people=size)
        made = Crowd(database, ring, size)
        try:
            await _fill(made)
            yield made
        finally:
            await database.close()


async def _fill(made: Crowd) -> None:
    async with made.database.transaction() as c:
        await indexes.ensure(c, made.ring, INDEXES)
        await c.execute(text(PLAIN))
        writer = await _Writer.of(c, made)
        for first in range(0, made.size, BATCH):
            await writer.write(c, range(first, min(first + BATCH, made.size)))
        await c.execute(text("ANALYZE"))


class _Writer:
    """Seals people a few thousand at a time under one epoch."""

    def __init__(self, made: Crowd, number: int, kek: bytes, versions: dict[str, KeyVersion]) -> None:
        self._made, self._number, self._kek, self._versions = made, number, kek, versions

    @classmethod
    async def of(cls, c: AsyncConnection, made: Crowd) -> "_Writer":
        kek = await made.ring.current_kek(c, NOW)
        noted = {index.name: (await indexes.versions_of(c, made.ring, index)).current for index in INDEXES}
        return cls(made, kek.number, await made.ring.kek_key(kek), noted)

    async def write(self, c: AsyncConnection, numbers: range) -> None:
        rows = [self._rows(number) for number in numbers]
        for table, values in zip(
            (people, subject_keys, record_keys, accounts), zip(*rows, strict=True), strict=True
        ):
            await c.execute(insert(table), list(values))
        await c.execute(
            text("INSERT INTO plain VALUES (:email, :subject, :id)"),
            [
                {"email": self._made.email(n), "subject": self._made.subject(n), "id": self._made.id_of(n)}
                for n in numbers
            ],
        )

    def _rows(self, number: int) -> Iterator[dict[str, object]]:
        """One row for each table, in the order in which they lean on one another."""
        ring, id_ = self._made.ring, self._made.id_of(number)
        subject_key, key = ring.chance(KEY_BYTES), ring.chance(KEY_BYTES)
        record = ring.record_key(id_, 1, key)
        email, subject = self._made.email(number), self._made.subject(number)
        yield {
            "id": id_,
            "role": "client",
            "revision": 1,
            "email": record.seal("people", "email", 1, email),
            PEOPLE_EMAIL.column: self._tag(PEOPLE_EMAIL, email),
            "created_at": NOW,
        }
        place = ring.subject_place(id_, "account")
        wrapped = wrap(self._kek, self._number, place, subject_key, ring.chance)
        key_name = {"subject_id": id_, "cls": "account"}
        yield {**key_name, "version": 1, "kek": self._number, "wrapped": wrapped, "created_at": NOW}
        wrapped = wrap(subject_key, 1, ring.record_place(id_, id_), key, ring.chance)
        yield {**key_name, "record_id": id_, "version": 1, "subject_version": 1, "wrapped": wrapped}
        identity = json.dumps({"issuer": ISSUER, "subject": subject})
        yield {
            "id": id_,
            "key": self._tag(ACCOUNTS_KEY, account_value(ISSUER, subject)),
            "person_id": id_,
            "identity": record.seal("accounts", identity_column(id_), 0, identity),
            "created_at": NOW,
        }

    def _tag(self, index: BlindIndex, value: str) -> bytes:
        return index.tag(self._made.ring, value, self._versions[index.name])
