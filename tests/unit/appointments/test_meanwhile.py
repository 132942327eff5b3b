"""What changes between a look and the locks: on PostgreSQL, where two transactions write at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import acts, ahead, arranging, booking
from telehealth.appointments.acts import Order
from telehealth.appointments.forgetting import end_part
from telehealth.audit.office import Office, Work
from telehealth.availability.store import with_hours
from telehealth.clinic import staffing
from telehealth.clinic.elsewhere import Elsewhere
from telehealth.couples import leaving
from telehealth.db.engine import Database, lock_parties
from telehealth.errors import Invalid, NotFound
from telehealth.office import SEALED_TABLES
from telehealth.person import Person
from telehealth.privacy import acts as privacy
from telehealth.privacy import holding
from telehealth.privacy.acts import Registry
from telehealth.privacy.tombstones import Tombstones
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, SINGLE, Clinic
from tests.postgres import Server
from tests.schema import fresh_postgres
from tests.unit.appointments.scene import TEN, book, hold, new_key, place_both, taken
from tests.unit.appointments.test_two_therapists import FOUR, PAIR, add_pair

ELSEWHERE = Elsewhere(ahead=ahead.ahead_of, with_hours=with_hours)
SECONDS = 30


@pytest.fixture
async def database(postgres: Server) -> AsyncIterator[Database]:
    async with fresh_postgres(postgres, "meanwhile") as opened:
        yield opened


@pytest.fixture
def registry(office: Office, clinic: Clinic, tmp_path: Path) -> Registry:
    return Registry(office, SEALED_TABLES, Tombstones(tmp_path / "away" / "tombstones", "test", bytes(32)))


def before_the_locks(
    monkeypatch: pytest.MonkeyPatch, noun: Any, meanwhile: Callable[[], Awaitable[object]]
) -> None:
    """Somebody else does something after the first look of an act, and is done before it has its locks."""

    async def late(connection: AsyncConnection, parties: Sequence[bytes]) -> None:
        monkeypatch.undo()
        await meanwhile()
        await lock_parties(connection, parties)

    monkeypatch.setattr(noun, "lock_parties", late)


async def stops_working(office: Office, person: Person) -> None:
    await staffing.retire_therapist(office, ADMIN, person.id, ELSEWHERE, new_key())


async def test_nobody_is_placed_with_a_therapist_who_left(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_the_locks(monkeypatch, arranging, lambda: stops_working(office, NADIA))
    with pytest.raises(Invalid) as refused:
        await acts.place_for(office, DESK, Order(SINGLE.id, NADIA.id, (ROSA.id,), TEN), key=new_key())
    assert refused.value.code == "not_offered"
    assert await taken(office) == []


async def test_nobody_is_placed_who_was_erased_though_a_hold_keeps_their_key(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = registry.office
    await holding.hold(office, ADMIN, ROSA.id, cls="booking", reason="File 17")
    before_the_locks(monkeypatch, arranging, lambda: privacy.erase(registry, ADMIN, ROSA.id))
    with pytest.raises(NotFound):
        await acts.place_for(office, DESK, Order(SINGLE.id, NADIA.id, (ROSA.id,), TEN), key=new_key())
    assert await taken(office) == []


async def test_of_two_therapists_both_must_still_be_here(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_pair(office)
    before_the_locks(monkeypatch, booking, lambda: stops_working(office, OMAR))
    with pytest.raises(Invalid):
        await book(office, start=FOUR, service_id=PAIR.id)
    assert await taken(office) == []


async def test_what_is_kept_with_a_therapist_who_is_erased_is_not_booked(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = registry.office
    held = await hold(office)
    before_the_locks(monkeypatch, booking, lambda: privacy.erase(registry, ADMIN, NADIA.id))
    with pytest.raises(Invalid):
        await book(office, held=held)
    assert await taken(office) == []


async def test_an_erasure_waits_for_a_partner_who_leaves_and_keeps_no_time_for_nobody(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, tries = registry.office, 0
    shared = await place_both(office, TEN)
    erasing: list[asyncio.Task[object]] = []
    erased = privacy.erased

    async def counted(*given: Any) -> Any:
        nonlocal tries
        tries += 1
        return await erased(*given)

    async def meanwhile(*given: Any) -> None:
        erasing.append(asyncio.create_task(privacy.erase(registry, ADMIN, ROSA.id)))
        async with asyncio.timeout(SECONDS):
            while not await _somebody_waits(office):
                pass
        await end_part(*given)

    monkeypatch.setattr(privacy, "erased", counted)
    monkeypatch.setattr(leaving, "end_part", meanwhile)
    assert await leaving.leave(office, MIKA, shared, new_key())
    await asyncio.gather(*erasing)
    assert (await acts.appointment(office, NADIA, shared)).state == "cancelled"
    assert tries == 1  # and neither had to give way to the other


async def _somebody_waits(office: Office) -> bool:
    async def act(work: Work) -> bool:
        locks = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool((await work.connection.execute(locks)).scalar_one())

    return await office.act(None, act)
