"""What an entry says beyond its skeleton: sealed under a key of its own for each person and month."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.rules import canonical_json, detail_record_id
from telehealth.crypto.sealed import Sealed
from telehealth.keys.keyring import Keyring
from telehealth.keys.record_key import RecordKey

TABLE, COLUMN = "audit", "detail"


async def detail_keys(
    c: AsyncConnection, ring: Keyring, pseudonym_key: bytes, subjects: Sequence[bytes], at: datetime
) -> dict[bytes, RecordKey]:
    """The key of each of these people for the month of `at`, made at its first use. NotFound for who has no keys."""
    ids = {subject: detail_record_id(pseudonym_key, subject, at) for subject in subjects}
    known = await ring.records(c, list(ids.values()))
    keys = {}
    for subject, record_id in ids.items():
        keys[subject] = known.get(record_id) or await ring.ensure_record(c, record_id, "account", [subject])
    return keys


def seal_detail(key: RecordKey, entry_id: bytes, detail: Mapping[str, str]) -> Sealed:
    """Seal the detail of one entry; it opens in no other."""
    return key.seal(TABLE, COLUMN, _revision(entry_id), canonical_json(detail).decode())


def open_detail(key: RecordKey, entry_id: bytes, sealed: Sealed) -> dict[str, str]:
    """Open it again; CannotOpen when it was sealed for another entry or person."""
    opened: dict[str, str] = json.loads(key.open(TABLE, COLUMN, _revision(entry_id), sealed))
    return opened


def _revision(entry_id: bytes) -> int:
    """Entries are never revised; their id takes the revision's place, so that details cannot change entries."""
    return int.from_bytes(entry_id, "big")
