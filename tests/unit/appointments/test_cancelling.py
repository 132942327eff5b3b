"""Cancelling: once, by those concerned, late where it is, and everybody is told."""

from datetime import timedelta

import pytest

from telehealth.appointments import acts
from telehealth.audit.office import Office
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.notices import acts as notices
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book, entries, new_key, place_both


async def test_a_booking_is_cancelled_and_its_time_open_again(office: Office, clinic: Clinic) -> None:
    made, key = await book(office, start=TEN + timedelta(days=2)), new_key()
    cancelled = await acts.cancel(office, ROSA, made.id, key)
    assert (cancelled.state, cancelled.may_cancel) == ("cancelled", False)
    assert await acts.cancel(office, ROSA, made.id, key) == cancelled
    assert (await book(office, MIKA, TEN + timedelta(days=2))).state == "booked"
    assert (await book(office, ROSA, TEN + timedelta(days=2, hours=1))).state == "booked"
    assert await entries(office, ["appointment.cancel"]) == {"appointment.cancel": 1}


async def test_what_is_cancelled_cannot_be_cancelled_again(office: Office, clinic: Clinic) -> None:
    made = await book(office, start=TEN + timedelta(days=2))
    await acts.cancel(office, ROSA, made.id, new_key())
    with pytest.raises(Conflict) as refused:
        await acts.cancel(office, ROSA, made.id, new_key())
    assert refused.value.code == "not_booked"
    assert refused.value.about == ("appointment", made.id)


async def test_after_the_window_a_client_cancels_late_and_staff_never_do(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    clock.now = TEN - timedelta(hours=23)
    made = await book(office)
    assert made.is_late
    cancelled = await acts.cancel(office, ROSA, made.id, new_key())
    assert (cancelled.state, cancelled.cancelled_late, cancelled.sequence) == ("cancelled", True, 1)
    told = {each.kind: each.body.get("late") for each in await notices.mine(office, NADIA)}
    assert told == {"appointment_booked": None, "appointment_cancelled": "yes"}
    again = await book(office)
    assert not (await acts.cancel(office, NADIA, again.id, new_key())).cancelled_late


async def test_what_has_begun_is_cancelled_by_nobody(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made = await book(office)
    clock.now = TEN
    for person in (ROSA, NADIA, DESK):
        with pytest.raises(Conflict) as refused:
            await acts.cancel(office, person, made.id, new_key())
        assert refused.value.code == "too_late_to_cancel"


async def test_staff_write_a_few_words_to_the_clients(office: Office, clinic: Clinic) -> None:
    both = await place_both(office, TEN + timedelta(days=2))
    await acts.cancel(office, NADIA, both, new_key(), " I am ill. ")
    for client in (ROSA, MIKA):
        told = (await notices.mine(office, client))[0]
        assert (told.kind, told.body["message"], told.body["by"]) == (
            "appointment_cancelled",
            "I am ill.",
            "practice",
        )
    assert await notices.mine(office, NADIA) == []
    with pytest.raises(Invalid) as refused:
        await acts.cancel(office, NADIA, both, new_key(), "x" * 1001)
    assert refused.value.code == "message_too_long"


@pytest.mark.parametrize("person", [MIKA, STRANGER, OMAR, ADMIN])
async def test_strangers_cannot_cancel_and_their_try_is_on_record(
    office: Office, clinic: Clinic, person: Person
) -> None:
    made = await book(office)
    with pytest.raises(NotFound):
        await acts.cancel(office, person, made.id, new_key())
    assert (await acts.appointment(office, ROSA, made.id)).state == "booked"
    assert await entries(office, ["appointment.refused"]) == {"appointment.refused": 1}
