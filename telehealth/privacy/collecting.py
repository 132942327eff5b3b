"""Everything that is kept about one person, opened for that person alone: nothing of a partner's, nobody's secrets.

Each function returns plain JSON values; times are ISO 8601 in UTC.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from telehealth.appointments.models import case_members
from telehealth.audit.office import Work
from telehealth.calendars import store as calendars
from telehealth.calendars.subscribing import address_of
from telehealth.clinic import store as clinic
from telehealth.clinic.models import therapists
from telehealth.couples.models import invitations
from telehealth.emergency import acts as emergency
from telehealth.emergency.models import emergency_grants
from telehealth.emergency.store import Grant
from telehealth.looks.acts import acts_about
from telehealth.notices import entries
from telehealth.notices import store as notices
from telehealth.notices.choices import choices_of
from telehealth.notices.wording import words_of
from telehealth.passkeys.store import passkeys_of
from telehealth.people.models import accounts, identity_column, people, sessions
from telehealth.people.store import device_column, names_of, profile_of
from telehealth.person import Person
from telehealth.privacy import rules, store
from telehealth.privacy.attending import appointments_of, own_parts
from telehealth.privacy.calendar import Dated, dated
from telehealth.privacy.stamps import maybe, stamp
from telehealth.waiting import store as waiting

FORMAT = 1
ENTRIES_AT_MOST = 100_000
Plain = dict[str, Any]


@dataclass(frozen=True)
class Collected:
    """What stands in the archive: the values, and the appointments for the calendar."""

    values: Plain
    calendar: Sequence[Dated]


async def collect(work: Work, person: Person, *, practice: str, zone: ZoneInfo) -> Collected:
    """Open everything about this person. What a legal hold alone still keeps is there as well."""
    booked = await appointments_of(work, person)
    values: Plain = {
        "format": FORMAT,
        "made_at": stamp(work.now),
        "practice": practice,
        "profile": await _profile(work, person),
        "accounts": await _accounts(work, person),
        "sessions": await _sessions(work, person),
        "passkeys": await _passkeys(work, person),
        "appointments": await own_parts(work, person, booked),
        "couples": await _couples(work, person),
        "calendars": await _calendars(work, person),
        "waiting_list": await _waiting(work, person),
        "messages": await _messages(work, person, zone),
        "how_you_are_told": await _told(work, person),
        "emergency_access": await _emergencies(work, person),
        "legal_holds": await _holds(work, person),
        "who_looked": await _who_looked(work, person, zone),
    }
    return Collected(values, await dated(work, person.id, booked))


async def _profile(work: Work, person: Person) -> Plain:
    name, email = await profile_of(work.connection, work.ring, person.id)
    since = select(people.c.created_at).where(people.c.id == person.id)
    values: Plain = {
        "id": person.id.hex(),
        "role": person.role,
        "name": name,
        "email": email,
        "since": stamp((await work.connection.execute(since)).scalar_one()),
        "public_profile": {},
    }
    public = select(therapists).where(therapists.c.person_id == person.id)
    row = (await work.connection.execute(public)).mappings().one_or_none()
    if row is not None:
        names = ("name", "title", "pronouns", "specialties", "languages", "about", "zone")
        values["public_profile"] = {name: row[name] for name in names}
    return values


async def _accounts(work: Work, person: Person) -> list[Plain]:
    query = select(accounts).where(accounts.c.person_id == person.id).order_by(accounts.c.created_at)
    rows = (await work.connection.execute(query)).all()
    keys = await work.ring.records(work.connection, [person.id])
    found: list[Plain] = []
    for row in rows:
        identity = {"issuer": "", "subject": ""}
        if row.identity is not None and person.id in keys:
            identity = json.loads(keys[person.id].open("accounts", identity_column(row.id), 0, row.identity))
        found.append({**identity, "since": stamp(row.created_at)})
    return found


async def _sessions(work: Work, person: Person) -> list[Plain]:
    query = select(sessions).where(sessions.c.person_id == person.id).order_by(sessions.c.created_at)
    rows = (await work.connection.execute(query)).all()
    keys = await work.ring.records(work.connection, [person.id])
    return [
        {
            "device": ""
            if row.device is None
            else keys[person.id].open("sessions", device_column(row.id), 0, row.device),
            "with": row.provider,
            "since": stamp(row.created_at),
            "last_used": stamp(row.seen_at),
        }
        for row in rows
    ]


async def _passkeys(work: Work, person: Person) -> list[Plain]:
    return [
        {"name": each.name, "added": stamp(each.created_at), "last_used": maybe(each.used_at)}
        for each in await passkeys_of(work.connection, work.ring, person.id)
    ]


async def _waiting(work: Work, person: Person) -> list[Plain]:
    """What they wait for."""
    services = {each.id: each.name for each in await clinic.every_service(work.connection)}
    names = {each.id: each.name for each in await clinic.every_therapist(work.connection)}
    return [
        {
            "service": services[each.service_id],
            "with": "anyone" if each.wish.therapist_id is None else names[each.wish.therapist_id],
            "part_of_the_day": each.wish.part or "any",
            "until": stamp(each.before),
            "since": stamp(each.created_at),
        }
        for each in await waiting.entries_of(person, work.connection, work.ring)
    ]


async def _calendars(work: Work, person: Person) -> list[Plain]:
    """Where a therapist's busy times are read from; the times are theirs already, and nothing else of them is kept."""
    found = await calendars.calendars_of(person, work.connection)
    keys = await work.ring.records(work.connection, [each.id for each in found])
    return [
        {
            "address": address_of(keys[each.id], each),
            "state": each.state,
            "last_read": maybe(each.fetched_at),
        }
        for each in found
        if each.id in keys
    ]


