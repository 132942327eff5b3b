"""What has been kept long enough goes (GDPR, Article 5 (1) e): class by class, but for what a legal hold keeps."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from telehealth.appointments import forgetting as appointments
from telehealth.audit.office import Work
from telehealth.couples import forgetting as couples
from telehealth.db.engine import lock_parties
from telehealth.db.scrubbing import scrub
from telehealth.emergency import acts as emergency
from telehealth.emergency.forgetting import forget_words
from telehealth.keys.erasing import destroy_records, destroy_records_of
from telehealth.notes import forgetting as notes
from telehealth.notices import forgetting as notices
from telehealth.passkeys import forgetting as passkeys
from telehealth.people import forgetting as people
from telehealth.people import rules as sessions
from telehealth.privacy import store
from telehealth.privacy.acts import Registry
from telehealth.privacy.contact import without_appointment_since
from telehealth.privacy.lapsing import Limits, end_accounts, limits_of
from telehealth.rooms import forgetting as rooms
from telehealth.waiting import forgetting as waiting

BATCH = 200
RUN = bytes(16)  # the entity of a run
Days = Mapping[str, int]
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class Done:
    """How much of each class went; `passing` counts what lives for minutes or hours anyway."""

    account: int
    booking: int
    clinical: int
    correspondence: int
    passing: int


async def run(registry: Registry, days: Days, progress: Progress = lambda _what, _count: None) -> Done:
    """Do it all now. `days` says for each class how long it is kept (0: for ever). May be stopped and run again.

    `progress` hears what is being done and how much of it went so far.
    """
    office = registry.office
    passing = await office.act(None, _forget_what_passes)
    progress("passing", passing)
    limits = limits_of(days, office.clock())
    due = limits.before
    counts = {
        "correspondence": await _in_batches(registry, due["correspondence"], _messages, progress),
        "booking": await _in_batches(registry, due["booking"], _appointments, progress),
        "clinical": await _clinical(registry, limits),
        "account": await end_accounts(registry, limits),
    }
    async with office.work(None) as work:
        await work.audit("retention.run", "D", entity="retention", entity_id=RUN, subjects=[])
    await scrub(office.database)
    return Done(**counts, passing=passing)


async def _forget_what_passes(work: Work) -> int:
    """What would be forgotten at its next use, which may never come."""
    c, now = work.connection, work.now
    count = await people.end_expired_sessions(c, now - sessions.ABSOLUTE)
    count += await people.forget_expired(c, now)
    count += await passkeys.forget_expired(c, now)
    count += await rooms.forget_expired_tickets(c, now)
    count += await appointments.forget_expired(c, now)
    count += await couples.forget_dead_links(c, now)
    due = await waiting.whose_ended(c, now, but_of=await store.held_people(c, "booking"))
    held = await _held_now(work, "booking", due)
    count += await waiting.forget_ended(c, now, set(due) - held)
    return count + await emergency.forget_lapsed(work)


async def _in_batches(
    registry: Registry,
    before: datetime | None,
    batch: Callable[[Work, datetime], Awaitable[tuple[str, int, int]]],
    progress: Progress,
) -> int:
    """A batch says what it is about, how many were due and how many went: fewer, where a hold came meanwhile."""
    if before is None:
        return 0
    total = 0
    while True:
        what, due, count = await registry.office.act(None, lambda work: batch(work, before))
        total += count
        progress(what, total)
        if due == 0:
            return total


async def _messages(work: Work, before: datetime) -> tuple[str, int, int]:
    held = await store.held_people(work.connection, "correspondence")
    due = await notices.older_than(work.connection, before, BATCH, but_of=held)
    held = await _held_now(work, "correspondence", [person_id for _, person_id in due])
    old = [(notice_id, person_id) for notice_id, person_id in due if person_id not in held]
    ids = [notice_id for notice_id, _ in old]
    await destroy_records(work.connection, ids)
    await notices.forget(work.connection, ids)
    await _on_record(work, "retention.correspondence", [person_id for _, person_id in old])
    return "correspondence", len(due), len(ids)


async def _appointments(work: Work, before: datetime) -> tuple[str, int, int]:
    """Whole appointments; one in which a held person took part stays for everybody."""
    held = await store.held_people(work.connection, "booking")
    due, parts = await appointments.over_before(work.connection, before, BATCH, but_of=held)
    held = await _held_now(work, "booking", [part.person_id for part in parts])
    kept = {part.appointment_id for part in parts if part.person_id in held}
    ids = [appointment_id for appointment_id in due if appointment_id not in kept]
    old = [part for part in parts if part.appointment_id not in kept]
    await destroy_records(work.connection, [part.record_id for part in old])
    await rooms.forget_rooms(work.connection, ids)
    await notices.forget_appointments(work.connection, ids)
    await couples.forget_invitations(work.connection, ids)
    await appointments.forget(work.connection, ids)
    await couples.forget_empty_cases(work.connection, before, but_of=held)
    await _on_record(work, "retention.booking", [part.person_id for part in old])
    return "booking", len(due), len(ids)


async def _held_now(work: Work, cls: str, person_ids: Sequence[bytes]) -> set[bytes]:
    """Whose records are held, once nobody else can set a hold on these people's: what was held is never removed."""
    await lock_parties(work.connection, person_ids)
    return await store.held_people(work.connection, cls)


async def _clinical(registry: Registry, limits: Limits) -> int:
    """The keys of the records; the client's own key stays for whoever comes back. Each in a transaction of its own."""
    before = limits.before["clinical"]
    if before is None:
        return 0
    async with registry.office.work(None) as work:
        held = await store.held_people(work.connection, "clinical")
        due = await without_appointment_since(work, before, limits.booking_days)
        with_records = await store.people_with_records(work.connection, "clinical")
        with_records |= await notes.people_with_notes(work.connection)
    count = 0
    for person_id in due:
        if person_id in with_records - held:
            count += await _end_records(registry, limits, person_id, before)
    return count


async def _end_records(registry: Registry, limits: Limits, person_id: bytes, before: datetime) -> int:
    async def act(work: Work) -> int:
        c = work.connection
        is_held = person_id in await _held_now(work, "clinical", [person_id])
        if is_held or not await without_appointment_since(work, before, limits.booking_days, only=person_id):
            return 0
        gone = await destroy_records_of(c, work.ring, registry.tables, person_id, "clinical")
        gone += await notes.forget_notes_about(c, person_id, work.now)
        if gone:
            await forget_words(c, person_id)
            await store.forget_lifted_holds(c, person_id, "clinical")
            await _on_record(work, "retention.clinical", [person_id])
        return gone

    return await registry.office.act(None, act)


async def _on_record(work: Work, type_: str, person_ids: Sequence[bytes]) -> None:
    for person_id in dict.fromkeys(person_ids):
        await work.audit(type_, "D", entity="person", entity_id=person_id, subjects=[person_id])
