"""The administrator sees who is signed in, ends sessions and closes accounts; nobody else does any of it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.errors import Conflict, Forbidden, NotFound
from telehealth.people import roster
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, ROSA, Clinic
from tests.unit.people.scene import entries, is_in, signed_in

ONE, TWO, THREE, FOUR = b"1" * 32, b"2" * 32, b"3" * 32, b"4" * 32


@pytest.fixture
async def admin(office: Office) -> Person:
    return await signed_in(office, "ada", FOUR, role="administrator")


async def test_the_staff_are_seen_by_name_and_each_look_is_on_record(office: Office, clinic: Clinic) -> None:
    found = await roster.staff(office, ADMIN)
    assert [(each.role, each.name) for each in found] == [
        ("therapist", "Nadia Behrens"),
        ("therapist", "Omar Fassbinder"),
        ("front_desk", "Dora Desk"),
        ("administrator", "Ada Admin"),
    ]
    assert await entries(office, NADIA) == [("record.look", "success")]
    assert await entries(office, ROSA) == []


async def test_a_client_is_found_by_the_exact_id_and_without_a_name(office: Office, clinic: Clinic) -> None:
    found = await roster.member(office, ADMIN, ROSA.id)
    assert (found.role, found.name, found.sessions) == ("client", "", 0)
    assert await entries(office, ROSA) == [("record.look", "success")]
    with pytest.raises(NotFound) as refused:
        await roster.member(office, ADMIN, b"nobody".ljust(16, b"."))
    assert refused.value.code == "person_not_found"


async def test_sessions_that_still_stand_are_counted(office: Office, admin: Person, clock: FakeClock) -> None:
    wren = await signed_in(office, "wren", ONE, role="therapist")
    clock.advance(minutes=6)
    await signed_in(office, "wren", TWO, role="therapist")
    seen = clock()
    clock.advance(minutes=4)
    found = await roster.member(office, admin, wren.id)
    assert (found.sessions, found.seen_at) == (1, seen)
    clock.advance(timedelta(minutes=10))
    found = await roster.member(office, admin, wren.id)
    assert (found.sessions, found.seen_at) == (0, None)


async def test_every_session_of_one_person_ends(office: Office, admin: Person) -> None:
    wren = await signed_in(office, "wren", ONE)
    again = await signed_in(office, "wren", TWO)
    await signed_in(office, "somebody else", THREE)
    assert set(await roster.end_sessions(office, admin, wren.id)) == {wren.session, again.session}
    assert [await is_in(office, cookie) for cookie in (ONE, TWO, THREE, FOUR)] == [False, False, True, True]
    assert (await entries(office, wren)).count(("session.close", "success")) == 1
    assert await signed_in(office, "wren", ONE)


async def test_a_closed_account_is_out_and_stays_out_until_it_is_opened(
    office: Office, admin: Person, clock: FakeClock
) -> None:
    wren = await signed_in(office, "wren", ONE)
    assert await roster.close_account(office, admin, wren.id) == [wren.session]
    assert not await is_in(office, ONE)
    assert (await roster.member(office, admin, wren.id)).disabled_at == clock()
    with pytest.raises(Forbidden) as refused:
        await signed_in(office, "wren", TWO)
    assert refused.value.code == "account_disabled"
    await roster.open_account(office, admin, wren.id)
    assert (await roster.member(office, admin, wren.id)).disabled_at is None
    assert (await signed_in(office, "wren", TWO)).id == wren.id
    types = [type_ for type_, _ in await entries(office, wren)]
    assert "person.disable" in types
    assert "person.enable" in types


async def test_nobody_closes_their_own_account(office: Office, admin: Person) -> None:
    with pytest.raises(Conflict) as refused:
        await roster.close_account(office, admin, admin.id)
    assert refused.value.code == "own_account"
    assert await is_in(office, FOUR)


async def test_of_two_administrators_who_close_each_other_one_is_left(office: Office, admin: Person) -> None:
    other = await signed_in(office, "olu", ONE, role="administrator")
    outcomes = await asyncio.gather(
        roster.close_account(office, admin, other.id),
        roster.close_account(office, other, admin.id),
        return_exceptions=True,
    )
    refused = [each for each in outcomes if isinstance(each, Conflict)]
    assert [each.code for each in refused] == ["account_disabled"]
    assert sorted([await is_in(office, ONE), await is_in(office, FOUR)]) == [False, True]


async def test_everybody_is_signed_out_but_the_one_who_does_it(office: Office, admin: Person) -> None:
    wren = await signed_in(office, "wren", ONE)
    colleague = await signed_in(office, "olu", TWO, role="therapist")
    elsewhere = await signed_in(office, "ada", THREE, role="administrator")
    ended = await roster.end_everybodys(office, admin)
    assert set(ended) == {wren.session, colleague.session, elsewhere.session}
    assert [await is_in(office, cookie) for cookie in (ONE, TWO, THREE, FOUR)] == [False, False, False, True]
    for person in (wren, colleague, admin):
        assert ("session.close_all", "success") in await entries(office, person)


async def test_signing_everybody_out_is_on_record_even_if_nobody_was_there(
    office: Office, admin: Person
) -> None:
    assert await roster.end_everybodys(office, admin) == []
    query = select(audit_leaves.c.agent).where(audit_leaves.c.type == "session.close_all")
    async with office.database.reading() as connection:
        by = (await connection.execute(query)).scalars().all()
    assert by == [pseudonym(office._pseudonym_key, admin.id)]


Act = Callable[[Office, Person, bytes], Awaitable[object]]


@pytest.mark.parametrize("person", [ROSA, NADIA, DESK])
@pytest.mark.parametrize(
    "act", [roster.member, roster.end_sessions, roster.close_account, roster.open_account]
)
async def test_nobody_else_does_it_and_the_attempt_is_refused(
    office: Office, clinic: Clinic, act: Act, person: Person
) -> None:
    await signed_in(office, "wren", ONE)
    with pytest.raises(NotFound) as refused:
        await act(office, person, MIKA.id)
    assert refused.value.code == "not_found"
    assert refused.value.about == ("person", MIKA.id)


@pytest.mark.parametrize("person", [ROSA, NADIA, DESK])
async def test_nobody_else_sees_the_staff_or_signs_everybody_out(
    office: Office, clinic: Clinic, person: Person
) -> None:
    await signed_in(office, "wren", ONE)
    for act in (roster.staff, roster.end_everybodys):
        with pytest.raises(NotFound):
            await act(office, person)
    assert await is_in(office, ONE)
