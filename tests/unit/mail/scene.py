"""Short ways to say who is written to, and what they get."""

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage

from icalendar import Calendar

from telehealth.appointments.acts import Appointment
from telehealth.audit.office import Office, Work
from telehealth.mail import acts
from telehealth.mail.letters import Sender
from telehealth.mail.post import NotDelivered
from telehealth.notices import choices
from telehealth.notices.acts import announce
from telehealth.notices.models import outbox
from telehealth.notices.rules import Preferences
from telehealth.people import store as people
from telehealth.person import Person
from tests.people import MIKA, NADIA, NAMES, OMAR, ROSA
from tests.unit.appointments import scene as appointments
from tests.unit.appointments.scene import TEN
from tests.unit.privacy.scene import shared_appointment

SENDER = Sender("Appointments", "office@clinic.example", "https://clinic.example")
BERLIN = "Europe/Berlin"
ADDRESSES = {
    ROSA: "rosa@mail.example",
    MIKA: "mika@mail.example",
    NADIA: "nadia@mail.example",
    OMAR: "omar@mail.example",
}


@dataclass
class Kept:
    """A post that keeps what it is given, or refuses it for `refusal`."""

    mails: list[EmailMessage] = field(default_factory=list)
    refusal: NotDelivered | None = None

    async def deliver(self, notice_id: bytes, mail: EmailMessage) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.mails.append(mail)

    def to(self, person: Person) -> list[EmailMessage]:
        """The mails to one of the named people, in order."""
        return [mail for mail in self.mails if mail["To"] == ADDRESSES[person]]


async def give_addresses(office: Office, addresses: dict[Person, str] | None = None) -> None:
    """The named people have confirmed an address each."""

    async def act(work: Work) -> None:
        for person, email in (addresses or ADDRESSES).items():
            await people.keep_profile(work.connection, work.ring, person.id, name=NAMES[person], email=email)

    await office.act(None, act)


async def choose(office: Office, person: Person, **changes: object) -> None:
    """Somebody says how they wish to be told."""
    chosen = Preferences(**changes)  # type: ignore[arg-type]
    await office.act(None, lambda work: choices.keep(work.connection, work.ring, person.id, chosen))


async def book(office: Office, person: Person = ROSA, start: datetime = TEN) -> Appointment:
    """Somebody books, and what is said of that has been said."""
    made = await appointments.book(office, person, start)
    await forget_letters(office)
    return made


async def together(office: Office) -> bytes:
    """Rosa's and Mika's appointment, of which all has been said."""
    appointment_id = await shared_appointment(office)
    await forget_letters(office)
    return appointment_id


async def forget_letters(office: Office) -> None:
    """Nothing waits to be sent any more."""
    async with office.database.transaction() as connection:
        await connection.execute(outbox.delete())


async def tell(office: Office, person: Person, appointment_id: bytes | None = None) -> bytes:
    """Somebody is told something, perhaps about an appointment; returns the notice's id."""
    body = {"who": "planted-words", "at": office.clock().isoformat()}
    return await office.act(
        None, lambda work: announce(work, person.id, "emergency_end", body, appointment_id=appointment_id)
    )


async def deliver(office: Office, post: Kept | None = None) -> Kept:
    """One turn of the worker."""
    post = post or Kept()
    await acts.turn(office, post, SENDER, BERLIN)
    return post


def text_in(mail: EmailMessage) -> str:
    """What its reader reads."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def calendar_in(mail: EmailMessage) -> Calendar | None:
    """Its calendar file."""
    for part in mail.iter_attachments():
        return Calendar.from_ical(part.get_content())
    return None
