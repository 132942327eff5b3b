"""A notice is sealed for one person, listed for that person alone, and read once."""

import pytest
from sqlalchemy import delete, select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.keys.models import record_keys
from telehealth.notices import acts
from telehealth.notices.models import notices
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import MIKA, ROSA, STRANGER, Clinic


async def announced(office: Office, person: Person = ROSA, **body: str) -> bytes:
    """Somebody is told something."""

    async def act(work: Work) -> bytes:
        return await acts.announce(work, person.id, "emergency_end", body or {"why": "planted-words é"})

    return await office.act(None, act)


async def types(office: Office) -> list[str]:
    query = select(audit_leaves.c.type).where(audit_leaves.c.entity_type == "notice")
    async with office.database.reading() as connection:
        return list((await connection.execute(query.order_by(audit_leaves.c.ts))).scalars())


async def test_a_notice_is_sealed_and_read_by_one_person(office: Office, clinic: Clinic) -> None:
    notice_id = await announced(office)
    async with office.database.reading() as connection:
        row = (await connection.execute(select(notices))).one()
    assert b"planted" not in bytes(row.body)
    [found] = await acts.mine(office, ROSA)
    assert (found.id, found.body, found.read_at) == (notice_id, {"why": "planted-words é"}, None)
    assert await acts.mine(office, MIKA) == []
    assert await types(office) == ["notice.announce"]


async def test_the_newest_stands_first(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    first = await announced(office)
    clock.advance(minutes=1)
    second = await announced(office)
    assert [each.id for each in await acts.mine(office, ROSA)] == [second, first]


async def test_read_it_is_announced_no_more(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    assert await acts.announcements(office, ROSA) == []
    notice_id = await announced(office)
    [waiting] = await acts.announcements(office, ROSA)
    assert (waiting.url, waiting.urgent) == ("/notices", False)
    assert "planted" not in waiting.sentence
    assert await acts.announcements(office, MIKA) == []
    clock.advance(minutes=3)
    await acts.receive(office, ROSA, notice_id)
    assert await acts.announcements(office, ROSA) == []
    first_read = (await acts.mine(office, ROSA))[0].read_at
    assert first_read == clock()
    clock.advance(minutes=3)
    await acts.receive(office, ROSA, notice_id)
    assert (await acts.mine(office, ROSA))[0].read_at == first_read
    assert await types(office) == ["notice.announce", "notice.read"]


@pytest.mark.parametrize("person", [MIKA, STRANGER])
async def test_nobody_reads_it_for_somebody_else(office: Office, clinic: Clinic, person: Person) -> None:
    notice_id = await announced(office)
    with pytest.raises(NotFound) as refused:
        await acts.receive(office, person, notice_id)
    with pytest.raises(NotFound) as unknown:
        await acts.receive(office, person, b"?" * 16)
    assert (refused.value.code, refused.value.sentence) == (unknown.value.code, unknown.value.sentence)
    assert (await acts.mine(office, ROSA))[0].read_at is None
    async with office.database.reading() as connection:
        assert await acts.subjects_of(connection, notice_id) == [ROSA.id]
        assert await acts.subjects_of(connection, b"?" * 16) == []


async def test_a_notice_whose_key_is_gone_is_left_out(office: Office, clinic: Clinic) -> None:
    gone, kept = await announced(office), await announced(office)
    async with office.database.transaction() as connection:
        await connection.execute(delete(record_keys).where(record_keys.c.record_id == gone))
    assert [each.id for each in await acts.mine(office, ROSA)] == [kept]


async def test_somebody_without_keys_is_told_nothing(office: Office, clinic: Clinic) -> None:
    with pytest.raises(NotFound):
        await announced(office, Person(b"nobody..........", "client"))
    async with office.database.reading() as connection:
        assert (await connection.execute(select(notices.c.id))).all() == []
