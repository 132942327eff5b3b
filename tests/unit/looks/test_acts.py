"""Who looked, as clients and staff may know it; the administrator's view of everybody's entries."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from telehealth.appointments import acts as appointments
from telehealth.appointments.placing import place
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.clinic import store
from telehealth.errors import NotFound
from telehealth.looks import acts
from telehealth.looks.record import Asked, record
from telehealth.looks.rules import Line
from telehealth.person import Person
from telehealth.privacy import listing
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book

BERLIN = ZoneInfo("Europe/Berlin")
NOBODY = b"nobody-at-all..."


async def looks(office: Office, person: Person) -> list[Line]:
    """What others did, in one list."""
    found = await acts.looks(office, person, BERLIN)
    return [line for day in found.days for line in day.others]


async def opened(office: Office, by: Person) -> None:
    """Rosa's appointment, opened by this person."""
    found = await appointments.mine(office, ROSA)
    await appointments.appointment(office, by, found[0].id)


async def test_a_client_reads_the_name_of_their_therapist_and_no_other(
    office: Office, clinic: Clinic
) -> None:
    await book(office)
    for person in (NADIA, DESK):
        await opened(office, person)
    named = {(line.who.role, line.who.name): line.what for line in await looks(office, ROSA)}
    assert named == {
        ("therapist", "Nadia Behrens"): "opened an appointment of yours",
        ("front desk", ""): "opened an appointment of yours",
    }


async def test_another_client_who_tried_is_on_the_page_without_a_name(office: Office, clinic: Clinic) -> None:
    await book(office)
    with pytest.raises(NotFound):
        await opened(office, MIKA)
    (line,) = await looks(office, ROSA)
    assert (line.who.role, line.who.name, line.refused) == ("another client", "", True)
    assert line.what == "tried to open an appointment of yours, and was refused"


async def test_whoever_shares_an_appointment_is_no_stranger_on_the_page(
    office: Office, clinic: Clinic
) -> None:
    async with office.work(DESK) as work:
        therapist = await store.therapist(work.connection, NADIA.id)
        assert await place(work, clinic.couple, therapist, TEN, {ROSA.id: "", MIKA.id: ""}) is not None
    await opened(office, MIKA)
    line = next(line for line in await looks(office, ROSA) if line.who.role != "front desk")
    assert (line.who.role, line.who.name, line.refused) == (
        "somebody you share an appointment with",
        "",
        False,
    )


async def test_ones_own_acts_are_folded_away_and_the_look_at_the_page_is_one(
    office: Office, clinic: Clinic
) -> None:
    await book(office)
    assert await looks(office, ROSA) == []
    found = await acts.looks(office, ROSA, BERLIN)
    own = [line.what for day in found.days for line in day.own]
    assert sorted(own) == [
        "booked an appointment of yours",
        "looked at your record",
        "sent a message to you",
    ]


async def test_nobody_reads_what_concerns_another(office: Office, clinic: Clinic) -> None:
    await book(office)
    await opened(office, NADIA)
    assert await looks(office, STRANGER) == []


async def test_staff_read_one_anothers_names_and_that_is_a_look(office: Office, clinic: Clinic) -> None:
    await record(office, ADMIN, Asked())  # shows Nadia's name
    (line,) = await looks(office, NADIA)
    assert (line.who.role, line.who.name) == ("administrator", "Ada Admin")
    assert [line.who.name for line in await looks(office, ADMIN)] == ["Nadia Behrens"]


async def test_an_emergency_is_said(office: Office, clinic: Clinic) -> None:
    async with office.work(OMAR) as work:
        await work.looked(entity="person", entity_id=OMAR.id, subjects=[ROSA.id], purpose="ETREAT")
    (line,) = await looks(office, ROSA)
    assert (line.who.name, line.emergency) == ("Omar Fassbinder", True)


