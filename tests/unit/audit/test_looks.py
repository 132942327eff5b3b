"""A look is written once for each viewer, person, thing and quarter of an hour."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from telehealth.audit import store
from telehealth.audit.models import audit_pending
from telehealth.audit.office import Office
from tests.clock import FakeClock
from tests.unit.audit.scene import ANN, BEN, THERAPIST, VISIT, alias, entries


async def look(office: Office, *subjects: bytes) -> None:
    async with office.work(THERAPIST) as work:
        await work.looked(entity="list", entity_id=VISIT, subjects=subjects)


async def test_a_look_counts_once_per_quarter_of_an_hour(office: Office, clock: FakeClock) -> None:
    await look(office, ANN.id)
    clock.advance(minutes=14)
    await look(office, ANN.id)
    assert len(await entries(office)) == 1
    clock.advance(minutes=1)
    await look(office, ANN.id)
    written = await entries(office)
    assert [row.type for row in written] == ["record.look", "record.look"]
    async with office.database.reading() as c:
        assert (await c.execute(select(func.count()).select_from(audit_pending))).scalar_one() == 2


async def test_a_look_counts_for_each_viewer_and_each_person(office: Office) -> None:
    await look(office, ANN.id)
    await look(office, ANN.id, BEN.id, ANN.id)
    async with office.work(BEN) as work:
        await work.looked(entity="list", entity_id=VISIT, subjects=[ANN.id])
    seen = {(row.agent, row.patient) for row in await entries(office)}
    assert seen == {
        (alias(THERAPIST.id), alias(ANN.id)),
        (alias(THERAPIST.id), alias(BEN.id)),
        (alias(BEN.id), alias(ANN.id)),
    }
    assert len(await entries(office)) == 3


async def test_a_page_about_one_thing_is_a_look_beside_the_list(office: Office) -> None:
    for entity, entity_id in (
        ("person", THERAPIST.id),
        ("appointment", VISIT),
        ("appointment", VISIT),
        ("person", THERAPIST.id),
    ):
        async with office.work(THERAPIST) as work:
            await work.looked(entity=entity, entity_id=entity_id, subjects=[ANN.id])
    assert [row.entity_type for row in await entries(office)] == ["person", "appointment"]


async def test_a_look_at_nobody_is_none(office: Office) -> None:
    await look(office)
    assert await entries(office) == []


async def test_a_look_written_by_another_request_meanwhile_is_not_written_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing_yet(_connection: object, _ids: object) -> set[bytes]:
        monkeypatch.undo()
        return set()

    await look(office, ANN.id)
    monkeypatch.setattr(store, "known_ids", nothing_yet)
    await look(office, ANN.id)
    assert len(await entries(office)) == 1


async def test_a_look_that_cannot_be_written_is_no_look(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nothing(_connection: object, _ids: object) -> set[bytes]:
        return set()

    await look(office, ANN.id)
    monkeypatch.setattr(store, "known_ids", nothing)
    with pytest.raises(IntegrityError):
        await look(office, ANN.id)
