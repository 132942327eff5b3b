"""After a restore: entries that were signed are gone with the old database, which is said, signed, and gone on from.

The note has the form of a checkpoint and a name of its own: what the file signed above its sequence number before it
was lost with a backup that was restored. Nothing writes it but somebody's command, so a chain that was cut off by
somebody else is never taken for a restored one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, select, type_coerce
from sqlalchemy.types import NullType

from telehealth.audit import checkpoint
from telehealth.audit.checkpoint import Checkpoint
from telehealth.audit.models import audit_chain
from telehealth.audit.office import Office
from telehealth.audit.store import Head
from telehealth.audit.verify import Report, verify
from telehealth.crypto.framing import ID_BYTES
from telehealth.crypto.note import public_keys, text_of
from telehealth.db.engine import Database
from telehealth.errors import Conflict

EXPLAINED = ("truncated", "forked")  # by a backup; every other flaw is somebody's work
RECORD = "record"


@dataclass(frozen=True)
class Resumed:
    """Entries up to `kept` are those that were signed; those after it, up to `lost_to`, are gone."""

    kept: int
    lost_to: int


async def resume(office: Office, checkpoints: Path, seed: bytes, former: Sequence[bytes] = ()) -> Resumed:
    """Go on from the last entry that was signed and is there, and put that on record. `former`: public keys before.

    Conflict "record_whole" when nothing is missing, "record_changed" when a restored backup does not explain what is
    wrong, "record_of_another" when no signed entry is left. OSError when the checkpoint file cannot be written.
    """
    key = checkpoint.signing_key(seed)
    report = await verify(office.database, checkpoints, public_keys(seed, former))
    kept = await _last_that_fits(office.database, _explained(report))
    clinic = office.ring.clinic
    async with office.work(None) as work:
        entity_id = kept.seq.to_bytes(ID_BYTES, "big")
        await work.audit("record.resume", "U", entity=RECORD, entity_id=entity_id, subjects=[])
    name = f"{checkpoint.RESUMED}{len(report.lost) + 1}"
    resumed = Checkpoint(checkpoint.origin_of(clinic, name), kept.seq, kept.hash)
    end = Checkpoint(checkpoint.origin_of(clinic), report.head.seq, report.head.hash)
    notes = checkpoint.sign(key, resumed) + checkpoint.sign(key, end)
    await asyncio.to_thread(checkpoint.append_to, checkpoints, notes)
    return Resumed(kept.seq, max(note.seq for note in report.signed))


def _explained(report: Report) -> Report:
    if report.is_whole:
        raise Conflict("record_whole", "The record is whole: nothing is missing, and nothing was changed.")
    wrong = next((finding for finding in report.findings if finding.flaw not in EXPLAINED), None)
    if wrong is not None:
        raise Conflict(
            "record_changed",
            f"More is wrong than a restored backup explains, so nothing was changed. {wrong.sentence}",
        )
    return report


async def _last_that_fits(database: Database, report: Report) -> Head:
    """The newest signed entry before the first that is wrong."""
    first_bad = report.first_bad or 0
    async with database.reading() as connection:
        for note in sorted(report.signed, key=lambda note: note.seq, reverse=True):
            query = select(audit_chain.c.hash).where(audit_chain.c.seq == note.seq)
            if note.seq < first_bad and (await connection.execute(query)).scalar_one_or_none() == note.head:
                return Head(note.seq, note.head)
    raise Conflict(
        "record_of_another",
        "No entry that was signed is in this database, so nothing was changed. For a new database set CHECKPOINT_FILE "
        "to a new file.",
    )


async def parted_at(database: Database, checkpoints: Path) -> int | None:
    """The newest signed entry, when it is gone or another one; asked at the start, proves nothing but is quick."""
    notes = await asyncio.to_thread(checkpoint.notes_in, checkpoints)
    lines = notes[-1].split("\n") if notes else []
    if len(lines) < checkpoint.BODY_LINES or not checkpoint.NUMBER.fullmatch(lines[1]):
        return None
    stored: ColumnElement[object] = type_coerce(
        audit_chain.c.hash, NullType()
    )  # as it is: somebody may have put anything there
    query = select(stored).where(audit_chain.c.seq == int(lines[1]))
    async with database.reading() as connection:
        found = (await connection.execute(query)).scalar_one_or_none()
    return None if isinstance(found, bytes) and text_of(found) == lines[2] else int(lines[1])
