"""Private notes are their therapist's alone, keep every word, and leave a trace without a word of theirs."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.appointments import acts as appointments
from telehealth.appointments.models import appointments as table
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.errors import NotFound
from telehealth.keys.models import record_keys
from telehealth.notes import acts
from telehealth.notes.models import private_notes
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book, entries, new_key
from tests.unit.couples.scene import a_couple
from tests.unit.emergency.scene import opened
from tests.unit.notes.scene import WORDS, left, save

OTHER = b"another-window.."
TYPES = ("note.write", "note.remove")


@pytest.fixture
async def appointment_id(office: Office, clinic: Clinic) -> bytes:
    return (await book(office, ROSA)).id


async def test_what_is_typed_is_there_again_and_nothing_else_opens_it(
    office: Office, appointment_id: bytes
) -> None:
    empty = await acts.note(office, NADIA, appointment_id)
    assert (empty.words, empty.number, empty.names) == ("", 0, ("Rosa Example-Lindqvist",))
    for turn, words in enumerate(("Her", "Her mother", WORDS), 1):
        saved = await save(office, appointment_id, words, turn=turn)
        assert (saved.is_apart, saved.note.words, saved.note.number) == (False, words, turn)
    assert (await acts.note(office, NADIA, appointment_id)).words == WORDS
    async with office.database.reading() as c:
        row = (await c.execute(select(private_notes))).one()
        wraps = (await c.execute(select(record_keys).where(record_keys.c.record_id == row.id))).all()
    assert b"mother" not in row.words
    assert [(wrap.subject_id, wrap.cls) for wrap in wraps] == [(NADIA.id, "clinical")]


async def test_nobody_else_reads_or_writes_them(office: Office, appointment_id: bytes) -> None:
    await save(office, appointment_id)
    await opened(
        office, OMAR, client=ROSA
    )  # what stands open in an emergency is the client's record, not these
    for person in (ROSA, MIKA, STRANGER, OMAR, DESK, ADMIN):
        with pytest.raises(NotFound):
            await acts.note(office, person, appointment_id)
        with pytest.raises(NotFound):
            await save(office, appointment_id, "Not theirs", person=person, number=1)
        assert person.role != "therapist" or await acts.mine(office, person) == ([], None)
    assert (await acts.note(office, NADIA, appointment_id)).words == WORDS


async def test_two_windows_lose_nothing_of_each_other(office: Office, appointment_id: bytes) -> None:
    await save(office, appointment_id, "first")
    apart = await save(office, appointment_id, "second", writer=OTHER, number=0)
    assert (apart.is_apart, apart.note.words, apart.note.number) == (True, "first", 1)
    both = await save(office, appointment_id, "first\n\nsecond", writer=OTHER, number=1, turn=2)
    assert (both.is_apart, both.note.number) == (False, 2)
    late = await save(office, appointment_id, "first again", turn=2, number=1)
    assert (late.is_apart, late.note.words) == (True, "first\n\nsecond")


async def test_an_answer_that_was_lost_and_a_turn_that_comes_late_change_nothing(
    office: Office, appointment_id: bytes
) -> None:
    await save(office, appointment_id, "fir", turn=1)
    saved = await save(office, appointment_id, "first", turn=3)  # it never heard that the first arrived
    assert (saved.is_apart, saved.note.number) == (False, 2)
    late = await save(office, appointment_id, "firs", turn=2)
    assert (late.is_apart, late.note.words, late.note.number) == (False, "first", 2)


async def test_emptied_notes_are_gone_with_their_key(office: Office, appointment_id: bytes) -> None:
    await save(office, appointment_id)
    assert await left(office) == (1, 1, 1)
    saved = await save(office, appointment_id, "", number=1, turn=2)
    assert (saved.is_apart, saved.note.number) == (False, 0)
    assert await left(office) == (0, 0, 0)
    assert (await save(office, appointment_id, "anew", turn=3)).note.number == 1
    assert await entries(office, TYPES) == {"note.write": 1, "note.remove": 1}


async def test_a_quarter_of_an_hour_of_typing_is_one_entry_for_each_client(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    appointment_id = (await a_couple(office)).id
    for turn in range(1, 6):
        await save(office, appointment_id, f"word {turn}", turn=turn)
    assert await entries(office, TYPES) == {"note.write": 2, "note.remove": 0}
    clock.advance(timedelta(minutes=15))
    await save(office, appointment_id, "one more word", turn=6)
    await save(office, appointment_id, "one more word", turn=7)
    async with office.database.reading() as c:
        written = audit_leaves.c.type == "note.write"
        rows = (await c.execute(select(audit_leaves).where(written).order_by(audit_leaves.c.ts))).all()
    assert [row.action for row in rows] == ["C", "C", "U", "U"]
    assert all(row.detail_ct is None for row in rows)


async def test_both_of_two_therapists_have_their_own(office: Office, clinic: Clinic) -> None:
    appointment_id = (await book(office, ROSA)).id
    await save(office, appointment_id, "Nadia's")
    await _beside(office, appointment_id)
    assert (await acts.note(office, OMAR, appointment_id)).words == ""
    await save(office, appointment_id, "Omar's", person=OMAR, writer=OTHER)
    assert (await acts.note(office, NADIA, appointment_id)).words == "Nadia's"
    assert (await acts.note(office, OMAR, appointment_id)).words == "Omar's"


async def _beside(office: Office, appointment_id: bytes) -> None:
    """Omar is there, too."""
    async with office.database.transaction() as c:
        await c.execute(table.update().where(table.c.id == appointment_id).values(co_therapist_id=OMAR.id))


async def test_the_list_has_each_session_with_notes_the_latest_first_and_follows_a_move(
    office: Office, appointment_id: bytes
) -> None:
    await book(office, MIKA, TEN + timedelta(hours=1))
    other = (await book(office, MIKA, TEN + timedelta(hours=2))).id
    await save(office, appointment_id)
    await save(office, other, "About Mika")
    listed, rest = await acts.mine(office, NADIA)
    assert [(each.appointment_id, each.names) for each in listed] == [
        (other, ("Mika Example",)),
        (appointment_id, ("Rosa Example-Lindqvist",)),
    ]
    assert rest is None
    await appointments.move(office, NADIA, appointment_id, start=TEN + timedelta(weeks=1), key=new_key())
    assert (await acts.note(office, NADIA, appointment_id)).held_at == TEN + timedelta(weeks=1)


async def test_a_long_list_goes_on_from_where_it_ended(
    office: Office, appointment_id: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    other = (await book(office, MIKA, TEN + timedelta(hours=2))).id
    for each in (appointment_id, other):
        await save(office, each)
    first, rest = await acts.mine(office, NADIA)
    second, end = await acts.mine(office, NADIA, rest)
    assert [each.appointment_id for each in (*first, *second)] == [other, appointment_id]
    assert (rest, end) == (TEN + timedelta(hours=2), None)
