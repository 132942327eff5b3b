"""The registry of blind indexes: what it names is there, and a wrong root is told."""

import base64
import json

import pytest
from sqlalchemy import select, update

from telehealth.audit.office import Office
from telehealth.crypto.index import FULL_BITS, planned_bits
from telehealth.crypto.kek import FileKeks
from telehealth.keys import indexes
from telehealth.keys.indexes import ACCOUNTS_KEY, INDEXES, PEOPLE_EMAIL, SESSIONS_SID
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import index_keys
from telehealth.keys.store import KeyVersion
from telehealth.office import SEALED_TABLES


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
def test_both_columns_and_the_source_of_an_index_are_there(index: indexes.BlindIndex) -> None:
    assert {index.column, index.next_column, index.source} <= set(index.rows.c.keys())
    assert [table for table in SEALED_TABLES if table.table is index.rows and index.source in table.fields]


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
def test_all_bits_are_used_only_where_it_is_said_why(index: indexes.BlindIndex) -> None:
    for people in (100, 1000, 10_000_000):
        bits = index.planned(1, people).bits
        assert bits == (FULL_BITS if index.why_full else planned_bits(people))


async def test_a_value_has_one_tag_and_while_the_key_rotates_two(office: Office) -> None:
    async with office.database.transaction() as c:
        await indexes.ensure(c, office.ring, INDEXES)
        tags = await indexes.tags_of(c, office.ring, ACCOUNTS_KEY, "x")
        assert tags.written == {
            "key": ACCOUNTS_KEY.tag(office.ring, "x", KeyVersion(1, FULL_BITS)),
            "key_next": None,
        }
        await c.execute(
            update(index_keys)
            .where(index_keys.c.name == "accounts.key")
            .values(next_version=2, next_bits=256)
        )
        tags = await indexes.tags_of(c, office.ring, ACCOUNTS_KEY, "x")
        both = {
            "key": ACCOUNTS_KEY.tag(office.ring, "x", KeyVersion(1, FULL_BITS)),
            "key_next": ACCOUNTS_KEY.tag(office.ring, "x", KeyVersion(2, FULL_BITS)),
        }
        assert tags.written == both
        other = await indexes.tags_of(c, office.ring, PEOPLE_EMAIL, "x@example.org")
        assert other.next is None
    assert both["key"] != both["key_next"]


async def test_every_index_is_noted_once(office: Office) -> None:
    for _ in range(2):
        async with office.database.transaction() as c:
            await indexes.ensure(c, office.ring, INDEXES)
    async with office.database.reading() as c:
        names = (await c.execute(select(index_keys.c.name, index_keys.c.version))).all()
    assert sorted(tuple(row) for row in names) == [
        ("accounts.key", 1),
        ("people.email", 1),
        ("sessions.sid", 1),
    ]


async def test_another_root_is_told_for_each_index(office: Office) -> None:
    other = Keyring(FileKeks(office.ring._keks.folder), clinic="test-clinic", index_root=bytes(range(1, 33)))  # type: ignore[attr-defined]
    async with office.database.transaction() as c:
        assert await indexes.complaints(c, other, INDEXES) == []
        await indexes.ensure(c, office.ring, INDEXES)
        assert await indexes.complaints(c, office.ring, INDEXES) == []
        found = await indexes.complaints(c, other, INDEXES)
    assert len(found) == len(INDEXES)
    assert all("INDEX_ROOT" in sentence for sentence in found)


def test_a_check_value_belongs_to_one_index_and_one_version(office: Office) -> None:
    values = {index.check_value(office.ring, version) for index in INDEXES for version in (1, 2)}
    assert len(values) == 2 * len(INDEXES)
    assert {len(value) for value in values} == {8}


@pytest.mark.parametrize("claims", [{"iss": "i"}, {"sid": "s"}, ["iss", "sid"], None])
def test_a_token_that_names_no_session_has_no_value(claims: object) -> None:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    assert SESSIONS_SID.value_in(f"a.{payload}.c") is None


@pytest.mark.parametrize("token", ["", "a", "a.%%%.c", "a.YWJj.c", "a.gA.c"])
def test_what_is_no_token_has_no_value(token: str) -> None:
    assert SESSIONS_SID.value_in(token) is None


def test_a_token_is_found_by_issuer_and_session() -> None:
    payload = base64.urlsafe_b64encode(json.dumps({"iss": "i", "sid": "s"}).encode()).decode().rstrip("=")
    assert SESSIONS_SID.value_in(f"a.{payload}.c") == indexes.provider_session_value("i", "s")
