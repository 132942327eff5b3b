"""Erasing somebody."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from telehealth.appointments.forgetting import has_clients_ahead
from telehealth.audit.office import Office, Work
from telehealth.db.engine import lock_parties
from telehealth.db.scrubbing import scrub
from telehealth.errors import Conflict, Forbidden, NotFound, Unavailable
from telehealth.keys import erasing as keys
from telehealth.keys.fields import SealedTable
from telehealth.people import forgetting as people
from telehealth.person import Person
from telehealth.privacy import rules, store
from telehealth.privacy.certificate import Certificate
from telehealth.privacy.erasing import Gone, take_away
from telehealth.privacy.store import Erasure
from telehealth.privacy.tombstones import Tombstones

BASIS = "request"
NOBODY = (
    "Nobody has this id here. It is 32 digits and letters from a to f; the administrator's pages show it."
)
STAFF = (
    "Accounts of staff are erased by the practice's administrator, because appointments of others hang on them. "
    "Please ask there."
)
NOT_WRITTEN = (
    "The erasure could not be written down outside the database, so nothing was erased. Please try again."
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Registry:
    """What erasing needs: the office, every table with sealed fields, and the tombstones outside the database."""

    office: Office
    tables: Sequence[SealedTable]
    tombstones: Tombstones


@dataclass(frozen=True)
class Erased:
    """What was done: the certificate, the same as a signed note, and the login sessions that ended."""

    certificate: Certificate
    note: str
    sessions: tuple[bytes, ...]


async def erase(
    registry: Registry,
    actor: Person | None,
    subject_id: bytes,
) -> Erased:
    """Erase a person but for what a legal hold keeps; the tombstone is on the disk before this is done.

    NotFound "person_not_found"; Conflict "already_erased", "last_administrator", "clients_ahead"; Unavailable
    "tombstone_not_written", and nothing was erased.
    """

    async def act(work: Work) -> Erased:
        await lock_parties(work.connection, [subject_id])
        role = await people.role_of(work.connection, subject_id)
        if role is None:
            raise NotFound("person_not_found", NOBODY)
        rules.check_may_be_erased(
            is_last_administrator=await people.is_last_administrator(work.connection, subject_id),
            has_clients_ahead=await has_clients_ahead(work.connection, subject_id, work.now),
        )
        return await erased(work, registry, subject_id, BASIS)

    done = await registry.office.act(actor, act)
    await scrub(registry.office.database)
    return done


async def erase_own(registry: Registry, person: Person) -> Erased:
    """The same as somebody's own wish; Forbidden for staff, on whose accounts others depend."""
    if person.role != "client":
        async with registry.office.work(person):
            raise Forbidden("staff_erased_by_administrator", STAFF, about=("person", person.id))
    return await erase(registry, person, person.id)


async def erased(
    work: Work, registry: Registry, subject_id: bytes, basis: str, *, only: Collection[str] = rules.CLASSES
) -> Erased:
    """The same as part of a larger act, whose caller scrubs the database afterwards. `only`: these classes at most."""
    earlier = await store.erasure_of(work.connection, subject_id)
    held = await store.held_classes(work.connection, subject_id)
    present = await keys.classes_of(work.connection, subject_id)
    classes = rules.to_erase(present, held | (present - set(only)))
    if earlier is not None and not classes:
        raise Conflict("already_erased", _already(earlier, kept=sorted(present)))
    gone = await take_away(work, registry.tables, subject_id, classes, type_="person.erase")
    kept = tuple(cls for cls in rules.CLASSES if cls in present and cls not in classes)
    asked_at = work.now if earlier is None else earlier.requested_at
    made = _certificate(subject_id, asked_at, work.now, basis, classes, kept, gone)
    certificate, signed = await keep_outside(registry, made)
    await store.note_erasure(work.connection, _row(certificate))
    return Erased(certificate, signed, gone.sessions)


def _already(earlier: Erasure, *, kept: Sequence[str]) -> str:
    when = f"on {earlier.requested_at:%Y-%m-%d}"
    if kept:
        return f"This person was erased {when}; a legal hold keeps {', '.join(kept)}. Release the hold to erase that."
    return f"This person was erased {when}. Nothing is left to erase."


def _certificate(
    subject_id: bytes,
    asked_at: datetime,
    now: datetime,
    basis: str,
    classes: Sequence[str],
    kept: Sequence[str],
    gone: Gone,
) -> Certificate:
    return Certificate(
        subject_id, asked_at, now, basis, tuple(classes), tuple(kept), gone.counts, gone.audit_seq
    )


def _row(made: Certificate) -> Erasure:
    done_at = None if made.kept else made.done_at
    return Erasure(made.subject_id, made.asked_at, done_at, made.basis, made.audit_seq, made.number)


async def keep_outside(registry: Registry, made: Certificate) -> tuple[Certificate, str]:
    """Before the commit: an erasure that stands in the file and not in the database is done at the next start.

    Returns the certificate with its number, and its note.
    """
    try:
        return await asyncio.to_thread(registry.tombstones.append, made)
    except OSError as error:
        _log.error("The tombstone file %s cannot be written: %s", registry.tombstones.file, error.strerror)
        raise Unavailable("tombstone_not_written", NOT_WRITTEN) from error
