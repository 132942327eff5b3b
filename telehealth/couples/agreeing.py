"""Say that one comes at the time that another has chosen for them both; who cannot, leaves for their own part."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from telehealth.appointments import store as appointments
from telehealth.appointments.changes import ask_again
from telehealth.appointments.reading import NOT_FOUND
from telehealth.appointments.rules import NOT_BOOKED
from telehealth.appointments.store import Row
from telehealth.audit.office import Office, Work
from telehealth.couples import rules, store
from telehealth.db.engine import is_overlap
from telehealth.errors import Conflict, NotFound
from telehealth.notices.acts import announce
from telehealth.person import Person
from telehealth.repeats import answers

BOOKED_THEN = (
    "You have something else at that time. Nobody but you is told. Please move or cancel one of the two, or leave this "
    "one for your own part."
)
MOVED_AGAIN = (
    "This appointment has another time by now. Please look at it again, and then say whether you can come."
)


async def agree(office: Office, person: Person, appointment_id: bytes, *, start: datetime, key: str) -> None:
    """Come at `start`, the time it has now: it is one's own time, too, from then on. Said again, it is the same.

    NotFound for everybody who takes no part; Conflict "moved_again", "not_booked", and "you_are_booked_then", on
    nobody's record but one's own.
    """
    claimed = answers.key_from(key)

    async def act(work: Work) -> None:
        await store.wait_for(work.connection, appointment_id, person.id)
        request = ["agree", appointment_id.hex(), start.isoformat()]
        if await answers.claim(work, person, claimed, request) is None:
            await _agree(work, person, appointment_id, start)
            await answers.keep(work, person, claimed, appointment_id)

    await office.act(person, act)


async def _agree(work: Work, person: Person, appointment_id: bytes, start: datetime) -> None:
    about = ("appointment", appointment_id)
    row = None
    if person.role == "client":
        row = await appointments.appointment_of(person, work.connection, appointment_id)
    if row is None:
        raise NotFound("appointment_not_found", NOT_FOUND, about=about)
    if not rules.may_leave(row.state, starts_at=row.starts_at, now=work.now):
        raise Conflict("not_booked", NOT_BOOKED, about=about)
    if row.starts_at != start:
        raise Conflict("moved_again", MOVED_AGAIN, about=about)
    if person.id in row.unsaid_ids:
        await _come(work, person, row)


async def _come(work: Work, person: Person, row: Row) -> None:
    c, mine = work.connection, {person.id: (row.starts_at, row.ends_at)}
    try:
        async with c.begin_nested():
            await appointments.occupy(c, row.id, mine, state=row.state)
    except IntegrityError as error:
        if is_overlap(error):
            raise Conflict("you_are_booked_then", BOOKED_THEN, about=("person", person.id)) from None
        raise
    await ask_again(c, row.id, [each for each in row.unsaid_ids if each != person.id], work.now)
    await work.audit(
        "partner.agree", "U", entity="appointment", entity_id=row.id, subjects=list(row.client_ids)
    )
    body = {"id": row.id.hex(), "start": row.starts_at.isoformat()}
    for other in row.client_ids:
        if other != person.id:
            await announce(work, other, "partner_joined", body)
    await announce(work, person.id, "partner_yours", body, appointment_id=row.id, quiet=True)
