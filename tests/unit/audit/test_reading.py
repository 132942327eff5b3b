"""Entries come back as they were written, narrowed down, in pages that neither skip nor repeat."""

from datetime import timedelta

import pytest

from telehealth.audit.office import Office
from telehealth.audit.reading import Wanted, chained, last_seq, latest
from telehealth.audit.rules import Entry, pseudonym
from tests.unit.audit.scene import ANN, BEN, PSEUDONYM_KEY, THERAPIST, VISIT, write


async def found(
    office: Office, wanted: Wanted, *, before: bytes | None = None, limit: int = 50
) -> list[Entry]:
    async with office.database.reading() as connection:
        return await latest(connection, wanted, before=before, limit=limit)


async def one_of_each(office: Office) -> None:
    """A look and a refusal about Ann, an act about Ben, and something that concerns nobody."""
    async with office.work(THERAPIST) as work:
        start = work.now
        await work.looked(entity="person", entity_id=THERAPIST.id, subjects=[ANN.id])
        work.now = start + timedelta(hours=1)
        await work.audit(
            "visit.refused", "E", entity="visit", entity_id=VISIT, subjects=[ANN.id], outcome="refused"
        )
        work.now = start + timedelta(hours=2)
        work.actor = BEN
        await work.audit("visit.book", "C", entity="visit", entity_id=VISIT, subjects=[BEN.id])
        work.now = start + timedelta(hours=3)
        await work.audit("visitors.count", "R", entity="visit", entity_id=VISIT, subjects=[])


def of(person_id: bytes) -> bytes:
    return pseudonym(PSEUDONYM_KEY, person_id)


async def test_the_newest_come_first(office: Office) -> None:
    await one_of_each(office)
    types = [entry.type for entry in await found(office, Wanted())]
    assert types == ["visitors.count", "visit.book", "visit.refused", "record.look"]


@pytest.mark.parametrize(
    ("wanted", "types"),
    [
        (Wanted(patient=of(ANN.id)), ["visit.refused", "record.look"]),
        (Wanted(patient=of(BEN.id)), ["visit.book"]),
        (Wanted(agent=of(BEN.id)), ["visitors.count", "visit.book"]),
        (Wanted(kind="visit"), ["visit.book", "visit.refused"]),  # and not what only begins alike
        (Wanted(kind="visit.book"), ["visit.book"]),
        (Wanted(kind="%"), []),
        (Wanted(outcome="refused"), ["visit.refused"]),
        (Wanted(patient=of(ANN.id), outcome="success"), ["record.look"]),
    ],
)
async def test_each_filter_narrows_it_down(office: Office, wanted: Wanted, types: list[str]) -> None:
    await one_of_each(office)
    assert [entry.type for entry in await found(office, wanted)] == types


async def test_times_are_from_and_until_but_not_with(office: Office) -> None:
    await one_of_each(office)
    start = office.clock()
    wanted = Wanted(since=start + timedelta(hours=1), until=start + timedelta(hours=2))
    assert [entry.type for entry in await found(office, wanted)] == ["visit.refused"]


async def test_pages_neither_skip_nor_repeat_entries_of_one_moment(office: Office) -> None:
    async with office.work(THERAPIST) as work:
        for _ in range(7):
            await work.audit("visit.write", "U", entity="visit", entity_id=VISIT, subjects=[ANN.id, BEN.id])
    seen: list[bytes] = []
    while page := await found(office, Wanted(), before=seen[-1] if seen else None, limit=4):
        seen += [entry.id for entry in page]
    assert len(seen) == len(set(seen)) == 14


async def test_a_page_behind_somebody_elses_entry_is_empty(office: Office) -> None:
    await one_of_each(office)
    (bens,) = await found(office, Wanted(patient=of(BEN.id)))
    assert await found(office, Wanted(patient=of(ANN.id)), before=bens.id) == []


async def test_the_chain_is_read_in_order_from_where_one_was(office: Office) -> None:
    await write(office, 5)
    async with office.database.reading() as connection:
        assert await last_seq(connection) == 5
        rest = [each async for each in chained(connection, after=2, limit=2)]
    assert [each.seq for each in rest] == [3, 4]
    assert rest[1].prev == rest[0].hash
    assert all(each.entry.leaf == each.leaf for each in rest)