async def _couples(work: Work, person: Person) -> list[Plain]:
    """The cases this person shares or shared, and the links they made; not with whom, who speaks for themselves."""
    query = select(case_members).where(case_members.c.person_id == person.id)
    member = (await work.connection.execute(query.order_by(case_members.c.joined_at))).all()
    made = select(invitations).where(invitations.c.invited_by == person.id).order_by(invitations.c.created_at)
    links = (await work.connection.execute(made)).all()
    return [
        {
            "since": stamp(each.joined_at),
            "left": maybe(each.left_at),
            "links_you_made": [
                {
                    "made": stamp(link.created_at),
                    "good_until": stamp(link.expires_at),
                    "used": maybe(link.accepted_at),
                    "withdrawn": maybe(link.withdrawn_at),
                }
                for link in links
                if link.case_id == each.case_id
            ],
        }
        for each in member
    ]


async def _messages(work: Work, person: Person, zone: ZoneInfo) -> list[Plain]:
    found = []
    for each in await notices.notices_of(work.connection, work.ring, person.id):
        words = words_of(each.kind, each.body, zone, work.now)
        said = [words.said_by, words.said] if words.said else []
        text = "\n\n".join([*words.paragraphs, *said, *words.after])
        sent: Plain = {"heading": words.heading, "text": text, "sent": stamp(each.created_at)}
        found.append({**sent, "read": maybe(each.read_at)})
    return found


async def _told(work: Work, person: Person) -> Plain:
    """What this person chose, what their calendar was told, and what they were reminded of."""
    chosen = (await choices_of(work.connection, work.ring, [person.id])).get(person.id)
    return {
        "choices": {} if chosen is None else asdict(chosen),
        "calendar": [
            {"uid": entry.uid, "state": entry.state, "starts_at": stamp(entry.starts_at)}
            for _, entry in await entries.entries_of(work.connection, person.id)
        ],
        "reminders": [
            {"made": stamp(made_at), "hours_before": hours}
            for made_at, hours in await entries.reminders_of(work.connection, person.id)
        ],
    }


async def _emergencies(work: Work, person: Person) -> list[Plain]:
    """Who was let see this record in an emergency, and why."""
    query = select(emergency_grants).where(emergency_grants.c.subject_id == person.id)
    grants = [Grant(**row._mapping) for row in await work.connection.execute(query)]
    staff = [id_ for each in grants for id_ in (each.asked_by, each.confirmed_by) if id_ is not None]
    names = await names_of(work.connection, work.ring, staff)
    await work.looked(entity="person", entity_id=person.id, subjects=list(names))
    found: list[Plain] = []
    for each in sorted(grants, key=lambda grant: grant.asked_at):
        _, reason = await emergency.words_of(work, each)
        second = b"" if each.confirmed_by is None else each.confirmed_by
        who = {"asked_by": names.get(each.asked_by, ""), "confirmed_by": names.get(second, "")}
        times = {"asked": stamp(each.asked_at), "from": maybe(each.confirmed_at)}
        found.append({**who, **times, "until": maybe(each.ended_at or each.ends_at), "reason": reason})
    return found


async def _holds(work: Work, person: Person) -> list[Plain]:
    found = await store.holds_of(work.connection, person.id)
    keys = await work.ring.records(work.connection, [each.id for each in found])
    return [
        {
            "keeps": rules.CLASS_WORDS[each.cls],
            "class": each.cls,
            "reason": keys[each.id].open("legal_holds", "reason", 0, each.reason) if each.id in keys else "",
            "since": stamp(each.set_at),
            "released": maybe(each.lifted_at),
        }
        for each in found
    ]


async def _who_looked(work: Work, person: Person, zone: ZoneInfo) -> list[Plain]:
    return [
        {
            "at": stamp(each.at),
            "who": "you" if each.who.is_reader else ", ".join(filter(None, (each.who.name, each.who.role))),
            "what": each.what,
            "refused": each.refused,
            "in_an_emergency": each.emergency,
        }
        for each in await acts_about(work, person, zone, limit=ENTRIES_AT_MOST)
    ]
