"""Short ways to say who notes what, and what is left of it."""

from sqlalchemy import func, select

from telehealth.audit.office import Office
from telehealth.keys.models import record_keys
from telehealth.notes import acts
from telehealth.notes.acts import Saved
from telehealth.notes.models import note_clients, private_notes
from telehealth.notes.rules import Typed
from telehealth.person import Person
from tests.people import NADIA

WORDS = "Her mother again.\nAsk about the summer."
PAGE = b"one-window......"


async def save(
    office: Office,
    appointment_id: bytes,
    words: str = WORDS,
    *,
    person: Person = NADIA,
    number: int = 0,
    writer: bytes = PAGE,
    turn: int = 1,
) -> Saved:
    """A window of Nadia's sends what stands in it."""
    return await acts.save(office, person, appointment_id, Typed(words, number, writer, turn))


async def left(office: Office) -> tuple[int, int, int]:
    """How many notes there are, how many say whom they are about, and how many keys open any of them."""
    keyed = record_keys.c.record_id.in_(select(private_notes.c.id))
    counts = [
        select(func.count()).select_from(private_notes),
        select(func.count()).select_from(note_clients),
        select(func.count()).select_from(record_keys).where(keyed),
    ]
    async with office.database.reading() as c:
        notes, ties, keys = [int((await c.execute(each)).scalar_one()) for each in counts]
    return notes, ties, keys
