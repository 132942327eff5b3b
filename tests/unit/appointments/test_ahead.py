"""What a therapist still has before them, alone or beside another, booked or asked for."""

import pytest
from sqlalchemy import update

from telehealth.appointments.ahead import ahead_of
from telehealth.appointments.forgetting import has_clients_ahead
from telehealth.appointments.models import appointments
from telehealth.audit.office import Office
from tests.clock import FakeClock
from tests.people import NADIA, OMAR, ROSA, Clinic
from tests.unit.appointments.scene import book, hold


async def ahead(office: Office, clock: FakeClock) -> list[tuple[int, bool]]:
    """For Nadia and Omar: how many times are ahead, and whether an erasure has to wait for them."""
    async with office.database.reading() as c:
        return [
            (len(await ahead_of(c, each.id, clock())), await has_clients_ahead(c, each.id, clock()))
            for each in (NADIA, OMAR)
        ]


@pytest.mark.parametrize(
    ("state", "counts"),
    [("booked", 1), ("asked", 1), ("cancelled", 0), ("declined", 0), ("attended", 0), ("missed", 0)],
)
async def test_what_is_booked_or_asked_for_counts_for_both_therapists(
    office: Office, clinic: Clinic, clock: FakeClock, state: str, counts: int
) -> None:
    made = await book(office, ROSA)
    async with office.database.transaction() as c:
        await c.execute(update(appointments).values(state=state, co_therapist_id=OMAR.id))
    assert await ahead(office, clock) == [(counts, counts > 0)] * 2
    clock.advance(made.ends_at - clock())
    assert await ahead(office, clock) == [(0, False)] * 2


async def test_a_time_that_is_being_chosen_is_ahead_and_keeps_nobody_from_an_erasure(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await hold(office)
    assert await ahead(office, clock) == [(1, False), (0, False)]