async def test_who_is_gone_and_what_nobody_did_have_words(office: Office, clinic: Clinic) -> None:
    for actor in (Person(NOBODY, "therapist"), None):
        async with office.work(actor) as work:
            await work.audit("profile.change", "U", entity="person", entity_id=ROSA.id, subjects=[ROSA.id])
    assert {line.who.role for line in await looks(office, ROSA)} == {
        "somebody who is not here any more",
        "the service itself",
    }


async def test_what_was_done_at_the_command_line_is_told_as_such(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "_by_operator", True)
    for _ in range(2):
        await listing.everybody(office)
    (line,) = await looks(office, ROSA)
    assert (line.who.role, line.what) == ("somebody at the practice's computer", "looked at your record")
    found = await record(office, ADMIN, Asked(kind="record.look", person=ROSA.id))
    assert {each.who.name for each in found.entries if each.who and each.who.id != ROSA.id} == {
        "Somebody at the practice's computer"
    }


async def test_what_is_long_ago_is_on_another_page(
    office: Office, clinic: Clinic, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "PAGE", 3)
    async with office.work(NADIA) as work:
        for _ in range(5):
            await work.audit("profile.change", "U", entity="person", entity_id=ROSA.id, subjects=[ROSA.id])
            work.now += timedelta(hours=1)
    clock.advance(timedelta(hours=6))
    first = await acts.looks(office, ROSA, BERLIN)
    assert first.earlier is not None
    second = await acts.looks(office, ROSA, BERLIN, first.earlier)
    assert second.earlier is None
    hours = [
        moment.hour
        for page in (first, second)
        for day in page.days
        for line in day.others
        for moment in line.times
    ]
    assert sorted(hours) == [9, 10, 11, 12, 13]


async def test_the_administrator_sees_staff_by_name_and_clients_by_id(office: Office, clinic: Clinic) -> None:
    await book(office)
    await opened(office, NADIA)
    found = await record(office, ADMIN, Asked(kind="record.look", agent=NADIA.id))
    (shown,) = found.entries
    assert shown.who is not None
    assert shown.whom is not None
    assert (shown.who.name, shown.whom.name, shown.whom.id) == ("Nadia Behrens", "", ROSA.id)


@pytest.mark.parametrize("asked", [Asked(person=ROSA.id), Asked(agent=ROSA.id)])
async def test_asking_about_a_person_is_a_look_at_their_record(
    office: Office, clinic: Clinic, asked: Asked
) -> None:
    await record(office, ADMIN, Asked())
    await record(office, ADMIN, asked)
    (line,) = await looks(office, ROSA)
    assert (line.who.role, line.what) == ("administrator", "looked at your record")


async def test_somebody_whom_nobody_knows_is_said(office: Office, clinic: Clinic) -> None:
    found = await record(office, ADMIN, Asked(person=NOBODY))
    assert (found.nobody, found.entries) == (True, [])


async def test_asking_about_a_colleague_is_a_look_beside_that_at_the_names(
    office: Office, clinic: Clinic
) -> None:
    for asked in (Asked(), Asked(person=NADIA.id), Asked(agent=NADIA.id), Asked(person=NOBODY)):
        await record(office, ADMIN, asked)
    assert [len(line.times) for line in await looks(office, NADIA)] == [2]


@pytest.mark.parametrize("person", [ROSA, NADIA, DESK])
async def test_nobody_else_reads_the_whole_record_and_asking_about_somebody_is_on_theirs(
    office: Office, clinic: Clinic, person: Person
) -> None:
    with pytest.raises(NotFound):
        await record(office, person, Asked(agent=STRANGER.id))
    with pytest.raises(NotFound):
        await record(office, person, Asked(person=STRANGER.id))
    query = select(audit_leaves.c.type).where(
        audit_leaves.c.patient == pseudonym(office._pseudonym_key, STRANGER.id),
        audit_leaves.c.outcome == "refused",
    )
    async with office.database.reading() as connection:
        assert list((await connection.execute(query)).scalars()) == ["person.refused"] * 2
