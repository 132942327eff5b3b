"""What is one's own: how one wishes to be told, and the file for one's calendar."""

from collections.abc import Mapping

from telehealth.appointments.reading import NOT_FOUND
from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.mail import preparing, store
from telehealth.mail.calendar_file import calendar_file
from telehealth.notices import choices as kept
from telehealth.notices import entries
from telehealth.notices.rules import Preferences, State, preferences_of
from telehealth.person import Person
from telehealth.repeats import answers

IN_CALENDARS = ("booked", "attended", "missed", "cancelled")
NOT_IN_CALENDARS = "This appointment is not settled yet. Once it is, it can go into your calendar."


async def choices(office: Office, person: Person) -> Preferences:
    """What this person chose, or what holds unless they do."""

    async def act(work: Work) -> Preferences:
        chosen = await preparing.chosen_by(work, person.id)
        await work.looked(entity="person", entity_id=person.id, subjects=[person.id])
        return chosen

    return await office.act(person, act)


async def choose(office: Office, person: Person, form: Mapping[str, str], key: str) -> Preferences:
    """Keep what this person chose. Invalid, with the field, for what was not offered; once more is the same."""
    chosen, claimed = preferences_of(form), answers.key_from(key)

    async def act(work: Work) -> Preferences:
        if await answers.claim(work, person, claimed, ["preferences", chosen.text()]) is None:
            await kept.keep(work.connection, work.ring, person.id, chosen)
            await work.audit(
                "preferences.change", "U", entity="person", entity_id=person.id, subjects=[person.id]
            )
            await answers.keep(work, person, claimed, person.id)
        return chosen

    return await office.act(person, act)


async def calendar(office: Office, person: Person, appointment_id: bytes) -> bytes:
    """One appointment for this person's own calendar; NotFound, on record, for everyone who takes no part in it."""

    async def act(work: Work) -> bytes:
        meeting = await store.meeting(work.connection, appointment_id)
        if meeting is None or person.id not in meeting.party_ids:
            raise NotFound("appointment_not_found", NOT_FOUND, about=("appointment", appointment_id))
        state: State = "cancelled" if meeting.state in preparing.OVER else "booked"
        entry = None
        is_settled = meeting.state in preparing.OVER or person.id in meeting.coming_ids
        if meeting.state in IN_CALENDARS and is_settled:
            entry = await entries.told(
                work,
                meeting.id,
                person.id,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                state=state,
            )
        if entry is None:
            raise NotFound("not_in_calendars", NOT_IN_CALENDARS, about=("appointment", appointment_id))
        subjects = meeting.client_ids if person.id in meeting.therapist_ids else [person.id]
        await work.looked(entity="appointment", entity_id=meeting.id, subjects=subjects)
        return calendar_file(entry, work.now)

    return await office.act(person, act)
