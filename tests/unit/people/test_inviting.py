"""Codes that tie an account at the provider to a member of staff: made by an administrator, good once, for a week."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.audit.office import Office
from telehealth.errors import Forbidden, NotFound, StepUpNeeded
from telehealth.people import acts, forgetting, inviting, roster
from telehealth.people.acts import Arrival, Identity
from telehealth.people.models import staff_invitations
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, NADIA, OMAR, ROSA, Clinic
from tests.unit.people.scene import entries, session_of

COOKIE = b"c" * 32
WREN = Identity("practice", "https://login.example", "5e3f", "client", None, None, "token", strong=False)


@pytest.fixture
async def admin(office: Office, clinic: Clinic) -> Person:
    """An administrator who signed in just now."""
    ada = replace(WREN, subject="ada", role="administrator", strong=True, proven_at=office.clock())
    return (await acts.sign_in(office, ada, b"a" * 32)).person


async def taken(office: Office, code: str, identity: Identity = WREN, cookie: bytes = COOKIE) -> Arrival:
    hashed = inviting.hash_of_code(code)
    return await acts.sign_in(office, identity, cookie, invitation=hashed)


async def refusal(office: Office, code: str, identity: Identity = WREN) -> str:
    with pytest.raises(Forbidden) as refused:
        await taken(office, code, identity)
    return refused.value.code


async def test_the_account_is_theirs_from_then_on_with_their_role_and_its_second_step(
    office: Office, admin: Person
) -> None:
    code = await inviting.invite(office, admin, NADIA.id, office.chance(32))
    arrival = await taken(office, code.lower().replace("-", " "))
    assert (arrival.person.id, arrival.person.role, arrival.pending) == (NADIA.id, "therapist", True)
    assert ("person.invite", "success") in await entries(office, NADIA)
    assert ("person.tie", "success") in await entries(office, NADIA)
    again = await acts.sign_in(office, replace(WREN, strong=True), b"d" * 32)
    assert (again.person.id, again.person.role, again.pending) == (NADIA.id, "therapist", False)
    assert (await session_of(office, b"d" * 32)).person.role == "therapist"


async def test_it_works_once(office: Office, admin: Person) -> None:
    code = await inviting.invite(office, admin, NADIA.id, office.chance(32))
    await taken(office, code)
    assert await refusal(office, code, replace(WREN, subject="6f40")) == "invitation_over"


async def test_it_is_kept_only_as_a_hash(office: Office, admin: Person) -> None:
    code = await inviting.invite(office, admin, NADIA.id, office.chance(32))
    async with office.database.reading() as connection:
        row = (await connection.execute(select(staff_invitations))).one()
    assert row.hash == inviting.hash_of_code(code)
    assert code.encode() not in row.hash
    assert (row.person_id, row.made_by) == (NADIA.id, admin.id)


async def test_a_code_ends_after_a_week_and_with_the_next(
    office: Office, admin: Person, clock: FakeClock
) -> None:
    first = await inviting.invite(office, admin, NADIA.id, office.chance(32))
    second, other = [
        await inviting.invite(office, admin, person.id, office.chance(32)) for person in (NADIA, OMAR)
    ]
    assert await refusal(office, first) == "invitation_over"
    for code in (second, other):
        assert await inviting.is_open(office, inviting.hash_of_code(code))
    clock.advance(inviting.LIVES)
    assert not await inviting.is_open(office, inviting.hash_of_code(second))
    assert await refusal(office, second) == "invitation_over"
    async with office.database.transaction() as connection:
        assert await forgetting.forget_expired(connection, clock()) == 2


async def test_an_account_that_is_somebodys_is_refused_and_the_code_stays_good(
    office: Office, admin: Person
) -> None:
    wren = (await acts.sign_in(office, WREN, b"w" * 32)).person
    code = await inviting.invite(office, admin, NADIA.id, office.chance(32))
    assert await refusal(office, code) == "invitation_account_known"
    assert (await entries(office, wren))[-1] == ("person.refused", "refused")
    assert (await taken(office, code, replace(WREN, subject="6f40"))).person.id == NADIA.id


async def test_a_closed_account_takes_no_code(office: Office, admin: Person) -> None:
    code = await inviting.invite(office, admin, NADIA.id, office.chance(32))
    await roster.close_account(office, admin, NADIA.id)
    assert await refusal(office, code) == "invitation_over"
    with pytest.raises(NotFound):
        await inviting.invite(office, admin, NADIA.id, office.chance(32))


@pytest.mark.parametrize("asking", [NADIA, DESK, ROSA])
async def test_only_an_administrator_invites(office: Office, clinic: Clinic, asking: Person) -> None:
    with pytest.raises(NotFound):
        await inviting.invite(office, asking, OMAR.id, office.chance(32))
    assert await entries(office, OMAR) == [("person.refused", "refused")]


async def test_inviting_needs_a_fresh_proof(office: Office, admin: Person, clock: FakeClock) -> None:
    clock.advance(minutes=5)
    with pytest.raises(StepUpNeeded):
        await inviting.invite(office, admin, NADIA.id, office.chance(32))
    with pytest.raises(StepUpNeeded):
        await inviting.invite(office, ADMIN, NADIA.id, office.chance(32))  # in no session at all


@pytest.mark.parametrize("colleague", [ROSA.id, b"?" * 16])
async def test_nobody_but_staff_is_invited(office: Office, admin: Person, colleague: bytes) -> None:
    with pytest.raises(NotFound):
        await inviting.invite(office, admin, colleague, office.chance(32))


async def test_an_erasure_ends_the_codes_for_whom_it_concerns(office: Office, admin: Person) -> None:
    await inviting.invite(office, admin, NADIA.id, office.chance(32))
    async with office.database.transaction() as connection:
        await forgetting.close_for_good(connection, NADIA.id, office.clock() + timedelta(minutes=1))
        assert (await connection.execute(select(staff_invitations))).first() is None
