"""Whether a mail may go at all, and what it says to its reader alone."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from telehealth.appointments import acts as appointments
from telehealth.appointments.models import appointment_clients
from telehealth.appointments.models import appointments as appointment_table
from telehealth.audit.office import Office
from telehealth.couples import acts as couples
from telehealth.errors import NotFound
from telehealth.mail import own
from telehealth.people.models import people
from tests.people import MIKA, NADIA, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, new_key
from tests.unit.couples.scene import AFTERWARDS, a_couple
from tests.unit.mail.scene import (
    ADDRESSES,
    Kept,
    book,
    calendar_in,
    choose,
    deliver,
    give_addresses,
    tell,
    text_in,
)
from tests.unit.mail.scene import together as shared_appointment

SHARED = {ROSA: "home@mail.example", MIKA: "Home@Mail.example", NADIA: ADDRESSES[NADIA]}


@pytest.fixture(autouse=True)
async def addresses(office: Office, clinic: Clinic) -> None:
    await give_addresses(office)


async def move(office: Office, appointment_id: bytes, by: timedelta) -> None:
    async with office.database.transaction() as connection:
        times = {"starts_at": TEN + by, "ends_at": TEN + by + timedelta(minutes=50)}
        mine = appointment_table.c.id == appointment_id
        await connection.execute(update(appointment_table).where(mine).values(**times))


async def first_to_rosa(office: Office, appointment_id: bytes) -> Kept:
    await tell(office, ROSA, appointment_id)
    return await deliver(office)


async def test_unless_chosen_it_is_neutral_and_in_the_practices_zone(office: Office) -> None:
    made = await book(office, ROSA)
    (mail,) = (await first_to_rosa(office, made.id)).to(ROSA)
    assert mail["Subject"] == "Your appointment on Tuesday"
    assert text_in(mail).startswith("Appointment, Tue 10:00\nTimes are in Berlin time.")
    assert "Nadia" not in mail.as_string()


async def test_as_somebody_chose_it_names_the_therapist_in_their_own_zone(office: Office) -> None:
    made = await book(office, ROSA)
    await choose(office, ROSA, level="details", zone="Asia/Kathmandu")
    (mail,) = (await first_to_rosa(office, made.id)).to(ROSA)
    assert text_in(mail).startswith(
        "Appointment with Nadia Behrens\nTuesday 24 November, 14:45 to 15:35\nTimes are in Kathmandu time."
    )
    assert "Individual session" not in mail.as_string()


async def test_a_therapist_reads_no_name_of_a_client_whatever_they_chose(office: Office) -> None:
    made = await book(office, ROSA)
    await choose(office, NADIA, level="details")
    await tell(office, NADIA, made.id)
    (mail,) = (await deliver(office)).to(NADIA)
    assert text_in(mail).startswith("Appointment\nTuesday 24 November, 10:00 to 10:50\n")
    assert "Rosa" not in mail.as_string()


async def test_who_wants_no_mail_gets_none(office: Office) -> None:
    await choose(office, ROSA, channel="none")
    made = await book(office, ROSA)
    assert (await first_to_rosa(office, made.id)).to(ROSA) == []


async def test_nobody_without_a_confirmed_address_or_with_a_closed_account_gets_any(office: Office) -> None:
    await tell(office, STRANGER)
    await tell(office, ROSA)
    async with office.database.transaction() as connection:
        closed = {"disabled_at": office.clock()}
        await connection.execute(update(people).where(people.c.id == ROSA.id).values(**closed))
    assert (await deliver(office)).mails == []


async def test_a_shared_mailbox_hears_of_what_is_shared_alone(office: Office) -> None:
    await give_addresses(office, SHARED)
    alone = await book(office, ROSA, TEN + timedelta(days=2))
    together = await shared_appointment(office)
    for about in (alone.id, together, None):
        await tell(office, ROSA, about)
    post = await deliver(office)
    assert [mail["Subject"] for mail in post.mails] == ["Your appointment on Tuesday"]
    await choose(office, ROSA, alone=True)
    for about in (alone.id, together, None):
        await tell(office, ROSA, about)
    subjects = [mail["Subject"] for mail in (await deliver(office)).mails]
    assert sorted(subjects) == [
        "A message for you",
        "Your appointment on Thursday",
        "Your appointment on Tuesday",
    ]


async def test_a_calendar_is_told_of_each_change_once(office: Office) -> None:
    made = await book(office, ROSA)
    first = await first_to_rosa(office, made.id)
    second = await first_to_rosa(office, made.id)
    await move(office, made.id, timedelta(hours=1))
    third = await first_to_rosa(office, made.id)
    await move(office, made.id, timedelta())
    await appointments.cancel(office, ROSA, made.id, new_key())
    fourth = await first_to_rosa(office, made.id)
    seen = []
    for post in (first, second, third, fourth):
        mail = post.to(ROSA)[-1]
        calendar = calendar_in(mail)
        assert calendar is not None
        (event,) = calendar.walk("VEVENT")
        assert event["ATTENDEE"] == "mailto:rosa@mail.example"
        change = text_in(mail).partition("\n")[0].partition("(")[2]
        seen.append((event["UID"], calendar["METHOD"], event["SEQUENCE"], change))
    uid = seen[0][0]
    assert seen == [
        (uid, "REQUEST", 0, ""),
        (uid, "REQUEST", 0, ""),
        (uid, "REQUEST", 1, "new time)"),
        (uid, "CANCEL", 2, "cancelled)"),
    ]


async def test_each_persons_entry_has_a_name_of_its_own(office: Office) -> None:
    together = await shared_appointment(office)
    for person in (ROSA, MIKA, NADIA):
        await tell(office, person, together)
    post = await deliver(office)
    uids = set()
    for person in (ROSA, MIKA, NADIA):
        (mail,) = post.to(person)
        calendar = calendar_in(mail)
        assert calendar is not None
        (event,) = calendar.walk("VEVENT")
        uids.add(event["UID"])
        others = {address for other, address in ADDRESSES.items() if other != person}
        assert not any(address in calendar.to_ical().decode() for address in others)
    assert len(uids) == 3


async def test_who_left_hears_that_it_is_cancelled_for_them_and_no_later_time(office: Office) -> None:
    together = await shared_appointment(office)
    await tell(office, MIKA, together)
    await deliver(office)
    async with office.database.transaction() as connection:
        part = appointment_clients.c.person_id == MIKA.id
        await connection.execute(appointment_clients.delete().where(part))
    await move(office, together, timedelta(hours=5))
    await tell(office, MIKA, together)
    (mail,) = (await deliver(office)).to(MIKA)
    assert text_in(mail).startswith("Appointment, Tue 10:00 (cancelled)\n")
    calendar = calendar_in(mail)
    assert calendar is not None
    assert calendar["METHOD"] == "CANCEL"


async def test_who_has_not_said_yes_to_another_time_keeps_neither_the_old_one_nor_gets_the_new(
    office: Office,
) -> None:
    together, seen = await a_couple(office), []

    async def reads() -> None:
        (mail,) = (await deliver(office)).to(MIKA)
        calendar = calendar_in(mail)
        assert calendar is not None
        (event,) = calendar.walk("VEVENT")
        seen.append((text_in(mail).partition("\n")[0], calendar["METHOD"], event.decoded("DTSTART")))

    await tell(office, MIKA, together.id)
    await reads()
    await appointments.move(office, ROSA, together.id, start=AFTERWARDS, key=new_key())
    await reads()
    with pytest.raises(NotFound):
        await own.calendar(office, MIKA, together.id)
    await couples.agree(office, MIKA, together.id, start=AFTERWARDS, key=new_key())
    await reads()
    assert seen == [
        ("Appointment, Tue 10:00", "REQUEST", TEN),
        ("Appointment, Thu 10:00 (new time, please answer)", "CANCEL", TEN),
        ("Appointment, Thu 10:00 (new time)", "REQUEST", AFTERWARDS),
    ]
    assert await own.calendar(office, MIKA, together.id)


async def test_who_takes_no_part_reads_nothing_of_when(office: Office) -> None:
    made = await book(office, ROSA)
    await tell(office, MIKA, made.id)
    (mail,) = (await deliver(office)).to(MIKA)
    assert mail["Subject"] == "A message for you"
    assert calendar_in(mail) is None


async def test_what_is_only_asked_for_goes_into_no_calendar(office: Office) -> None:
    made = await book(office, ROSA)
    async with office.database.transaction() as connection:
        await connection.execute(update(appointment_table).values(state="asked"))
    (mail,) = (await first_to_rosa(office, made.id)).to(ROSA)
    assert text_in(mail).startswith("Appointment, Tue 10:00 (not confirmed yet)")
    assert calendar_in(mail) is None
