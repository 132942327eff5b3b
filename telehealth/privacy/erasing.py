"""What an erasure does in its one transaction (security.md, section 1), noun by noun, and how much of each went."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telehealth.appointments import forgetting as appointments
from telehealth.appointments import store as appointment_store
from telehealth.appointments.forgetting import Left
from telehealth.audit.chain import append_once
from telehealth.audit.office import Work
from telehealth.availability import forgetting as availability
from telehealth.calendars import forgetting as calendars
from telehealth.clinic import forgetting as clinic
from telehealth.couples import forgetting as couples
from telehealth.emergency import forgetting as emergency
from telehealth.keys.erasing import destroy_subject_keys, hold_writers_back
from telehealth.keys.fields import SealedTable
from telehealth.notes import forgetting as notes
from telehealth.notices import forgetting as notices
from telehealth.passkeys import forgetting as passkeys
from telehealth.people import forgetting as people
from telehealth.privacy import store
from telehealth.rooms import forgetting as rooms
from telehealth.waiting import forgetting as waiting


@dataclass(frozen=True)
class Gone:
    """How much of each kind went, which login sessions ended, and the number of the entry in the audit record."""

    counts: Mapping[str, int]
    sessions: tuple[bytes, ...]
    audit_seq: int


async def take_away(
    work: Work, tables: Sequence[SealedTable], subject_id: bytes, classes: Sequence[str], *, type_: str
) -> Gone:
    """Destroy a person's keys of these classes and whatever hangs on them; the times ahead are free again.

    `type_` is the type of the entry. It is chained here, so that the certificate can name its number.
    """
    c = work.connection
    await appointments.hold_changes_back(c, subject_id, work.now)
    await hold_writers_back(c, subject_id)
    await work.audit(type_, "D", entity="person", entity_id=subject_id, subjects=[subject_id])
    sessions = await people.close_for_good(c, subject_id, work.now)
    await passkeys.forget_attempts(c, subject_id)
    await rooms.forget_tickets(c, subject_id)
    await rooms.forget_whereabouts_of(c, subject_id)
    await emergency.close_access(c, subject_id, work.now)
    await waiting.wait_no_more(c, subject_id, work.now)
    left = await appointments.leave(c, subject_id, work.now, classes)
    shared = await couples.leave_cases(c, subject_id)
    await couples.say_who_comes_alone(work, left.left)
    await _put_on_record(work, subject_id, left)
    counts = {"login sessions": len(sessions), "appointments cancelled": len(left.cancelled)}
    counts |= {"appointments left to others": len(left.left), "shared cases left": shared}
    counts |= await _forget(work, subject_id, classes)
    destroyed = await destroy_subject_keys(c, work.ring, tables, subject_id, classes)
    await store.end_holds(c, subject_id, classes, work.now)
    counts |= {
        "keys": destroyed.keys,
        "records that nobody can open": destroyed.records,
        "records that others share": destroyed.shared,
    }
    return Gone(counts, tuple(sessions), await _chained(work, subject_id, type_))


async def _forget(work: Work, subject_id: bytes, classes: Sequence[str]) -> dict[str, int]:
    """The rows that say nothing without their keys, or that name somebody in clear."""
    c, counts = work.connection, {}
    if "account" in classes:
        counts["accounts"] = await people.forget_profile(c, subject_id)
        counts["passkeys"] = await passkeys.forget_passkeys(c, subject_id)
        counts["public profiles"] = await clinic.forget_therapist(c, subject_id, work.now)
        await availability.forget_hours(c, subject_id)
        await calendars.forget_calendars(c, subject_id)
        await notices.forget_choices(c, subject_id)
    if "booking" in classes:
        await notices.forget_calendar(c, subject_id)
        counts["wishes for an earlier time"] = await waiting.forget_wishes(c, subject_id)
    if "clinical" in classes:
        counts["private notes"] = await notes.forget_notes_about(c, subject_id, work.now)
        counts["private notes"] += await notes.forget_notes_by(c, subject_id)
        counts["reasons of emergency access"] = await emergency.forget_words(c, subject_id)
    if "correspondence" in classes:
        counts["messages"] = await notices.forget_notices(c, subject_id)
    return counts


async def _put_on_record(work: Work, subject_id: bytes, left: Left) -> None:
    """Also on the record of those with whom it was shared: it changed for them."""
    for appointment_id in left.cancelled:
        await _entry(work, "appointment.cancel", appointment_id, [subject_id])
    for appointment_id in left.left:
        others = await appointment_store.clients_of(work.connection, appointment_id)
        await _entry(work, "appointment.leave", appointment_id, [subject_id, *others])


async def _entry(work: Work, type_: str, appointment_id: bytes, subjects: Sequence[bytes]) -> None:
    await work.audit(type_, "U", entity="appointment", entity_id=appointment_id, subjects=subjects)


async def _chained(work: Work, subject_id: bytes, type_: str) -> int:
    await work.write_entries()
    while await append_once(work.connection):
        pass
    return await store.seq_of(work.connection, type_, work.pseudonym(subject_id))
