"""A therapist's own calendar for other programs: times alone, at an address that is a secret and can be revoked."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from telehealth.appointments import store as appointments
from telehealth.audit.office import Office, Work
from telehealth.calendars import store
from telehealth.errors import NotFound
from telehealth.person import Person
from telehealth.repeats import answers

BEHIND, AHEAD = timedelta(days=30), timedelta(days=370)
PRODUCT = "-//telehealth//times//EN"
SUMMARY = "Appointment"
STATUS = {"booked": "CONFIRMED", "asked": "TENTATIVE", "attended": "CONFIRMED"}
NOBODYS = "There is nothing at this address."


@dataclass(frozen=True)
class Taken:
    """One appointment as another program may know it. Times are aware UTC; `sequence` counts its moves."""

    id: bytes
    starts_at: datetime
    ends_at: datetime
    status: str
    sequence: int


async def renew(office: Office, person: Person, feed_hash: bytes, key: str) -> bool:
    """A new address, known to us by its hash alone; the one before leads nowhere. The same `key` is the same address:
    False when it leads nowhere any more."""
    claimed = answers.key_from(key)

    async def act(work: Work) -> bool:
        if await answers.claim(work, person, claimed, ["feed"]) is not None:
            return await store.is_feed_of(person, work.connection, feed_hash)
        await store.set_feed(person, work.connection, feed_hash, work.now)
        await work.audit("feed.make", "C", entity="feed", entity_id=feed_hash[:16], subjects=[person.id])
        await answers.keep(work, person, claimed, feed_hash[:16])
        return True

    return await office.act(person, act)


async def revoke(office: Office, person: Person) -> None:
    """The address leads nowhere from now on; once more is the same."""

    async def act(work: Work) -> None:
        if await store.drop_feed(person, work.connection):
            await work.audit("feed.revoke", "D", entity="feed", entity_id=person.id, subjects=[person.id])

    await office.act(person, act)


async def feed(office: Office, feed_hash: bytes) -> bytes:
    """The calendar at a secret address (RFC 5545). NotFound for an unknown or revoked one.

    It shows no sealed field, so reading it is no look.
    """

    async def act(work: Work) -> bytes:
        therapist_id = await store.use_feed(work.connection, feed_hash, work.now)
        if therapist_id is None:
            raise NotFound("not_found", NOBODYS)
        therapist = Person(therapist_id, "therapist")
        first, last = work.now - BEHIND, work.now + AHEAD
        rows = await appointments.appointments_of(therapist, work.connection, first=first, last=last)
        taken = [
            Taken(row.id, row.starts_at, row.ends_at, STATUS[row.state], row.sequence)
            for row in rows
            if row.state in STATUS
        ]
        return calendar_of(taken, work.now)

    return await office.act(None, act)


def calendar_of(taken: list[Taken], now: datetime) -> bytes:
    """Times and one neutral word; who, what and where are nobody's business."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("refresh-interval", timedelta(minutes=15), parameters={"value": "DURATION"})  # RFC 7986, 5.7
    for each in taken:
        event = Event()
        event.add("uid", each.id.hex())
        event.add("sequence", each.sequence)
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", each.starts_at)
        event.add("dtend", each.ends_at)
        event.add("summary", SUMMARY)
        event.add("status", each.status)
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
