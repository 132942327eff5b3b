"""The archive: everything of one's own, nothing of a partner's, and readable without us."""

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import select, update

from telehealth.appointments import acts as appointments
from telehealth.appointments.models import appointments as appointment_table
from telehealth.audit.office import Office
from telehealth.db.tables import metadata
from telehealth.errors import NotFound
from telehealth.mail.own import calendar as own_calendar
from telehealth.notices.entries import entries_of
from telehealth.office import FRONTEND
from telehealth.privacy import acts, holding
from telehealth.privacy.acts import Registry
from telehealth.privacy.archive import archive_of, name_of
from telehealth.privacy.collecting import Collected
from telehealth.privacy.exporting import export
from telehealth.web.templating import templates_of
from tests.clock import FakeClock
from tests.people import ADMIN, MIKA, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book, new_key, place_both
from tests.unit.emergency.scene import REASON as EMERGENCY
from tests.unit.privacy.scene import EMAIL, ISSUER, REASON, live, shared_appointment, sign_in, types_about

BERLIN = ZoneInfo("Europe/Berlin")
TEMPLATES = templates_of(FRONTEND)

# Every column that names a person, and where it stands in the archive, or why it stands nowhere.
WHERE = {
    "people.id": "profile",
    "accounts.person_id": "accounts",
    "sessions.person_id": "sessions",
    "passkeys.person_id": "passkeys",
    "appointment_clients.person_id": "appointments",
    "seats.person_id": "appointments",
    "whereabouts.person_id": "appointments",
    "case_members.person_id": "couples",
    "invitations.invited_by": "couples",
    "notices.person_id": "messages",
    "preferences.person_id": "how_you_are_told",
    "calendar_entries.person_id": "how_you_are_told",
    "reminders.person_id": "how_you_are_told",
    "emergency_grants.subject_id": "emergency_access",
    "legal_holds.subject_id": "legal_holds",
    "audit_leaves.patient": "who_looked",
    "therapists.person_id": "profile",
    "busy_calendars.therapist_id": "calendars",
    "waiting.person_id": "waiting_list",
}
NOWHERE = {
    "private_notes.therapist_id": "private notes, which leave nobody but the therapist",
    "note_clients.person_id": "private notes, which leave nobody but the therapist",
    "appointments.booked_by": "stands in the list of appointments",
    "appointments.therapist_id": "about clients; a therapist's work, not their person",
    "occupancies.party": "the times of the appointments once more",
    "holds.person_id": "five minutes, then gone",
    "idempotency.person_id": "a day, then gone; a keyed hash",
    "passkey_challenges.person_id": "five minutes, then gone",
    "passkey_codes.person_id": "a hash that opens nothing to read",
    "passkey_codes.made_by": "staff at work",
    "emergency_grants.asked_by": "staff at work, about a client",
    "emergency_grants.confirmed_by": "staff at work, about a client",
    "legal_holds.set_by": "staff at work",
    "legal_holds.lifted_by": "staff at work",
    "hours.therapist_id": "public: the open times",
    "exceptions.therapist_id": "public: the open times",
    "service_therapists.therapist_id": "public: the services",
    "appointments.co_therapist_id": "about clients; a therapist's work, not their person",
    "workloads.therapist_id": "public: the open times",
    "staff_invitations.person_id": "a hash that opens nothing to read",
    "staff_invitations.made_by": "staff at work",
    "offers.therapist_id": "a time that was kept; the wish stands there",
    "feeds.therapist_id": "a hash that opens nothing to read",
    "invitations.accepted_by": "the beginning of a shared case, which stands there",
    "audit_leaves.agent": "stands on the record of whom it concerned",
    "subject_keys.subject_id": "keys, which open what stands here in clear",
    "record_keys.subject_id": "keys, which open what stands here in clear",
    "erasures.subject_id": "somebody who is gone asks for nothing",
}


async def collected(registry: Registry, subject_id: bytes = ROSA.id) -> Collected:
    return await export(registry.office, None, subject_id, practice="Linden Practice", zone=BERLIN)


