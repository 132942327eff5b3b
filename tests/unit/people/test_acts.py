"""Coming in, coming back, changing one's name and going."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from telehealth.audit.office import Office
from telehealth.crypto.sealed import Sealed
from telehealth.errors import Forbidden
from telehealth.people import acts, sessions
from telehealth.people import models as tables
from telehealth.people.acts import Identity
from telehealth.person import Person
from tests.clock import FakeClock
from tests.unit.people.scene import entries, is_in, session_of

WREN = Identity(
    provider="practice",
    issuer="https://login.example",
    subject="5e3f",
    role="client",
    email="Wren@Mail.Example",
    session="provider-session",
    id_token="header.claims.signature",
    strong=False,
)
COOKIE, OTHER_COOKIE = b"c" * 32, b"d" * 32


async def came(office: Office, identity: Identity, cookie: bytes, *, staff_factor: bool = True) -> Person:
    """Whoever that is, signed in."""
    return (await acts.sign_in(office, identity, cookie, staff_factor=staff_factor)).person


async def test_a_first_sign_in_makes_a_person_and_the_next_finds_them(office: Office) -> None:
    first = await came(office, WREN, COOKIE)
    again = await came(office, WREN, OTHER_COOKIE)
    assert first.id == again.id
    assert first.role == "client"


async def test_two_windows_that_come_in_first_at_once_are_one_person(office: Office) -> None:
    cookies = [bytes([number]) * 32 for number in range(6)]
    people = await asyncio.gather(*(came(office, WREN, cookie) for cookie in cookies))
    assert len({person.id for person in people}) == 1
    assert [await is_in(office, cookie) for cookie in cookies] == [True] * 6


async def test_the_account_is_issuer_and_subject_and_never_the_address(office: Office) -> None:
    wren = await came(office, WREN, COOKIE)
    namesake = await came(office, replace(WREN, subject="6f40"), OTHER_COOKIE)
    elsewhere = await came(office, replace(WREN, issuer="https://login.example5"), b"e" * 32)
    assert len({wren.id, namesake.id, elsewhere.id}) == 3


async def back(office: Office, cookie: bytes) -> tuple[Person, str | None] | None:
    found = await sessions.come_back(office, cookie)
    return None if found is None else (found.person, found.name)


async def test_the_session_of_a_cookie_is_found_until_it_is_closed(office: Office) -> None:
    wren = await came(office, WREN, COOKIE)
    assert await back(office, COOKIE) == (wren, None)
    assert await sessions.close(office, wren) == ("practice", "header.claims.signature")
    assert await sessions.come_back(office, COOKIE) is None
    assert await sessions.close(office, wren) is None


async def test_an_unknown_cookie_is_nobody(office: Office) -> None:
    assert await sessions.come_back(office, COOKIE) is None


async def test_activity_keeps_a_session_and_idleness_ends_it(office: Office, clock: FakeClock) -> None:
    wren = await came(office, WREN, COOKIE)
    for _ in range(3):
        clock.advance(minutes=14)
        assert await back(office, COOKIE) == (wren, None)
    clock.advance(minutes=15)
    assert await sessions.come_back(office, COOKIE) is None


async def test_a_session_ends_after_twelve_hours(office: Office, clock: FakeClock) -> None:
    await came(office, WREN, COOKIE)
    ends = clock() + timedelta(hours=12)
    while clock() + timedelta(minutes=10) < ends:
        clock.advance(minutes=10)
        assert await sessions.come_back(office, COOKIE) is not None
    clock.advance(minutes=10)
    assert await sessions.come_back(office, COOKIE) is None


async def is_pending(office: Office, cookie: bytes) -> bool:
    found = await sessions.come_back(office, cookie)
    assert found is not None
    return found.pending


async def test_staff_without_a_second_factor_are_half_in(office: Office) -> None:
    staff = replace(WREN, role="therapist")
    wren = await came(office, staff, COOKIE)
    assert await is_pending(office, COOKIE)
    assert await entries(office, wren) == [("session.begin", "success")]
    assert (await came(office, replace(staff, strong=True), OTHER_COOKIE)).role == "therapist"
    assert not await is_pending(office, OTHER_COOKIE)
    assert (await entries(office, wren))[-1] == ("session.open", "success")


async def test_the_demo_alone_asks_staff_for_one_factor(office: Office) -> None:
    await came(office, replace(WREN, role="therapist"), COOKIE, staff_factor=False)
    assert not await is_pending(office, COOKIE)


async def test_what_the_provider_said_stands_in_the_session(office: Office, clock: FakeClock) -> None:
    asked = clock() - timedelta(seconds=30)
    await came(office, replace(WREN, acr="two", proven_at=asked), COOKIE)
    await came(office, WREN, OTHER_COOKIE)
    said, unsaid = await session_of(office, COOKIE), await session_of(office, OTHER_COOKIE)
    assert said.signed_in_at == asked
    assert unsaid.signed_in_at == clock() - timedelta(minutes=5)  # no proof for what needs a fresh one


async def role_of(office: Office, person: Person) -> str:
    async with office.database.reading() as connection:
        query = select(tables.people.c.role).where(tables.people.c.id == person.id)
        return str((await connection.execute(query)).scalar_one())


async def test_a_role_the_provider_takes_back_is_gone_at_the_next_sign_in(office: Office) -> None:
    staff = replace(WREN, role="therapist", strong=True)
    assert (await came(office, staff, COOKIE)).role == "therapist"
    wren = await came(office, replace(WREN, strong=True), OTHER_COOKIE)
    assert (wren.role, await role_of(office, wren)) == ("client", "client")
    assert not await is_pending(office, OTHER_COOKIE)
    assert ("person.role", "success") in await entries(office, wren)


async def test_one_factor_takes_no_role_away_and_ends_no_session(office: Office) -> None:
    staff = replace(WREN, role="therapist", strong=True)
    await came(office, staff, COOKIE)
    arrival = await acts.sign_in(office, WREN, OTHER_COOKIE)  # as a client, who would need no second factor
    assert (arrival.pending, arrival.ended) == (True, [])
    assert await is_pending(office, OTHER_COOKIE)
    assert await role_of(office, arrival.person) == "therapist"
    assert (await session_of(office, COOKIE)).person.role == "therapist"


async def test_no_sign_in_leaves_the_practice_without_an_administrator(office: Office) -> None:
    first = replace(WREN, role="administrator", strong=True)
    wren = await came(office, first, COOKIE)
    taken_back = replace(first, role="client")
    assert (await came(office, taken_back, OTHER_COOKIE)).role == "administrator"
    assert (await session_of(office, COOKIE)).person.role == "administrator"
    await came(office, replace(first, subject="6f40"), b"e" * 32)
    assert (await came(office, taken_back, OTHER_COOKIE[:31] + b"!")).role == "client"
    assert await role_of(office, wren) == "client"
    assert not await is_in(office, COOKIE)


async def test_the_first_administrator_begins_where_there_is_none(office: Office) -> None:
    first = replace(WREN, first_administrator=True)
    arrival = await acts.sign_in(office, first, COOKIE)
    assert (arrival.person.role, arrival.pending) == ("administrator", True)
    assert await role_of(office, arrival.person) == "administrator"
    strong = replace(first, strong=True)
    for _ in range(2):
        assert (await came(office, strong, office.chance(32))).role == "administrator"
    assert (await came(office, replace(strong, subject="6f40"), b"e" * 32)).role == "client"


async def test_once_somebody_else_administers_the_setting_has_no_effect_and_takes_nothing(
    office: Office,
) -> None:
    first = replace(WREN, first_administrator=True, strong=True)
    await came(office, first, COOKIE)
    await came(office, replace(WREN, subject="6f40", role="administrator", strong=True), OTHER_COOKIE)
    for again in (first, replace(first, first_administrator=False)):
        assert (await came(office, again, office.chance(32))).role == "administrator"
    assert (await came(office, replace(first, subject="7a51"), b"e" * 32)).role == "client"


async def test_two_who_are_named_first_at_once_are_one_administrator(office: Office) -> None:
    named = [replace(WREN, subject=subject, first_administrator=True) for subject in ("5e3f", "6f40", "7a51")]
    came_in = await asyncio.gather(*(acts.sign_in(office, each, office.chance(32)) for each in named))
    assert sorted(each.person.role for each in came_in) == ["administrator", "client", "client"]


async def test_another_role_ends_the_sessions_of_the_one_before(office: Office) -> None:
    await came(office, WREN, COOKIE)  # with one factor, which is enough for a client
    await came(office, replace(WREN, role="therapist", strong=True), OTHER_COOKIE)
    assert not await is_in(office, COOKIE)
    assert await is_in(office, OTHER_COOKIE)
    await came(office, replace(WREN, role="therapist", strong=True), b"e" * 32)
    assert await is_in(office, OTHER_COOKIE)


async def test_a_disabled_account_neither_comes_in_nor_back(office: Office, clock: FakeClock) -> None:
    wren = await came(office, WREN, COOKIE)
    async with office.database.transaction() as connection:
        disabled = update(tables.people).where(tables.people.c.id == wren.id)
        await connection.execute(disabled.values(disabled_at=clock()))
    assert await sessions.come_back(office, COOKIE) is None
    with pytest.raises(Forbidden) as refused:
        await came(office, WREN, OTHER_COOKIE)
    assert refused.value.code == "account_disabled"


async def test_a_name_is_kept_sealed_beside_the_address(office: Office) -> None:
    wren = await came(office, WREN, COOKIE)
    await acts.rename(office, wren, "Wren Dunmore")
    found = await back(office, COOKIE)
    assert found == (wren, "Wren Dunmore")
    async with office.database.reading() as connection:
        row = (await connection.execute(select(tables.people))).mappings().one()
        session = (await connection.execute(select(tables.sessions))).mappings().one()
    everything = b"".join(value for value in (*row.values(), *session.values()) if isinstance(value, bytes))
    for planted in (b"Dunmore", b"wren", b"Wren", b"claims", b"5e3f"):
        assert planted not in everything


async def test_an_id_token_does_not_open_in_another_sessions_row(office: Office) -> None:
    wren = await came(office, WREN, COOKIE)
    await came(office, WREN, OTHER_COOKIE)
    async with office.database.transaction() as connection:
        rows = (await connection.execute(select(tables.sessions))).mappings().all()
        tokens: dict[bytes, Sealed] = {row["hash"]: row["id_token"] for row in rows}
        moved = update(tables.sessions).where(tables.sessions.c.hash == COOKIE)
        await connection.execute(moved.values(id_token=tokens[OTHER_COOKIE]))
    with pytest.raises(Exception, match="sealed with"):
        await sessions.close(office, wren)
