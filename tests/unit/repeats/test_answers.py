"""The same request twice is done once: idempotency keys."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.appointments import acts
from telehealth.appointments.acts import Taken
from telehealth.audit.office import Office
from telehealth.availability.acts import OpenTime
from telehealth.errors import Conflict, Invalid
from telehealth.repeats import answers
from telehealth.repeats.models import idempotency
from tests.clock import FakeClock
from tests.people import MIKA, NADIA, ROSA, SINGLE, Clinic
from tests.unit.appointments.scene import (
    TEN,
    Browser,
    book,
    entries,
    hold,
    new_key,
    taken,
)

THERE = Browser("another", "elsewhere")
TEN_OPEN = OpenTime(TEN, NADIA.id, SINGLE.id)


async def test_the_same_request_again_gives_the_same_appointment(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    held, key = await hold(office), new_key()
    first = await book(office, held=held, key=key, reason="once")
    clock.advance(minutes=30)
    assert replace(await book(office, held=held, key=key, reason="once"), may_cancel=True) == first
    assert len(await taken(office)) == 2
    assert await entries(office, ["appointment.book"]) == {"appointment.book": 1}


@pytest.mark.parametrize(
    "changes", [{"reason": "other"}, {"start": TEN + timedelta(hours=1)}, {"name": "Rosalind"}]
)
async def test_another_request_under_the_same_key_is_refused(
    office: Office, clinic: Clinic, changes: dict[str, Any]
) -> None:
    key = new_key()
    await book(office, key=key, reason="once")
    with pytest.raises(Conflict) as refused:
        await book(office, key=key, **({"reason": "once"} | changes))
    assert refused.value.code == "idempotency_mismatch"
    assert len(await taken(office)) == 2


async def test_keys_are_a_persons_own(office: Office, clinic: Clinic) -> None:
    key = new_key()
    first = await book(office, ROSA, key=key)
    second = await book(office, MIKA, TEN + timedelta(hours=1), key=key)
    assert first.id != second.id


async def test_a_refused_request_may_be_sent_again_with_its_key(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    held, key = await hold(office, browser=THERE), new_key()
    with pytest.raises(Taken):
        await book(office, key=key)
    await acts.release(office, held.id, THERE.cookie)
    assert (await book(office, key=key)).state == "booked"


async def test_a_key_is_forgotten_after_a_day(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    key = new_key()
    await book(office, key=key)
    clock.advance(timedelta(hours=24))
    await book(office, start=TEN + timedelta(days=7), key=key)
    async with office.database.reading() as connection:
        assert len((await connection.execute(select(idempotency))).all()) == 1


@pytest.mark.parametrize("key", ["k" * 16, "k" * 64, "5f0c8a4e-0d5b-4c43-9f6e-1b2f6d6a7c11"])
def test_a_key_of_visible_ascii_is_taken_as_it_is(key: str) -> None:
    assert answers.key_from(key) == key


@pytest.mark.parametrize("key", ["", "k" * 15, "k" * 65, "k" * 15 + "ä", "k" * 15 + "\n", "k" * 15 + " k"])
def test_any_other_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid) as refused:
        answers.key_from(key)
    assert refused.value.code == "malformed_key"
