"""How an appointment went: from who really came, or as its therapist says within a week."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from telehealth.appointments import changes, rules
from telehealth.appointments import store as appointment_store
from telehealth.appointments.models import appointments
from telehealth.appointments.reading import Appointment, found_by
from telehealth.audit.office import Office, Work
from telehealth.db.engine import is_overlap
from telehealth.errors import Conflict, Forbidden, Invalid
from telehealth.person import Person
from telehealth.repeats import answers
from telehealth.rooms import store
from telehealth.rooms.impressions import said_failed
from telehealth.rooms.models import rooms
from telehealth.rooms.rules import Outcome, came, outcome

AT_MOST = 100  # of one turn
LOOKED_BACK = timedelta(days=2)  # a room that closed earlier than that had its turn
CHOICES: tuple[Outcome, ...] = ("attended", "late", "missed", "technical")
NO_THERAPIST = "Only its therapist says how an appointment went."
NOT_NOW = "How it went can be said from the start until a week after the end."
NOT_A_CHOICE = "Please choose how it went."
CAME = (
    "A client came to the door, and no connection came about. That is a technical failure, and nobody missed it. "
    "Please choose something else."
)
IN_THE_WAY = "There is another appointment at that time by now, so this one cannot have taken place."


async def connected(office: Office, person: Person, appointment_id: bytes, *, stands: bool = True) -> None:
    """A page says that its connection to somebody stands. Said again, or without a seat, it changes nothing; nor does
    it where none came about. NotFound for who takes no part in it."""

    async def act(work: Work) -> None:
        found = await found_by(work, person, appointment_id)
        if stands and await store.note_connected(work.connection, found.id, person.id, work.now):
            await work.audit(
                "room.connect", "E", entity="appointment", entity_id=found.id, subjects=found.client_ids
            )

    await office.act(person, act)


async def derive(work: Work, appointment_id: bytes) -> Outcome | None:
    """Write down how it went, once, as far as the record knows; part of the act that ends a room."""
    c = work.connection
    query = select(appointments.c.starts_at).where(
        appointments.c.id == appointment_id,
        appointments.c.state == "booked",
        appointments.c.outcome.is_(None),
    )
    starts_at = (await c.execute(query)).scalar_one_or_none()
    if starts_at is None:
        return None
    failed = await said_failed(c, appointment_id, starts_at)
    went = outcome(starts_at, await store.presences_of(c, appointment_id), failed=failed)
    if went is not None:
        becomes = state_of("booked", went)
        await appointment_store.move(c, appointment_id, was="booked", becomes=becomes, outcome=went)
    return went


def state_of(state: str, went: Outcome) -> str:
    """The state that goes with an outcome; a technical failure leaves it as it is, or booked where it was judged."""
    if went == "technical":
        return "booked"
    return rules.moved(state, "miss" if went == "missed" else "attend")


async def turn(office: Office) -> int:
    """Derive the outcome of those whose room has closed by itself; says how many there were."""
    now = office.clock()
    closed = now - rules.CLOSES_AFTER
    async with office.database.reading() as c:
        query = select(appointments.c.id).where(
            appointments.c.state == "booked",
            appointments.c.outcome.is_(None),
            appointments.c.ends_at <= closed,
            appointments.c.ends_at > closed - LOOKED_BACK,
        )
        ids = list((await c.execute(query.order_by(appointments.c.ends_at))).scalars())
    known = 0
    for appointment_id in ids:
        if known < AT_MOST and await _conclude(office, appointment_id):
            known += 1
    return known


async def _conclude(office: Office, appointment_id: bytes) -> bool:
    async def act(work: Work) -> bool:
        went = await derive(work, appointment_id)
        if went is None:
            return False
        subjects = await appointment_store.clients_of(work.connection, appointment_id)
        await work.audit(
            "appointment.conclude", "U", entity="appointment", entity_id=appointment_id, subjects=subjects
        )
        return True

    return await office.act(None, act)


async def judge(office: Office, person: Person, appointment_id: bytes, went: str, key: str) -> Appointment:
    """Its therapist says how it went, from the start until a week after the end.

    Invalid "not_an_outcome", Conflict "not_now" or "client_came" (who came to the door did not miss it); Forbidden for
    others who see it, NotFound for all the rest.
    """
    claimed = answers.key_from(key)
    chosen = next((each for each in CHOICES if each == went), None)
    if chosen is None:
        raise Invalid("not_an_outcome", NOT_A_CHOICE, fields={"outcome": NOT_A_CHOICE})

    async def act(work: Work) -> Appointment:
        await changes.lock(work, person, appointment_id)
        request = ["judge", appointment_id.hex(), chosen]
        if await answers.claim(work, person, claimed, request, appointment_id) is None:
            found = await found_by(work, person, appointment_id)
            about = ("appointment", found.id)
            if person.role != "therapist":
                raise Forbidden("not_its_therapist", NO_THERAPIST, about=about)
            if not found.may_judge:
                raise Conflict("not_now", NOT_NOW, about=about)
            presences = await store.presences_of(work.connection, found.id)
            if chosen == "missed" and any(not each.host for each in came(found.starts_at, presences)):
                raise Conflict("client_came", CAME, about=about)
            await _write(work, found, chosen)
        return await found_by(work, person, appointment_id)

    return await office.act(person, act)


async def _write(work: Work, found: Appointment, went: Outcome) -> None:
    c, becomes = work.connection, state_of(found.state, went)
    try:
        async with c.begin_nested():
            await appointment_store.move(c, found.id, was=found.state, becomes=becomes, outcome=went)
            room = update(rooms).where(rooms.c.appointment_id == found.id)
            await c.execute(room.values(judged_at=work.now))
    except IntegrityError as error:
        if is_overlap(error):
            raise Conflict("not_now", IN_THE_WAY, about=("appointment", found.id)) from None
        raise
    await work.audit(
        "appointment.judge", "U", entity="appointment", entity_id=found.id, subjects=found.client_ids
    )
