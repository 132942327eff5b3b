"""What is announced leaves by mail as well: each by one worker at a time, in its turn, again, or never."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.notices import outbox
from telehealth.notices.acts import announce
from telehealth.notices.models import outbox as outbox_table
from telehealth.notices.outbox import Claim
from telehealth.notices.rules import LEASE
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import MIKA, ROSA, Clinic


async def told(office: Office, person: Person = ROSA) -> bytes:
    """Somebody is told something."""
    return await office.act(None, lambda work: announce(work, person.id, "emergency_end", {"who": ""}))


async def claim(office: Office) -> Claim | None:
    return await office.act(None, lambda work: outbox.claim(work.connection, work.now))


async def rows(office: Office) -> list[bytes]:
    async with office.database.reading() as connection:
        return list((await connection.execute(select(outbox_table.c.notice_id))).scalars())


async def test_it_stands_or_falls_with_the_act(office: Office, clinic: Clinic) -> None:
    async def fails(work: Work) -> None:
        await announce(work, ROSA.id, "emergency_end", {"who": ""})
        raise NotFound("no", "No.")

    try:
        await office.act(None, fails)
    except NotFound:
        assert await rows(office) == []
    notice_id = await told(office)
    assert await rows(office) == [notice_id]


async def test_the_one_that_waits_longest_is_claimed_and_nobody_else_has_it(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    first = await told(office)
    clock.advance(minutes=1)
    second = await told(office, MIKA)
    assert await claim(office) == Claim(first, 1)
    assert await claim(office) == Claim(second, 1)
    assert await claim(office) is None
    clock.advance(LEASE)
    assert await claim(office) == Claim(first, 2)


async def test_many_workers_claim_each_mail_once(office: Office, clinic: Clinic) -> None:
    put = {await told(office) for _ in range(12)}
    found = await asyncio.gather(*(claim(office) for _ in range(20)))
    claimed = [each.notice_id for each in found if each is not None]
    assert len(claimed) == len(set(claimed))
    while (
        each := await claim(office)
    ) is not None:  # a claim that met another may have come back empty-handed
        claimed.append(each.notice_id)
    assert sorted(claimed) == sorted(put)


async def test_whoever_lost_the_lease_changes_nothing_any_more(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await told(office)
    late = await claim(office)
    clock.advance(LEASE)
    current = await claim(office)
    assert late is not None
    assert current is not None
    async with office.work(None) as work:
        await outbox.note_failed(work.connection, late, "timeout", None, work.now)
        assert await outbox.dead_letters(work.connection) == []
        await outbox.note_sent(work.connection, current, work.now)
        assert (await outbox.waiting(work.connection)).count == 0


async def test_a_failed_one_waits_for_its_time_and_a_dead_one_for_the_administrator(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    notice_id = await told(office)
    claimed = await claim(office)
    assert claimed is not None
    async with office.work(None) as work:
        later = work.now + timedelta(minutes=3)
        await outbox.note_failed(work.connection, claimed, "timeout", later, work.now)
        assert (await outbox.waiting(work.connection)).count == 1
    clock.advance(minutes=2)
    assert await claim(office) is None
    clock.advance(minutes=1)
    again = await claim(office)
    assert again == Claim(notice_id, 2)
    async with office.work(None) as work:
        await outbox.note_failed(work.connection, again, "smtp_550", None, work.now)
        (dead,) = await outbox.dead_letters(work.connection)
        assert (dead.notice_id, dead.attempts, dead.failure) == (notice_id, 2, "smtp_550")
    clock.advance(LEASE)
    assert await claim(office) is None
    async with office.work(None) as work:
        assert await outbox.revive(work.connection, notice_id, work.now)
        assert not await outbox.revive(work.connection, notice_id, work.now)
        assert not await outbox.bury(work.connection, notice_id)
    assert await claim(office) == Claim(notice_id, 1)
