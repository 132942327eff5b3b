"""Who is found by whom, what of them is shown, and that each look is on record."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from telehealth.appointments import clients
from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.people import store as people_store
from telehealth.people.models import people
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book, entries


async def found(office: Office, person: Person, typed: str) -> list[bytes]:
    return [each.id for each in (await clients.search(office, person, typed)).clients]


async def test_the_front_desk_finds_every_client_and_a_therapist_their_own(
    office: Office, clinic: Clinic
) -> None:
    assert await found(office, DESK, "exam") == [MIKA.id, ROSA.id]
    assert await found(office, NADIA, "exam") == []
    await book(office, ROSA, TEN, reason="Words of Rosa's own")
    assert await found(office, NADIA, "exam") == [ROSA.id]
    assert await found(office, OMAR, "exam") == []
    assert [each.id for each in (await clients.own(office, NADIA)).clients] == [ROSA.id]
    for stranger in (ROSA, MIKA, ADMIN):
        assert await found(office, stranger, "exam") == []
        with pytest.raises(NotFound):
            await clients.client(office, stranger, ROSA.id)


async def test_nobody_is_found_whose_account_is_closed(office: Office, clinic: Clinic) -> None:
    async def close(work: Work) -> None:
        await work.connection.execute(
            update(people).where(people.c.id == ROSA.id).values(disabled_at=work.now)
        )

    await office.act(None, close)
    assert await found(office, DESK, "exam") == [MIKA.id]
    with pytest.raises(NotFound):
        await clients.client(office, DESK, ROSA.id)


async def test_each_who_is_shown_counts_as_a_look_once_in_a_quarter_of_an_hour(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await found(office, DESK, "exam")
    await found(office, DESK, "example")
    assert await entries(office, ["record.look"]) == {"record.look": 2}
    clock.advance(timedelta(minutes=15))
    await found(office, DESK, "lindqvist")
    assert await entries(office, ["record.look"]) == {"record.look": 3}


async def test_more_clients_than_are_looked_through_is_said(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "SEARCHED", 1)
    monkeypatch.setattr(clients, "SHOWN", 1)
    one = await clients.search(office, DESK, "exam")
    assert one.beyond
    assert len(one.clients) == 1
    monkeypatch.setattr(clients, "SEARCHED", 5_000)
    both = await clients.search(office, DESK, "exam")
    assert (len(both.clients), both.more, both.beyond) == (1, True, False)


async def test_the_desk_sees_name_contact_and_times_and_a_therapist_no_address(
    office: Office, clinic: Clinic
) -> None:
    async def keep(work: Work) -> None:
        await people_store.keep_profile(
            work.connection, office.ring, ROSA.id, name="Rosa", email="rosa@example.org"
        )

    await office.act(None, keep)
    made = await book(office, ROSA, TEN, reason="Words of Rosa's own")
    await book(office, ROSA, TEN + timedelta(hours=6), therapist_id=OMAR.id)
    card = await clients.client(office, DESK, ROSA.id)
    assert (card.name, card.email) == ("Rosa", "rosa@example.org")
    assert [each.reason for each in card.ahead] == [None, None]
    own = await clients.client(office, NADIA, ROSA.id)
    assert own.email is None
    assert [each.id for each in own.ahead] == [made.id]
