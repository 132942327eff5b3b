"""Every blind index there is, and the tags under which a value is written and found (security.md, section 1).

While the key of an index rotates there are two tags: both are written, and both are asked for. What an index finds is
only a candidate: whoever asks opens the row and compares.

The keyed hash of a request (`idempotency.request_hash`) is no index: nothing is searched by it, it is compared with the
one row that its primary key names, and it lives for a day.
"""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Table, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.index import FULL_BITS, joined, planned_bits
from telehealth.db.engine import may_write
from telehealth.db.tables import metadata
from telehealth.keys import store
from telehealth.keys.keyring import Keyring
from telehealth.keys.store import IndexVersions, KeyVersion

CHECKED = "TB1-bidx-check"
CHECK_BITS = 64


@dataclass(frozen=True)
class BlindIndex:
    """One index. `of` names the value in the key's derivation.

    `source` is the sealed column that holds the value and `value_in` takes it out of the opened text, so that the
    index can be made anew. `why_full` says why it is found exactly, by 256 bits; any other has as many bits as the
    planned number of people allows.
    """

    table: str
    of: str
    column: str
    next_column: str
    transform: str
    source: str
    value_in: Callable[[str], str | None]
    is_unique: bool = False
    why_full: str = ""

    @property
    def name(self) -> str:
        """How its key is called: table and value."""
        return f"{self.table}.{self.of}"

    @property
    def rows(self) -> Table:
        """The table it stands in."""
        return metadata.tables[self.table]

    @property
    def columns(self) -> tuple[Column[bytes], Column[bytes]]:
        """Where the tags stand: under the key in use, and under the one that comes after it."""
        return self.rows.c[self.column], self.rows.c[self.next_column]

    def planned(self, number: int, people: int) -> KeyVersion:
        """A version of the key that is made now, for so many people: one row of this index each."""
        return KeyVersion(number, FULL_BITS if self.why_full else planned_bits(people))

    def tag(self, ring: Keyring, value: str, version: KeyVersion) -> bytes:
        """The tag of a value under one version of the key; NotIndexable when it has no normal form."""
        return ring.blind_index(
            self.table, self.of, value, transform=self.transform, bits=version.bits, version=version.number
        )

    def check_value(self, ring: Keyring, version: int) -> bytes:
        """Eight bytes that only the right index root makes."""
        return ring.blind_index(
            self.table, self.of, CHECKED, transform="exact", bits=CHECK_BITS, version=version
        )


@dataclass(frozen=True)
class Tags:
    """Under what a value stands now, and while the key rotates also what it will stand under."""

    index: BlindIndex
    current: bytes
    next: bytes | None

    @property
    def written(self) -> Mapping[str, bytes | None]:
        """Both columns of a row that holds this value."""
        return {self.index.column: self.current, self.index.next_column: self.next}

    @property
    def found(self) -> ColumnElement[bool]:
        """Which rows are candidates."""
        tags = [tag for tag in (self.current, self.next) if tag is not None]
        return or_(*(column.in_(tags) for column in self.index.columns))


async def tags_of(c: AsyncConnection, ring: Keyring, index: BlindIndex, value: str) -> Tags:
    """The tags of a value, the versions held until this transaction ends. NotIndexable without a normal form."""
    versions = await versions_of(c, ring, index)
    following = None if versions.next is None else index.tag(ring, value, versions.next)
    return Tags(index, index.tag(ring, value, versions.current), following)


async def versions_of(c: AsyncConnection, ring: Keyring, index: BlindIndex) -> IndexVersions:
    """The versions of its key, noted at the first use: what is written under them must be found again."""
    found = await store.index_versions(c, index.name)
    if found is None and may_write(c):
        await ensure(c, ring, [index])
        found = await store.index_versions(c, index.name)
    return found or IndexVersions(index.planned(1, ring.planned_people), None)


def untagged(index: BlindIndex) -> Mapping[str, bytes | None]:
    """Both columns of a row that holds no value."""
    return {index.column: None, index.next_column: None}


async def ensure(c: AsyncConnection, ring: Keyring, indexes: Sequence[BlindIndex]) -> None:
    """Note each index at its first use, so that a wrong root is told from then on."""
    known = {row.name for row in await store.index_keys_of(c)}
    for index in indexes:
        if index.name not in known:
            version = index.planned(1, ring.planned_people)
            await store.add_index_key(c, index.name, version, index.check_value(ring, version.number))


async def complaints(c: AsyncConnection, ring: Keyring, indexes: Sequence[BlindIndex]) -> list[str]:
    """A sentence for each index whose key does not come from this root."""
    known = {row.name: row for row in await store.index_keys_of(c)}
    return [
        f"INDEX_ROOT is not the root that this database was filled with: the index {index.name} does not fit it."
        for index in indexes
        if index.name in known
        and known[index.name].check_value != index.check_value(ring, known[index.name].version)
    ]


def _account(text: str) -> str:
    kept = json.loads(text)
    return account_value(kept["issuer"], kept["subject"])


def account_value(issuer: str, subject: str) -> str:
    """What an account is found by: never an e-mail address."""
    return joined(issuer, subject)


def _provider_session(token: str) -> str | None:
    """The provider's session that an ID token names (OpenID Connect Front-Channel Logout 1.0, section 3: `sid`)."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return provider_session_value(claims["iss"], claims["sid"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        return None


def provider_session_value(issuer: str, session: str) -> str:
    """What the sessions are found by that a provider ends."""
    return joined(issuer, session)


def _itself(text: str) -> str | None:
    return text


PEOPLE_EMAIL = BlindIndex(
    table="people",
    of="email",
    column="email_index",
    next_column="email_index_next",
    transform="email",
    source="email",
    value_in=_itself,
)
ACCOUNTS_KEY = BlindIndex(
    table="accounts",
    of="key",
    column="key",
    next_column="key_next",
    transform="exact",
    source="identity",
    value_in=_account,
    is_unique=True,
    why_full="An account must be found exactly and be there once: two people of one tag would be one at sign-in. Equal "
    "tags say nothing, since none are equal; whoever would guess needs the index root.",
)
SESSIONS_SID = BlindIndex(
    table="sessions",
    of="sid",
    column="provider_session",
    next_column="provider_session_next",
    transform="exact",
    source="id_token",
    value_in=_provider_session,
    why_full="What a provider ends must be ended and nothing else. The value is a provider's random id and lives half "
    "a day, and the row names its person by id in clear, so equal tags say no more than equal ids beside them.",
)
INDEXES = (PEOPLE_EMAIL, ACCOUNTS_KEY, SESSIONS_SID)
