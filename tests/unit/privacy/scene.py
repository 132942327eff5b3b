"""Short ways to say what is there of somebody, and what is left."""

from sqlalchemy import func, select

from telehealth.appointments import store as appointments
from telehealth.appointments.acts import Appointment
from telehealth.appointments.store import Words
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office, Work
from telehealth.audit.rules import pseudonym
from telehealth.keys.models import record_keys, subject_keys
from telehealth.notices.acts import announce
from telehealth.people import acts as people
from telehealth.people.acts import Identity
from telehealth.person import Person
from tests.authenticator import Authenticator
from tests.people import COUPLE, MIKA, NADIA, ROSA
from tests.unit.appointments.scene import book
from tests.unit.emergency.scene import opened
from tests.unit.passkeys.scene import Scene as Passkeys

ISSUER = "https://provider.example"
EMAIL = "rosa@mail.example"
REASON = "planted-reason-of-rosa"


async def sign_in(office: Office, subject: str = "sub-1", email: str = EMAIL) -> Person:
    """Somebody who comes in through the provider, for the first time or again."""
    identity = Identity(
        "practice", ISSUER, subject, "client", email, "sid-1", "header.payload.sig", strong=True
    )
    return (await people.sign_in(office, identity, office.chance(32))).person


async def live(office: Office, person: Person = ROSA) -> Appointment:
    """Somebody with something in every class: a session, a passkey, an appointment, a message, an emergency."""
    made = await book(office, person, reason=REASON)
    passkeys = Passkeys(office)
    await passkeys.add(await passkeys.session(person), Authenticator())
    await opened(office, client=person)

    async def tell(work: Work) -> None:
        body = {"who": "Nadia", "at": work.now.isoformat()}
        await announce(work, person.id, "emergency_end", body)

    await office.act(None, tell)
    return made


async def shared_appointment(office: Office) -> bytes:
    """Rosa's appointment for two, in which Mika takes part with words of his own."""
    made = await book(office, ROSA, service_id=COUPLE.id, therapist_id=NADIA.id, reason="Words of Rosa's own")

    async def join(work: Work) -> None:
        record_id = work.chance(16)
        key = await work.ring.new_record(work.connection, record_id, "booking", [MIKA.id])
        sealed = key.seal("appointment_clients", "reason", 0, "Words of Mika's own")
        await appointments.add_client(work.connection, made.id, Words(MIKA.id, record_id, 0, sealed))
        his = {MIKA.id: (made.starts_at, made.ends_at)}
        await appointments.occupy(work.connection, made.id, his, state="booked")

    await office.act(None, join)
    return made.id


async def keys_of(office: Office, person_id: bytes) -> set[str]:
    """The classes of which somebody has a key."""
    query = select(subject_keys.c.cls).where(subject_keys.c.subject_id == person_id)
    async with office.database.reading() as c:
        return set((await c.execute(query)).scalars())


async def wraps_of(office: Office, person_id: bytes) -> int:
    """How many records can be opened through somebody's keys."""
    query = select(func.count()).select_from(record_keys).where(record_keys.c.subject_id == person_id)
    async with office.database.reading() as c:
        return int((await c.execute(query)).scalar_one())


async def types_about(office: Office, person_id: bytes) -> list[str]:
    """The types of all entries about somebody, in order."""
    query = select(audit_leaves.c.type).where(
        audit_leaves.c.patient == pseudonym(office._pseudonym_key, person_id)
    )
    async with office.database.reading() as c:
        return list((await c.execute(query.order_by(audit_leaves.c.ts, audit_leaves.c.type))).scalars())
