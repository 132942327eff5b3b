"""What emergency access opens: one client's own, to be read; no partner, no room, no cancelling, no list."""

from datetime import timedelta

import pytest

from telehealth.appointments import acts, emergency, placing, store
from telehealth.audit.office import Office, Work
from telehealth.emergency import acts as access
from telehealth.errors import Conflict, NotFound
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.rooms import acts as rooms
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, NADIAS_PROFILE, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import BERLIN, TEN, book, new_key
from tests.unit.emergency.scene import asked, entries, opened


async def _couple(office: Office, clinic: Clinic) -> bytes:
    """Rosa and Mika come together, each with words of their own."""

    async def act(work: Work) -> bytes | None:
        said = {ROSA.id: "What Rosa says of both", MIKA.id: "What Mika says of both"}
        return await placing.place(work, clinic.couple, NADIAS_PROFILE, TEN + timedelta(days=2), said)

    made = await office.act(ROSA, act)
    assert made is not None
    return made


async def test_the_asker_reads_name_address_appointments_and_words(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    async with office.work(ROSA) as work:
        kept = {"name": "Rosa Example-Lindqvist", "email": "rosa@mail.example"}
        await people.keep_profile(work.connection, work.ring, ROSA.id, **kept)
    single = await book(office, reason="What Rosa says alone")
    await book(office, STRANGER, TEN + timedelta(hours=1), name="Sam", reason="Somebody else's")
    grant_id = await opened(office)
    found = await emergency.record(office, OMAR, grant_id)
    assert (found.name, found.email) == ("Rosa Example-Lindqvist", "rosa@mail.example")
    assert found.until == clock() + timedelta(hours=2)
    assert [(each.id, each.reason) for each in found.ahead] == [(single.id, "What Rosa says alone")]
    assert found.behind == ()
    assert ("record.look", "success", "ETREAT") in await entries(office, ROSA)
    assert not [each for each in await entries(office, STRANGER) if each[2] == "ETREAT"]


async def test_a_partner_stays_unseen(office: Office, clinic: Clinic) -> None:
    joint = await _couple(office, clinic)
    await book(office, MIKA, reason="What Mika says alone")
    found = await emergency.record(office, OMAR, await opened(office))
    [each] = found.ahead
    assert (each.id, each.client_names) == (joint, ("Rosa Example-Lindqvist",))
    assert each.reason == "What Rosa says of both"
    assert each.service.seats == 2
    assert not [entry for entry in await entries(office, MIKA) if entry[2] == "ETREAT"]


async def test_what_is_over_or_cancelled_stands_behind_the_latest_first(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    early, late = await book(office), await book(office, start=TEN + timedelta(hours=1))
    clock.advance(TEN + timedelta(minutes=49) - clock())
    grant_id = await opened(office)
    assert [each.id for each in (await emergency.record(office, OMAR, grant_id)).ahead] == [early.id, late.id]
    clock.advance(minutes=1)
    found = await emergency.record(office, OMAR, grant_id)
    assert ([each.id for each in found.ahead], [each.id for each in found.behind]) == ([late.id], [early.id])
    await acts.cancel(office, NADIA, late.id, new_key())
    found = await emergency.record(office, OMAR, grant_id)
    assert [each.id for each in found.behind] == [late.id, early.id]


@pytest.mark.parametrize("person", [NADIA, DESK, ADMIN, ROSA, MIKA])
async def test_it_opens_nothing_to_anybody_else(office: Office, clinic: Clinic, person: Person) -> None:
    await book(office)
    grant_id = await opened(office)
    with pytest.raises(NotFound):
        await emergency.record(office, person, grant_id)
    assert ("emergency.refused", "refused", "TREAT") in await entries(office, ROSA)


async def test_it_opens_nothing_before_and_after_its_two_hours(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await book(office)
    waiting, closed, over = await asked(office), await opened(office), await opened(office)
    await access.end(office, OMAR, closed)
    clock.advance(minutes=119)
    await emergency.record(office, OMAR, over)
    clock.advance(minutes=1)
    for grant_id in (waiting, closed, over):
        with pytest.raises(Conflict) as refused:
            await emergency.record(office, OMAR, grant_id)
        assert refused.value.code == "access_over"
    on_record = [kind for kind, *_ in await entries(office, ROSA)]
    assert on_record.count("emergency.refused") == 2  # a request that waits concerns nobody yet


async def test_the_query_itself_opens_nothing_when_the_access_is_over(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await book(office)
    await opened(office)
    async with office.database.reading() as connection:
        assert len(await store.appointments_open_to(OMAR, connection, ROSA.id, clock())) == 1
        assert await store.appointments_open_to(OMAR, connection, MIKA.id, clock()) == []
        assert await store.appointments_open_to(NADIA, connection, ROSA.id, clock()) == []
        later = clock() + timedelta(hours=2)
        assert await store.appointments_open_to(OMAR, connection, ROSA.id, later) == []


async def test_it_opens_no_room_no_list_and_changes_nothing(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made = await book(office)
    await opened(office)
    assert await acts.day(office, OMAR, TEN.date(), BERLIN) == []
    with pytest.raises(NotFound):
        await acts.appointment(office, OMAR, made.id)
    with pytest.raises(NotFound):
        await acts.cancel(office, OMAR, made.id, new_key())
    clock.advance(TEN - timedelta(minutes=5) - clock())
    await opened(office)
    with pytest.raises(NotFound):
        await rooms.mint_ticket(office, OMAR, made.id)
    assert (await acts.appointment(office, ROSA, made.id)).state == "booked"
