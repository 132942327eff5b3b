"""Every blind index keeps CipherSweet's bound at the size it is planned for, and nothing is indexed behind its back."""

import math
import random
from collections import Counter, defaultdict

import pytest
from sqlalchemy import LargeBinary

from telehealth.crypto.framing import KEY_BYTES
from telehealth.crypto.index import FULL_BITS, is_within_bound
from telehealth.crypto.kek import FileKeks
from telehealth.db.tables import metadata
from telehealth.keys.indexes import INDEXES, PEOPLE_EMAIL, BlindIndex
from telehealth.keys.keyring import PLANNED_PEOPLE, Keyring
from telehealth.office import SEALED_TABLES
from tests.rules.tree import ROOT

RING = Keyring(FileKeks(ROOT / "nowhere"), clinic="test-clinic", index_root=bytes(range(KEY_BYTES)))
FULL = {
    "accounts.key",
    "sessions.sid",
}  # found exactly: what somebody is at a provider, and a random id of the provider's
SIZES = (100, 1000, 1024, 65_535, 100_000, 10_000_000)  # PLANNED_PEOPLE, from its least to its most
NEVER = {"reason", "diagnosis", "partner", "body", "detail", "name", "device", "credential"}

# Other bytes that are looked up by equality. None is made of what a person said or is called: each is a hash of random
# bytes that never leave a browser or a device, a keyed hash that lives for minutes, or part of the audit chain.
NO_INDEX = {
    "passkeys.credential_hash": "SHA-256 of the random id a device made",
    "passkey_challenges.hash": "SHA-256 of 32 random bytes",
    "passkey_challenges.binding": "hash of a cookie of random bytes",
    "passkey_codes.hash": "SHA-256 of a random code",
    "sessions.hash": "SHA-256 of a cookie's 32 random bytes",
    "tickets.hash": "SHA-256 of a random ticket",
    "spent_tokens.hash": "SHA-256 of a random state, or of a provider's random token id",
    "holds.holder": "hash of a cookie of random bytes",
    "holds.address": "keyed hash of a visitor's network address, for five minutes",
    "idempotency.request_hash": "keyed hash, compared with one row only, for a day",
    "index_keys.check_value": "of no person",
    "staff_invitations.hash": "SHA-256 of a random code",
    "invitations.hash": "SHA-256 of a link's 32 random bytes",
    "feeds.hash": "SHA-256 of an address's 32 random bytes",
    "audit_leaves.leaf": "a hash of the chain",
    "audit_pending.leaf": "a hash of the chain",
    "audit_chain.leaf": "a hash of the chain",
    "audit_chain.prev": "a hash of the chain",
    "audit_chain.hash": "a hash of the chain",
    "audit_checkpoints.head": "a hash of the chain",
}


def sources() -> list[tuple[str, list[BlindIndex]]]:
    """Each indexed value with all indexes over it: their bits count together."""
    found: dict[str, list[BlindIndex]] = defaultdict(list)
    for index in INDEXES:
        found[f"{index.table}.{index.source}"].append(index)
    return list(found.items())


@pytest.mark.parametrize(("value", "indexes"), sources(), ids=[value for value, _ in sources()])
def test_every_index_keeps_the_bound_at_its_planned_size(value: str, indexes: list[BlindIndex]) -> None:
    for people in SIZES:
        bits = [index.planned(1, people).bits for index in indexes]
        coincidences = people / 2 ** sum(bits)
        if {index.name for index in indexes} & FULL:
            assert coincidences < 1, f"{value} is found exactly"
            assert [index.why_full for index in indexes if len(index.why_full) > 100], value
            assert len(indexes) == 1, value
        else:
            assert 2 <= coincidences < math.sqrt(people), f"{value}: {coincidences}"
            assert is_within_bound(people, bits)


def test_all_bits_are_used_only_where_the_value_must_be_exact() -> None:
    for people in SIZES:
        assert {index.name for index in INDEXES if index.planned(1, people).bits == FULL_BITS} == FULL


def test_an_account_alone_is_unique() -> None:
    for index in INDEXES:
        for column in index.columns:
            is_unique = column.primary_key or bool(column.unique)
            is_unique |= any(each.unique for each in index.rows.indexes if column in each.columns.values())
            assert is_unique == index.is_unique == (index.name == "accounts.key"), column


def test_both_columns_of_every_index_are_indexed_by_the_database() -> None:
    for index in INDEXES:
        first = {each.columns[0].name for each in index.rows.indexes}
        for column in index.columns:
            assert column.primary_key or column.index or column.name in first, column


def test_every_index_is_made_of_a_sealed_field_that_may_be_indexed() -> None:
    sealed = {(each.table.name, column) for each in SEALED_TABLES for column in each.fields}
    for index in INDEXES:
        assert (index.table, index.source) in sealed, index.name
        assert index.source not in NEVER, index.name


def test_every_column_of_plain_bytes_is_an_index_or_says_what_else_it_is() -> None:
    indexed = {f"{index.table}.{column.name}" for index in INDEXES for column in index.columns}
    plain = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if type(column.type) is LargeBinary
    }
    assert plain == indexed | NO_INDEX.keys()
    assert not indexed & NO_INDEX.keys()


def test_no_two_indexes_share_a_key() -> None:
    tags = {index.check_value(RING, version) for index in INDEXES for version in (1, 2, 3)}
    assert len(tags) == 3 * len(INDEXES)


def test_among_the_planned_people_nobody_has_a_tag_alone_and_no_tag_is_everybodys() -> None:
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    rows, version = PLANNED_PEOPLE, PEOPLE_EMAIL.planned(1, PLANNED_PEOPLE)
    addresses = [f"{''.join(chance.choices(letters, k=9))}{at}@mail.example" for at in range(rows)]
    shared = Counter(PEOPLE_EMAIL.tag(RING, address, version) for address in addresses)
    assert len(shared) == 2**version.bits
    assert min(shared.values()) >= 2
    assert max(shared.values()) < 2 * rows / 2**version.bits + math.sqrt(rows)
