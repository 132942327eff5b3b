"""Write a booked appointment directly, under the same overlap rule of the database: for the booking act, and for those
who place one on behalf of clients."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from telehealth.appointments import cases, rules, store
from telehealth.audit.office import Work
from telehealth.availability.zones import zone_version
from telehealth.clinic.store import Service, Therapist
from telehealth.db.engine import is_overlap, lock_parties

During = tuple[datetime, datetime]


def session(service: Service, starts_at: datetime) -> During:
    """When clients and therapist meet."""
    return starts_at, starts_at + timedelta(minutes=service.minutes)


def with_buffers(service: Service, starts_at: datetime) -> During:
    """What it takes of the therapist's time."""
    begins, ends = session(service, starts_at)
    return begins - timedelta(minutes=service.buffer_before), ends + timedelta(minutes=service.buffer_after)


async def place(
    work: Work,
    service: Service,
    therapists: Therapist | Sequence[Therapist],
    starts_at: datetime,
    said: Mapping[bytes, str],
    *,
    series_id: bytes | None = None,
) -> bytes | None:
    """Book a time for these clients (id → their reason, perhaps empty), also outside the hours and the notice.

    `therapists` is one, or the two of co-therapy. The id of the appointment, on record; None, with nothing written,
    when one of them is not free.
    """
    clients = list(said)
    seen_by = (therapists,) if isinstance(therapists, Therapist) else tuple(therapists)
    await lock_parties(work.connection, [*(each.id for each in seen_by), *clients])
    appointment_id = work.chance(16)
    try:
        async with work.connection.begin_nested():
            await add_time(
                work,
                appointment_id,
                service,
                seen_by,
                starts_at,
                state="booked",
                by=clients[0],
                series_id=series_id,
                clients=clients,
            )
    except IntegrityError as error:
        if is_overlap(error):
            return None
        raise
    for client, reason in said.items():
        await write_down(work, appointment_id, client, reason)
    await cases.begin_for(work, service, appointment_id, clients)
    await audit_booking(work, appointment_id, clients)
    return appointment_id


async def add_time(
    work: Work,
    appointment_id: bytes,
    service: Service,
    therapists: Sequence[Therapist],
    starts_at: datetime,
    *,
    state: rules.State,
    by: bytes | None,
    series_id: bytes | None = None,
    clients: Sequence[bytes] = (),
) -> None:
    """The row of an appointment, and the time of its therapists, one or two, and of these clients. IntegrityError when
    that is taken."""
    first, *others = therapists
    zone = ZoneInfo(first.zone)
    begins, ends = session(service, starts_at)
    values: dict[str, object] = {
        "id": appointment_id,
        "service_id": service.id,
        "therapist_id": first.id,
        "co_therapist_id": others[0].id if others else None,
        "series_id": series_id,
        "state": state,
        "local_start": rules.local_start(begins, zone),
        "zone": zone.key,
        "zone_version": zone_version(),
        "starts_at": begins,
        "ends_at": ends,
        "booked_by": by,
        "created_at": work.now,
        "asked_at": work.now if state == "asked" else None,
    }
    await store.add(work.connection, values)
    taken = dict.fromkeys((each.id for each in therapists), with_buffers(service, starts_at))
    taken |= dict.fromkeys(clients, (begins, ends))
    await store.occupy(work.connection, appointment_id, taken, state=state)


async def write_down(work: Work, appointment_id: bytes, person_id: bytes, reason: str) -> store.Words:
    """A client takes part; their words are sealed for them alone."""
    record_id = work.chance(16)
    key = await work.ring.new_record(work.connection, record_id, "booking", [person_id])
    sealed = key.seal("appointment_clients", "reason", 0, reason)
    words = store.Words(person_id, record_id, 0, sealed)
    await store.add_client(work.connection, appointment_id, words)
    return words


async def audit_booking(work: Work, appointment_id: bytes, clients: Sequence[bytes]) -> None:
    """Put it on record, once for each client."""
    await work.audit(
        "appointment.book", "C", entity="appointment", entity_id=appointment_id, subjects=clients
    )
