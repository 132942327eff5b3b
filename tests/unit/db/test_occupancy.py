"""The database itself refuses overlapping times of one party, whoever writes them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from telehealth.appointments.models import appointments
from telehealth.audit.office import Office
from telehealth.availability.models import occupancies
from telehealth.db.engine import Database, is_overlap
from telehealth.db.tables import new_id
from tests.people import NADIA, OMAR, SINGLE, Clinic

TEN = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def occupy(
    database: Database, party: bytes, start: datetime, end: datetime, *, state: str = "booked"
) -> bytes:
    """Write an occupied time past every rule of ours."""
    id_ = new_id()
    async with database.transaction() as connection:
        values = {
            "service_id": SINGLE.id,
            "therapist_id": NADIA.id,
            "state": state,
            "local_start": "",
            "zone": "",
        }
        times = {"zone_version": "", "starts_at": start, "ends_at": end, "created_at": start}
        await connection.execute(insert(appointments).values(id=id_, **values, **times))
        taken = {"party": party, "starts_at": start, "ends_at": end, "state": state}
        await connection.execute(insert(occupancies).values(appointment_id=id_, **taken))
    return id_


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (TEN, TEN + HOUR),
        (TEN - HOUR, TEN + timedelta(microseconds=1)),
        (TEN + HOUR - timedelta(microseconds=1), TEN + 2 * HOUR),
        (TEN - HOUR, TEN + 2 * HOUR),
        (TEN + HOUR / 4, TEN + HOUR / 2),
    ],
)
@pytest.mark.parametrize("state", ["held", "booked", "attended"])
async def test_an_overlap_of_one_party_is_refused(
    office: Office, clinic: Clinic, start: datetime, end: datetime, state: str
) -> None:
    await occupy(office.database, NADIA.id, TEN, TEN + HOUR)
    with pytest.raises(IntegrityError) as refused:
        await occupy(office.database, NADIA.id, start, end, state=state)
    assert is_overlap(refused.value)


async def test_times_that_touch_other_parties_and_cancelled_ones_are_accepted(
    office: Office, clinic: Clinic
) -> None:
    await occupy(office.database, NADIA.id, TEN, TEN + HOUR)
    await occupy(office.database, NADIA.id, TEN + HOUR, TEN + 2 * HOUR)
    await occupy(office.database, NADIA.id, TEN - HOUR, TEN)
    await occupy(office.database, OMAR.id, TEN, TEN + HOUR)
    await occupy(office.database, NADIA.id, TEN, TEN + HOUR, state="cancelled")


async def test_a_change_into_an_overlap_is_refused(office: Office, clinic: Clinic) -> None:
    await occupy(office.database, NADIA.id, TEN, TEN + HOUR)
    later = await occupy(office.database, NADIA.id, TEN + HOUR, TEN + 2 * HOUR)
    cancelled = await occupy(office.database, NADIA.id, TEN, TEN + HOUR, state="cancelled")
    changes: dict[bytes, dict[str, object]] = {
        later: {"starts_at": TEN + HOUR / 2},
        cancelled: {"state": "booked"},
    }
    for id_, values in changes.items():
        with pytest.raises(IntegrityError) as refused:
            await _change(office.database, id_, values)
        assert is_overlap(refused.value)
    await _change(office.database, later, {"starts_at": TEN + HOUR * 1.5})  # over itself is no overlap


async def _change(database: Database, id_: bytes, values: dict[str, object]) -> None:
    async with database.transaction() as connection:
        change = update(occupancies).where(occupancies.c.appointment_id == id_)
        await connection.execute(change.values(**values))
