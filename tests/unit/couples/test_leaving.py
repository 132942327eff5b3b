"""Leaving for one's own part: the other stays, and when nobody is left it is cancelled."""

import base64
from datetime import timedelta

import pytest

from telehealth.appointments import acts as appointments
from telehealth.audit.office import Office
from telehealth.couples import acts
from telehealth.couples.acts import Said
from telehealth.errors import Conflict, NotFound
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.rooms.acts import mint_ticket
from telehealth.rooms.admission import RoomAdmission
from tests.clock import FakeClock
from tests.people import MIKA, NADIA, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book, new_key, taken, told_beside
from tests.unit.couples.scene import a_couple, a_link, asked, book_for_two, come_along
from tests.unit.privacy.scene import types_about, wraps_of


async def kinds(office: Office, person: Person) -> list[str]:
    return [each.kind for each in await told_beside(office, person)]


@pytest.mark.parametrize(("leaver", "other"), [(MIKA, ROSA), (ROSA, MIKA)])
async def test_either_leaves_for_their_own_part_and_the_other_stays(
    office: Office, clinic: Clinic, leaver: Person, other: Person
) -> None:
    made = await a_couple(office)
    assert await acts.leave(office, leaver, made.id, new_key())
    assert sorted(party for party, *_ in await taken(office)) == sorted([NADIA.id, other.id])
    found = await appointments.appointment(office, other, made.id)
    assert (found.state, found.company, found.other_names) == ("booked", "alone", ())
    with pytest.raises(NotFound):
        await appointments.appointment(office, leaver, made.id)
    assert await kinds(office, other) == ["partner_left"]
    assert await kinds(office, NADIA) == ["partner_left_one"]
    assert await kinds(office, leaver) == ["partner_out"]
    for person in (leaver, other):
        assert "appointment.leave" in await types_about(office, person.id)


async def test_what_the_leaver_wrote_opens_no_more(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    before = await wraps_of(office, MIKA.id)
    await come_along(office, made.id, link=link, said=Said(None, "Words of Mika's own", True))
    await acts.leave(office, MIKA, made.id, new_key())
    assert "Mika" not in ((await appointments.appointment(office, NADIA, made.id)).reason or "")
    # what is left beside what was there: two messages, and what the record says of joining
    assert await wraps_of(office, MIKA.id) <= before + 3


async def test_the_last_one_who_leaves_cancels_it(office: Office, clinic: Clinic) -> None:
    made = await a_couple(office)
    with pytest.raises(Conflict) as refused:
        await appointments.cancel(office, ROSA, made.id, new_key())
    assert refused.value.code == "not_yours_alone"
    await acts.leave(office, MIKA, made.id, new_key())
    assert not await acts.leave(office, ROSA, made.id, new_key())
    assert (await appointments.appointment(office, ROSA, made.id)).state == "cancelled"
    assert {state for *_, state in await taken(office)} == {"cancelled"}


async def test_the_therapist_still_cancels_for_both(office: Office, clinic: Clinic) -> None:
    made = await a_couple(office)
    await appointments.cancel(office, NADIA, made.id, new_key())
    for person in (ROSA, MIKA):
        assert (await appointments.appointment(office, person, made.id)).state == "cancelled"


async def test_leaving_twice_with_one_key_is_leaving_once(office: Office, clinic: Clinic) -> None:
    made = await a_couple(office)
    key = new_key()
    assert await acts.leave(office, MIKA, made.id, key)
    assert await acts.leave(office, MIKA, made.id, key)
    assert await kinds(office, ROSA) == ["partner_left"]


async def test_who_left_may_come_back_and_a_link_of_theirs_is_dead(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    await come_along(office, made.id, link=await a_link(office, made.id))
    await acts.leave(office, MIKA, made.id, new_key())
    theirs = await a_link(office, made.id)
    await come_along(office, made.id)
    await acts.leave(office, ROSA, made.id, new_key())
    with pytest.raises(NotFound):
        await asked(office, STRANGER, theirs)
    assert (await appointments.appointment(office, MIKA, made.id)).company == "alone"


async def test_nobody_leaves_what_is_not_theirs_or_has_begun(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    made = await a_couple(office)
    own = await book(office, STRANGER, TEN + timedelta(days=2), name="Sam")
    for person, appointment_id in ((STRANGER, made.id), (NADIA, made.id), (STRANGER, own.id)):
        with pytest.raises(NotFound):
            await acts.leave(office, person, appointment_id, new_key())
    clock.advance(TEN - clock())
    with pytest.raises(Conflict) as refused:
        await acts.leave(office, MIKA, made.id, new_key())
    assert refused.value.code == "not_booked"


async def test_who_leaves_cannot_stay_in_the_room(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    made = await a_couple(office)
    clock.now = TEN - timedelta(minutes=10)
    row: dict[str, object] = {"hash": MIKA.session * 2, "id": MIKA.session, "person_id": MIKA.id}
    times = {"created_at": clock(), "seen_at": clock(), "signed_in_at": clock()}
    of = {"role": "client", "provider": "practice", "strong": False, "pending": False}
    async with office.database.transaction() as connection:
        await people.open_session(connection, {**row, **times, **of})
    admission = RoomAdmission(office, ice_policy="all")
    ticket = base64.urlsafe_b64decode(await mint_ticket(office, MIKA, made.id) + "=")
    entry = await admission.redeem(ticket)
    assert entry is not None
    assert await admission.may_stay(entry)
    await acts.leave(office, MIKA, made.id, new_key())
    assert not await admission.may_stay(entry)
