"""Sessions end when nothing happens and when they have been long; people see their own and end them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from telehealth.audit.office import Office, Work
from telehealth.crypto.aead import CannotOpen
from telehealth.errors import Forbidden, NotFound
from telehealth.people import models, rules, sessions
from telehealth.person import ROLES, Role
from tests.clock import FakeClock
from tests.unit.people.scene import AGENT, entries, is_in, session_of, signed_in

ONE, TWO, THREE = b"1" * 32, b"2" * 32, b"3" * 32
SECOND = timedelta(seconds=1)
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize("role", ROLES)
async def test_a_session_ends_once_nothing_happened_for_its_roles_time(
    office: Office, clock: FakeClock, role: Role
) -> None:
    wren = await signed_in(office, "wren", ONE, role=role)
    assert (await session_of(office, ONE)).idle_at == clock() + rules.IDLE[role]
    clock.advance(rules.IDLE[role] - SECOND)
    assert await is_in(office, ONE)
    clock.advance(SECOND)
    assert not await is_in(office, ONE)
    assert ("session.close", "success") in await entries(office, wren)


async def test_clients_have_fifteen_minutes_and_staff_ten() -> None:
    assert {role: idle // timedelta(minutes=1) for role, idle in rules.IDLE.items()} == {
        "client": 15,
        "therapist": 10,
        "front_desk": 10,
        "administrator": 10,
    }


async def test_what_somebody_does_keeps_the_session(office: Office, clock: FakeClock) -> None:
    await signed_in(office, "wren", ONE)
    for _ in range(4):
        clock.advance(minutes=14)
        found = await sessions.come_back(office, ONE)
        assert found is not None
        assert found.idle_at == clock() + rules.IDLE["client"]


async def test_asking_how_long_is_left_keeps_nothing(office: Office, clock: FakeClock) -> None:
    await signed_in(office, "wren", ONE)
    for _ in range(2):
        clock.advance(minutes=7)
        assert await is_in(office, ONE)
    clock.advance(minutes=1)
    assert not await is_in(office, ONE)


async def test_a_session_ends_after_twelve_hours_however_busy(office: Office, clock: FakeClock) -> None:
    await signed_in(office, "wren", ONE)
    ends_at = (await session_of(office, ONE)).ends_at
    assert ends_at == clock() + timedelta(hours=12)
    while clock() + timedelta(minutes=10) < ends_at:
        clock.advance(minutes=10)
        assert await sessions.come_back(office, ONE) is not None
    clock.now = ends_at
    assert await sessions.come_back(office, ONE) is None


async def test_one_sees_where_one_is_signed_in_the_latest_first(office: Office, clock: FakeClock) -> None:
    wren = await signed_in(office, "wren", ONE)
    clock.advance(minutes=5)
    await signed_in(office, "wren", TWO, agent=DESK)
    await signed_in(office, "somebody else", THREE)
    found = await sessions.own(office, wren)
    assert [(each.device, each.provider) for each in found] == [
        ("Firefox on Linux", "practice"),
        ("Firefox on Android", "practice"),
    ]
    assert found[1].id == wren.session
    assert found[0].created_at == found[1].created_at + timedelta(minutes=5)
    assert ("record.look", "success") in await entries(office, wren)


async def test_what_has_ended_by_itself_is_not_in_the_list(office: Office, clock: FakeClock) -> None:
    await signed_in(office, "wren", ONE)
    clock.advance(minutes=15)
    wren = await signed_in(office, "wren", TWO)
    assert [each.id for each in await sessions.own(office, wren)] == [wren.session]


async def test_the_device_stands_sealed_and_opens_in_its_own_row_only(office: Office) -> None:
    wren = await signed_in(office, "wren", ONE)
    await signed_in(office, "wren", TWO, agent=DESK)
    table = models.sessions
    async with office.database.transaction() as connection:
        found = await connection.execute(select(table.c.hash, table.c.device))
        rows = {row.hash: row.device for row in found}
        assert not any(word in rows[ONE] for word in (b"Firefox", b"Android", AGENT.encode()))
        await connection.execute(update(table).where(table.c.hash == TWO).values(device=rows[ONE]))
    with pytest.raises(CannotOpen):
        await sessions.own(office, wren)


async def test_one_of_ones_own_sessions_is_ended(office: Office) -> None:
    wren = await signed_in(office, "wren", ONE)
    other = await signed_in(office, "wren", TWO)
    await sessions.end_one(office, wren, other.session)
    assert (await is_in(office, ONE), await is_in(office, TWO)) == (True, False)
    assert (await entries(office, wren)).count(("session.close", "success")) == 1


async def test_nobody_ends_somebody_elses_session_and_the_attempt_is_on_their_record(office: Office) -> None:
    wren = await signed_in(office, "wren", ONE)
    stranger = await signed_in(office, "somebody else", TWO)
    with pytest.raises(NotFound) as refused:
        await sessions.end_one(office, stranger, wren.session)
    assert refused.value.code == "session_not_found"
    assert await is_in(office, ONE)
    with pytest.raises(NotFound) as unknown:
        await sessions.end_one(office, stranger, b"?" * 16)
    assert unknown.value.sentence == refused.value.sentence
    assert ("session.close", "success") not in await entries(office, wren)


async def test_all_others_end_and_this_one_stays(office: Office) -> None:
    wren = await signed_in(office, "wren", ONE)
    other = await signed_in(office, "wren", TWO)
    await signed_in(office, "somebody else", THREE)
    assert await sessions.end_others(office, wren) == [other.session]
    assert [await is_in(office, cookie) for cookie in (ONE, TWO, THREE)] == [True, False, True]
    assert await sessions.end_others(office, wren) == []
    assert (await entries(office, wren)).count(("session.close", "success")) == 1


async def test_a_renewed_session_keeps_its_id_and_its_end_under_a_new_cookie(
    office: Office, clock: FakeClock
) -> None:
    wren = await signed_in(office, "wren", ONE)
    before = await session_of(office, ONE)
    clock.advance(minutes=5)
    async with office.work(wren) as work:
        await sessions.renew(work, before, TWO, strong=True)
    assert not await is_in(office, ONE)
    after = await session_of(office, TWO)
    assert (after.id, after.ends_at) == (before.id, before.ends_at)
    assert after.stepped_up_at == clock()


async def test_a_session_that_ended_meanwhile_is_not_renewed_and_nothing_says_so(office: Office) -> None:
    wren = await signed_in(office, "wren", ONE)
    before = await session_of(office, ONE)
    await sessions.close(office, wren)

    async def act(work: Work) -> list[bytes]:
        ended = await sessions.renew(work, before, TWO, strong=True)
        await work.audit("session.step_up", "E", entity="person", entity_id=wren.id, subjects=[wren.id])
        return ended

    with pytest.raises(Forbidden) as refused:
        await office.act(wren, act)
    assert refused.value.code == "step_up_session"
    assert not await is_in(office, TWO)
    assert ("person.refused", "refused") in await entries(office, wren)
    assert ("session.step_up", "success") not in await entries(office, wren)