async def unpacked(registry: Registry, clock: FakeClock, subject_id: bytes = ROSA.id) -> dict[str, str]:
    """The files of the archive."""
    made = await collected(registry, subject_id)
    data = archive_of(made, templates=TEMPLATES, frontend=FRONTEND, zone=BERLIN, now=clock())
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_every_column_that_names_a_person_stands_in_the_archive_or_says_why_not() -> None:
    naming = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if any(key.column.table.name in ("people", "therapists") for key in column.foreign_keys)
        or column.name in ("subject_id", "party", "patient", "agent")
    }
    assert naming | {"people.id"} == WHERE.keys() | NOWHERE.keys()
    assert not WHERE.keys() & NOWHERE.keys()


async def test_everything_of_ones_own_is_there(registry: Registry, clinic: Clinic, clock: FakeClock) -> None:
    made = await live(registry.office)
    await holding.hold(registry.office, ADMIN, ROSA.id, cls="booking", reason="File 17")
    values = (await collected(registry)).values
    assert values["profile"]["name"] == "Rosa Example-Lindqvist"
    assert values["sessions"][0]["with"] == "practice"
    assert values["passkeys"][0]["name"] == "My phone"
    (appointment,) = values["appointments"]
    assert appointment["id"] == made.id.hex()
    assert appointment["what_you_wrote"] == REASON
    assert appointment["with"] == "Nadia Behrens"
    assert {each["heading"] for each in values["messages"]} >= {
        "Your record was opened in an emergency",
        "Your record is closed again",
    }
    (access,) = values["emergency_access"]
    assert (access["asked_by"], access["confirmed_by"], access["reason"]) == (
        "Omar Fassbinder",
        "Dora Desk",
        EMERGENCY,
    )
    assert values["legal_holds"][0]["reason"] == "File 17"
    assert set(WHERE.values()) <= values.keys()


async def test_an_account_at_a_provider_is_there_with_its_issuer(registry: Registry, clinic: Clinic) -> None:
    person = await sign_in(registry.office)
    values = (await collected(registry, person.id)).values
    assert values["profile"]["email"] == EMAIL
    (account,) = values["accounts"]
    assert (account["issuer"], account["subject"]) == (ISSUER, "sub-1")


async def test_who_looked_is_there_in_words(registry: Registry, clinic: Clinic) -> None:
    await live(registry.office)
    await appointments.mine(registry.office, NADIA)
    looks = (await collected(registry)).values["who_looked"]
    assert ("Nadia Behrens, therapist", "looked at your record") in {
        (each["who"], each["what"]) for each in looks
    }
    assert ("you", "booked an appointment of yours") in {(each["who"], each["what"]) for each in looks}


async def test_nothing_of_a_partner_is_in_it(registry: Registry, clinic: Clinic, clock: FakeClock) -> None:
    await shared_appointment(registry.office)
    await book(
        registry.office, MIKA, clock() + timedelta(days=3, hours=2), reason="Words of Mika's own, alone"
    )
    text = "\n".join((await unpacked(registry, clock)).values())
    assert "Words of Rosa's own" in text.replace("&#39;", "'")
    for partners in ("Mika", MIKA.id.hex(), "Words of Mika"):
        assert partners not in text


