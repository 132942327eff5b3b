"""A therapist's subscribed calendars: add one, remove one, see how each of them does."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from telehealth.audit.office import Office, Work
from telehealth.calendars import rules, store
from telehealth.db.engine import lock_parties
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.keys.erasing import destroy_records
from telehealth.keys.record_key import RecordKey
from telehealth.person import Person
from telehealth.repeats import answers

NOT_YOURS = "There is no such calendar among yours. Your list shows which there are."
ENOUGH = f"You have {rules.MAX_CALENDARS} calendars already. Remove one first, then add another."
KNOWN = "You have subscribed to this calendar already."


@dataclass(frozen=True)
class Subscribed:
    """One calendar as its therapist sees it. `host` is where it is kept; the rest of the address may be a secret."""

    id: bytes
    host: str
    state: str
    failure: str | None
    fetched_at: datetime | None
    busy_ahead: int


@dataclass(frozen=True)
class Overview:
    """The calendars that are read, and when the therapist's own address was made and last read, if there is one."""

    subscribed: tuple[Subscribed, ...]
    feed: tuple[datetime, datetime | None] | None


async def overview(office: Office, person: Person) -> Overview:
    """What this therapist has; showing where a calendar is kept is a look at their own record."""

    async def act(work: Work) -> Overview:
        rows = await store.calendars_of(person, work.connection)
        addresses = await _addresses(work, rows)
        ahead = await store.busy_ahead(work.connection, [row.id for row in rows], work.now)
        if rows:
            await work.looked(entity="person", entity_id=person.id, subjects=[person.id])
        found = [
            Subscribed(
                row.id,
                urlsplit(addresses[row.id]).hostname or "",
                row.state,
                row.failure,
                row.fetched_at,
                ahead.get(row.id, 0),
            )
            for row in rows
            if row.id in addresses
        ]
        return Overview(tuple(found), await store.feed_of(person, work.connection))

    return await office.act(person, act)


async def _addresses(work: Work, rows: list[store.CalendarRow]) -> dict[bytes, str]:
    keys = await work.ring.records(work.connection, [row.id for row in rows])
    return {row.id: address_of(keys[row.id], row) for row in rows if row.id in keys}


def address_of(key: RecordKey, row: store.CalendarRow) -> str:
    """The address, opened."""
    return key.open("busy_calendars", "address", row.revision, row.address)


async def subscribe(office: Office, person: Person, text: str, key: str) -> bytes:
    """Read a calendar from now on; its id. The same `key` is the same subscription.

    Invalid "address_needed", "address_not_safe", "address_not_public", "address_too_long", "address_known"; Conflict
    "enough_calendars".
    """
    address, claimed = rules.address_from(text), answers.key_from(key)

    async def act(work: Work) -> bytes:
        await lock_parties(work.connection, [person.id])
        calendar_id = await answers.claim(work, person, claimed, ["subscribe", address])
        if calendar_id is None:
            calendar_id = await _subscribe(work, person, address)
            await answers.keep(work, person, claimed, calendar_id)
        return calendar_id

    return await office.act(person, act)


async def _subscribe(work: Work, person: Person, address: str) -> bytes:
    c = work.connection
    rows = await store.calendars_of(person, c)
    if address in (await _addresses(work, rows)).values():
        raise Invalid("address_known", KNOWN, fields={"address": KNOWN})
    if len(rows) >= rules.MAX_CALENDARS:
        raise Conflict("enough_calendars", ENOUGH)
    calendar_id = work.chance(16)
    record = await work.ring.new_record(c, calendar_id, "account", [person.id])
    values = {"id": calendar_id, "therapist_id": person.id, "revision": 0, "state": "new", "failures": 0}
    sealed = record.seal("busy_calendars", "address", 0, address)
    await store.add(c, {**values, "address": sealed, "due_at": work.now})
    await work.audit(
        "calendar.subscribe", "C", entity="calendar", entity_id=calendar_id, subjects=[person.id]
    )
    return calendar_id


async def unsubscribe(office: Office, person: Person, calendar_id: bytes, key: str) -> None:
    """Read it no more; its busy times are open again. The same `key` is the same removal. NotFound, on record, for
    everybody else's."""
    claimed = answers.key_from(key)

    async def act(work: Work) -> None:
        if await answers.claim(work, person, claimed, ["unsubscribe", calendar_id.hex()]) is not None:
            return
        await answers.keep(work, person, claimed, calendar_id)
        if not await store.remove(person, work.connection, calendar_id):
            raise NotFound("calendar_not_found", NOT_YOURS, about=("calendar", calendar_id))
        await destroy_records(work.connection, [calendar_id])
        await work.audit(
            "calendar.unsubscribe", "D", entity="calendar", entity_id=calendar_id, subjects=[person.id]
        )

    await office.act(person, act)
