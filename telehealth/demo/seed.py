"""Filling the demo clinic, through the same sealing and record as everything else; a second run adds nothing."""

from collections.abc import Sequence
from datetime import timedelta

from telehealth.audit.office import Office, Work
from telehealth.availability import store as hours
from telehealth.availability.clock import DAY
from telehealth.availability.rules import Dated, Weekly, Workload
from telehealth.clinic import store as clinic_store
from telehealth.clinic.store import EmergencyNumber, Service, Therapist
from telehealth.demo.clinic import GRID, NUMBERS, OFFERS, POLICIES, PROFILES, Offer, Profile
from telehealth.demo.folder import Folder
from telehealth.people import acts as people
from telehealth.person import Person


async def clinic(office: Office, folder: Folder) -> dict[str, Person]:
    """Everybody, and what the clinic offers. Returns the people by key."""
    members = {
        account.key: await people.make_known(
            office,
            issuer=folder.issuer,
            subject=account.subject,
            role=account.role,
            name=account.name,
            email=account.email,
        )
        for account in folder.accounts
    }

    async def fill(work: Work) -> None:
        if await clinic_store.services(work.connection):
            return
        for position, profile in enumerate(PROFILES):
            await _add_therapist(work, members[profile.key].id, profile, position)
        for position, offer in enumerate(OFFERS):
            await _add_service(work, offer, [members[key].id for key in offer.by], position)
        await clinic_store.keep_policies(work.connection, POLICIES)
        for number in NUMBERS:
            new = EmergencyNumber(work.chance(16), number.label, number.number, number.region, number.place)
            await clinic_store.add_number(work.connection, new)

    await office.act(members["administrator"], fill)
    return members


async def _add_therapist(work: Work, person_id: bytes, profile: Profile, position: int) -> None:
    await clinic_store.add_therapist(
        work.connection,
        Therapist(
            id=person_id,
            slug=profile.slug,
            name=profile.name,
            title=profile.title,
            pronouns=profile.pronouns,
            specialties=profile.specialties,
            languages=profile.languages,
            about=profile.about,
            zone=profile.zone,
            position=position,
        ),
    )
    for weekday, start, end in profile.hours:
        rule = Weekly(weekday, start.hour * 60 + start.minute, end.hour * 60 + end.minute)
        await hours.add_hours(work.connection, work.chance(16), person_id, rule)
    if profile.vacation is not None:
        first, last = (work.now.date() + timedelta(days=count) for count in profile.vacation)
        away = Dated(first, "off", 0, DAY, last_day=last)
        await hours.add_exception(work.connection, work.chance(16), person_id, away)
    if profile.break_minutes:
        await hours.set_workload(work.connection, person_id, Workload(profile.break_minutes))


async def _add_service(work: Work, offer: Offer, by: Sequence[bytes], position: int) -> None:
    await clinic_store.add_service(
        work.connection,
        Service(
            id=work.chance(16),
            slug=offer.slug,
            name=offer.name,
            public_name=offer.public_name,
            summary=offer.summary,
            minutes=offer.minutes,
            buffer_before=0,
            buffer_after=offer.buffer_after,
            seats=offer.seats,
            grid_minutes=GRID,
            notice_minutes=offer.notice_minutes,
            horizon_days=offer.horizon_days,
            cancel_hours=offer.cancel_hours,
            price_text=offer.price_text,
            position=position,
            therapist_ids=tuple(by),
            therapists_needed=offer.therapists_needed,
            confirms_first=offer.confirms_first,
        ),
    )