async def test_a_therapist_gets_their_own_profile_and_no_client(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    await live(registry.office)
    files = await unpacked(registry, clock, NADIA.id)
    values = json.loads(files["data.json"])
    assert values["profile"]["public_profile"]["title"] == "Psychologist"
    assert values["appointments"] == []
    assert "Rosa" not in "\n".join(files.values())
    assert REASON not in "\n".join(files.values())


async def test_the_calendar_says_when_and_nothing_else(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    first = await live(registry.office)
    second = await book(registry.office, ROSA, first.starts_at + timedelta(days=3))
    await appointments.cancel(registry.office, ROSA, second.id, new_key())
    text = (await unpacked(registry, clock))["appointments.ics"]
    events = Calendar.from_ical(text).walk("VEVENT")
    known = {str(event["UID"]) for event in events}
    assert len(known) == 2
    assert not known & {first.id.hex(), second.id.hex()}
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CANCELLED"]
    assert {str(event["SUMMARY"]) for event in events} == {"Appointment"}
    assert events[0].decoded("DTSTART") == first.starts_at
    assert events[0].decoded("DTEND") == first.ends_at
    assert "DTSTART:20261124T090000Z" in text
    assert text.endswith("END:VCALENDAR\r\n")
    for word in ("Nadia", "Individual", "therap", REASON, "Rosa", "LOCATION", "DESCRIPTION"):
        assert word not in text.replace("PRODID:-//telehealth//archive//EN", "")


async def test_what_is_not_settled_is_tentative_and_what_was_declined_is_cancelled(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    both = await place_both(registry.office, TEN)
    for weeks, state in ((1, "asked"), (2, "declined")):
        made = await book(registry.office, MIKA, TEN + timedelta(weeks=weeks))
        async with registry.office.database.transaction() as connection:
            mine = appointment_table.c.id == made.id
            await connection.execute(update(appointment_table).where(mine).values(state=state))
    await appointments.move(registry.office, ROSA, both, start=TEN + timedelta(weeks=3), key=new_key())
    for _ in range(2):
        text = (await unpacked(registry, clock, MIKA.id))["appointments.ics"]
        events = Calendar.from_ical(text).walk("VEVENT")
        assert [str(event["STATUS"]) for event in events] == ["TENTATIVE", "CANCELLED", "TENTATIVE"]
    async with registry.office.database.reading() as connection:
        assert await entries_of(connection, MIKA.id) == [], "no calendar was told of any"


async def test_the_calendar_knows_each_person_by_a_uid_of_their_own(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    """It is the one of the file that comes with a message, so that nothing stands in their calendar twice."""
    both = await place_both(registry.office, TEN)
    uids = []
    for person in (ROSA, MIKA):
        text = (await unpacked(registry, clock, person.id))["appointments.ics"]
        own = await own_calendar(registry.office, person, both)
        uids += [Calendar.from_ical(file).walk("VEVENT")[0]["UID"] for file in (text, own)]
    assert uids[0] == uids[1] != uids[2] == uids[3]


async def test_the_page_stands_alone_and_runs_nothing(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    person = await sign_in(registry.office, email=EMAIL)
    await book(registry.office, person, name="<script>alert(1)</script>", reason="<b>bold</b> & more")
    files = await unpacked(registry, clock, person.id)
    assert set(files) == {"index.html", "style.css", "data.json", "appointments.ics"}
    html = files["index.html"]
    assert not re.search(r"<script|https?://(?!provider\.example)|src=", html)
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in html
    assert set(re.findall(r'href="([^"]*)"', html)) <= files.keys()
    assert "url(" not in files["style.css"]
    assert "24 November 2026, 10:00" in html


async def test_an_archive_of_somebody_with_nothing_is_whole(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    files = await unpacked(registry, clock, MIKA.id)
    assert json.loads(files["data.json"])["appointments"] == []
    assert Calendar.from_ical(files["appointments.ics"]).walk("VEVENT") == []
    assert files["index.html"].count("There are none.") == 2


async def test_an_export_is_on_record(registry: Registry, clinic: Clinic) -> None:
    await collected(registry)
    assert (await types_about(registry.office, ROSA.id))[-1] == "person.export"


async def test_the_names_of_staff_in_it_are_looks_at_theirs(registry: Registry, clinic: Clinic) -> None:
    office: Office = registry.office
    await live(office)
    before = await types_about(office, NADIA.id)
    async with office.database.reading() as c:
        staff = list((await c.execute(select(metadata.tables["emergency_grants"].c.asked_by))).scalars())
    await collected(registry)
    assert NADIA.id not in staff
    assert await types_about(office, NADIA.id) == before
    assert (await types_about(office, staff[0]))[-1] == "record.look"


async def test_nobody_who_is_not_here_has_an_archive(registry: Registry, clinic: Clinic) -> None:
    with pytest.raises(NotFound) as refused:
        await collected(registry, b"nobody..........")
    assert refused.value.code == "person_not_found"


async def test_after_an_erasure_only_what_is_held_is_left_to_give(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    await live(registry.office)
    await holding.hold(registry.office, None, ROSA.id, cls="booking", reason="File 17")
    await acts.erase(registry, ROSA, ROSA.id)
    values = json.loads((await unpacked(registry, clock))["data.json"])
    assert values["profile"]["name"] is None
    assert values["appointments"][0]["what_you_wrote"] == REASON
    assert values["messages"] == values["passkeys"] == values["sessions"] == []
    assert values["emergency_access"][0]["reason"] == ""


def test_the_name_of_the_file_says_nothing(clock: FakeClock) -> None:
    assert name_of(clock()) == "data-2026-11-23.zip"
