"""How many statements it takes to book, move and cancel: what one of them costs is mostly their number."""

from datetime import timedelta
from typing import Any

import pytest

from telehealth.appointments import acts
from telehealth.appointments.acts import Taken
from telehealth.audit.office import Office
from telehealth.db.engine import Database
from tests.people import COUPLE, MIKA, NADIA, ROSA, Clinic
from tests.statements import sent_to
from tests.unit.appointments.scene import TEN, Browser, book, hold, new_key

DAY = timedelta(days=1)
BOOKED = {"postgresql": 28, "sqlite": 25}  # the difference is locks
HELD = {"postgresql": 26, "sqlite": 23}
REFUSED = {"postgresql": 19, "sqlite": 18}
MOVED = {"postgresql": 43, "sqlite": 41}
CANCELLED = {"postgresql": 31, "sqlite": 29}
WRITING = ("INSERT", "UPDATE", "DELETE")


async def test_an_open_time_is_booked_in_few_statements(
    office: Office, clinic: Clinic, database: Database
) -> None:
    with sent_to(database) as sent:
        await book(office)
    assert len(sent) == BOOKED[database.dialect]


async def test_a_held_time_is_booked_in_few_statements(
    office: Office, clinic: Clinic, database: Database
) -> None:
    held = await hold(office, person=ROSA)
    with sent_to(database) as sent:
        await book(office, held=held)
    assert len(sent) == HELD[database.dialect]


async def test_a_refused_attempt_writes_nothing(office: Office, clinic: Clinic, database: Database) -> None:
    await book(office)
    with sent_to(database) as sent, pytest.raises(Taken) as refused:
        await book(office, MIKA, browser=Browser("another"))
    assert len(sent) == REFUSED[database.dialect]
    assert not [each for each in sent if each.startswith(WRITING)]
    assert len(refused.value.alternatives) == 6


async def test_an_appointment_is_moved_and_cancelled_in_few_statements(
    office: Office, clinic: Clinic, database: Database
) -> None:
    made = await book(office, start=TEN + 2 * DAY)
    with sent_to(database) as sent:
        await acts.move(office, ROSA, made.id, start=TEN + 3 * DAY, key=new_key())
    assert len(sent) == MOVED[database.dialect]
    with sent_to(database) as sent:
        await acts.cancel(office, ROSA, made.id, new_key())
    assert len(sent) == CANCELLED[database.dialect]


async def test_what_was_just_booked_reads_as_its_page_does(office: Office, clinic: Clinic) -> None:
    held = await hold(office, person=ROSA)
    alone = await book(office, held=held, reason="We hardly talk")
    asked: dict[str, Any] = {"service_id": COUPLE.id, "therapist_id": NADIA.id}
    both = await book(office, MIKA, TEN + 2 * DAY, browser=Browser("another"), **asked)
    assert alone == await acts.appointment(office, ROSA, alone.id)
    assert both == await acts.appointment(office, MIKA, both.id)
