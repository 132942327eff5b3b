"""How sound and picture were, as who was there says afterwards: counted by month, without a person."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import acts as appointments
from telehealth.appointments import store as appointment_store
from telehealth.appointments.acts import Appointment
from telehealth.appointments.reading import row_for
from telehealth.appointments.store import Row
from telehealth.audit.office import Office, Work
from telehealth.db.engine import insert_unless_there, is_overlap, lock_parties
from telehealth.errors import Conflict, NotFound
from telehealth.person import Person
from telehealth.rooms import rules
from telehealth.rooms.models import impressions, rooms, seats
from telehealth.rooms.rules import Impression

NOT_FOUND = "There is nothing at this address."
OVER = "This can be said until two days after the session. Thank you all the same."


@dataclass(frozen=True)
class Asked:
    """Somebody's own session. `may_say`: they were there, and it is not too long ago; `has_said`: they did already."""

    appointment: Appointment
    may_say: bool
    has_said: bool


@dataclass(frozen=True)
class Month:
    """What was said in one month, "2026-11": how often each word; None where that would be about a few people only."""

    name: str
    counts: dict[str, int] | None

    @property
    def words(self) -> str:
        """November 2026"""
        return f"{date.fromisoformat(f'{self.name}-01'):%B %Y}"


async def asked(office: Office, person: Person, appointment_id: bytes) -> Asked:
    """For the page that asks; NotFound, on record, for everybody who takes no part."""
    if person.role not in ("client", "therapist"):
        async with office.work(person):
            raise NotFound("not_found", NOT_FOUND, about=("appointment", appointment_id))
    found = await appointments.appointment(office, person, appointment_id)
    async with office.database.reading() as c:
        told = await _told(c, appointment_id, person.id)
    is_open = rules.may_say_how(found.ends_at, office.clock())
    return Asked(found, told is not None and is_open, bool(told))


async def say(office: Office, person: Person, appointment_id: bytes, said: Impression) -> None:
    """Count it, each part once for everybody who was there. "failed" is a technical failure from then on, unless its
    therapist has said how the appointment went.

    Said again it changes nothing. NotFound for who was not there; Conflict "impression_over" after two days.
    """

    async def act(work: Work) -> None:
        about = ("appointment", appointment_id)
        c, before = work.connection, await row_for(work, person, appointment_id)
        await lock_parties(c, [*before.therapist_ids, *before.client_ids])
        row = await row_for(work, person, appointment_id)
        told = await _told(c, appointment_id, person.id)
        if told is None:
            raise NotFound("not_found", NOT_FOUND, about=about)
        if not rules.may_say_how(row.ends_at, work.now):
            raise Conflict("impression_over", OVER, about=about)
        new = rules.new_words(told, said)
        for word in new:
            await _count(c, f"{work.now:%Y-%m}", word)
        if new:
            mine = seats.c.appointment_id == appointment_id, seats.c.person_id == person.id
            await c.execute(update(seats).where(*mine).values(told=2 if said.part else 1))
        if "failed" in new:
            await _fail(work, row)

    await office.act(person, act)


async def _fail(work: Work, row: Row) -> None:
    """What somebody says outweighs that a connection stood, not what the therapist said."""
    c, here = work.connection, rooms.c.appointment_id == row.id
    await c.execute(update(rooms).where(here).values(failed_at=work.now))
    judged = (await c.execute(select(rooms.c.judged_at).where(here))).scalar_one()
    if judged is None and row.outcome in ("attended", "late"):
        try:
            async with c.begin_nested():
                await appointment_store.move(c, row.id, was=row.state, becomes="booked", outcome="technical")
        except IntegrityError as error:
            if not is_overlap(error):
                raise
    await work.audit("room.fail", "E", entity="appointment", entity_id=row.id, subjects=row.client_ids)


async def said_failed(c: AsyncConnection, appointment_id: bytes, starts_at: datetime) -> bool:
    """Whether somebody said so since the door opened: what was before belongs to a time from which it was moved."""
    query = select(rooms.c.failed_at).where(rooms.c.appointment_id == appointment_id)
    at = (await c.execute(query)).scalar_one_or_none()
    return at is not None and at >= rules.opens_at(starts_at, host=True)


async def months(office: Office) -> list[Month]:
    """The last three months with answers, the latest first, as far as they are about enough people."""
    async with office.database.reading() as c:
        rows = (await c.execute(select(impressions).order_by(impressions.c.month.desc()))).all()
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row.month, dict.fromkeys((*rules.ANSWERS, *rules.PARTS), 0))[row.word] = row.times
    return [
        Month(name, counts if rules.is_enough(counts) else None) for name, counts in list(found.items())[:3]
    ]


async def _told(c: AsyncConnection, appointment_id: bytes, person_id: bytes) -> int | None:
    """How much somebody has said: nothing, how it was, or what was wrong as well; None where they never came."""
    mine = seats.c.appointment_id == appointment_id, seats.c.person_id == person_id
    query = select(seats.c.told).where(*mine, seats.c.came_at.is_not(None))
    told: int | None = (await c.execute(query)).scalar_one_or_none()
    return told


async def _count(c: AsyncConnection, month: str, word: str) -> None:
    await c.execute(insert_unless_there(c, impressions), {"month": month, "word": word, "times": 0})
    here = impressions.c.month == month, impressions.c.word == word
    await c.execute(update(impressions).where(*here).values(times=impressions.c.times + 1))
