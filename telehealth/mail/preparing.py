"""From a notice to the mail that tells of it: whether it may go at all, and what it says to its reader."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from telehealth.audit.office import Work
from telehealth.clinic import store as clinic
from telehealth.mail import store
from telehealth.mail.calendar_file import Invitation, calendar_file, method_of
from telehealth.mail.letters import Appointed, Sender, attach, letter
from telehealth.mail.store import Meeting, Recipient, Told
from telehealth.notices import entries
from telehealth.notices.choices import choices_of
from telehealth.notices.rules import STALE, CalendarEntry, Preferences, State, preferences_unless_chosen
from telehealth.web.templating import zone_named

REMINDER = "reminder"
OVER = ("cancelled", "declined")
UNSURE = ("asked",)


@dataclass(frozen=True)
class Standing:
    """How one person stands to an appointment: what their calendar is told, and the word for what changed."""

    starts_at: datetime
    ends_at: datetime
    change: str
    entry: CalendarEntry | None


async def prepare(work: Work, notice_id: bytes, sender: Sender, zone: str) -> EmailMessage | None:
    """The mail of a notice; None when none is to go. `zone` is the practice's. Its calendar is told in this
    transaction, before the server has the mail: told the same again, nothing is counted up."""
    notice = await store.told(work.connection, work.ring, notice_id)
    if notice is None or notice.created_at < work.now - STALE:
        return None
    to = await store.recipient(work.connection, work.ring, notice.person_id)
    chosen = await chosen_by(work, notice.person_id)
    meeting = None
    if notice.appointment_id is not None:
        meeting = await store.meeting(work.connection, notice.appointment_id)
    if to is None or not may_go(notice, to, chosen, meeting, work.now):
        return None
    standing = None if meeting is None else await _standing(work, meeting, to.person_id, notice.kind)
    about = None
    if meeting is not None and standing is not None:
        about = await _appointed(
            work, meeting, standing, to.person_id, chosen, zone_named(chosen.zone) or ZoneInfo(zone)
        )
    mail = letter(sender, to.address, message_id=work.pseudonym(notice_id).hex(), about=about, now=work.now)
    if standing is not None and standing.entry is not None:
        invitation = Invitation(organizer=sender.address, attendee=to.address)
        attach(mail, calendar_file(standing.entry, work.now, invitation), method_of(standing.entry))
    return mail


async def chosen_by(work: Work, person_id: bytes) -> Preferences:
    """What somebody chose, or what holds unless they do."""
    chosen = (await choices_of(work.connection, work.ring, [person_id])).get(person_id)
    if chosen is not None:
        return chosen
    role = (await store.roles_of(work.connection, [person_id])).get(person_id)
    return preferences_unless_chosen(staff=role in store.STAFF)


def may_go(notice: Told, to: Recipient, chosen: Preferences, meeting: Meeting | None, now: datetime) -> bool:
    """Whether somebody wants mail, the mailbox is theirs to read alone, and it is still true."""
    if chosen.channel == "none":
        return False
    of_both = meeting is not None and meeting.for_two and to.person_id in meeting.party_ids
    if to.shared and not of_both and not chosen.alone:
        return False
    return notice.kind != REMINDER or _still_ahead(notice, meeting, now)


def _still_ahead(notice: Told, meeting: Meeting | None, now: datetime) -> bool:
    starts_at = datetime.fromisoformat(notice.body["starts_at"])
    if meeting is None or notice.person_id not in meeting.coming_ids:
        return False
    return meeting.state == "booked" and meeting.starts_at == starts_at > now


async def _standing(work: Work, meeting: Meeting, person_id: bytes, kind: str) -> Standing | None:
    """None for somebody who takes no part in it and never did."""
    takes_part = person_id in meeting.party_ids
    if takes_part and meeting.state in UNSURE:
        return Standing(meeting.starts_at, meeting.ends_at, "not confirmed yet", None)
    comes = person_id in meeting.coming_ids
    state: State = "booked" if comes and meeting.state not in OVER else "cancelled"
    entry = await entries.told(
        work, meeting.id, person_id, starts_at=meeting.starts_at, ends_at=meeting.ends_at, state=state
    )
    if (
        takes_part and not comes and meeting.state not in OVER
    ):  # the old time is theirs no more, the new one not yet
        return Standing(meeting.starts_at, meeting.ends_at, "new time, please answer", entry)
    if entry is not None:
        moved = "new time" if entry.sequence and kind != REMINDER else ""
        return Standing(entry.starts_at, entry.ends_at, state if state == "cancelled" else moved, entry)
    if not takes_part:
        return None
    return Standing(meeting.starts_at, meeting.ends_at, meeting.state, None)


async def _appointed(
    work: Work, meeting: Meeting, standing: Standing, reader: bytes, chosen: Preferences, zone: ZoneInfo
) -> Appointed:
    starts_at, ends_at = standing.starts_at.astimezone(zone), standing.ends_at.astimezone(zone)
    if chosen.level == "neutral":
        return Appointed(starts_at, ends_at, standing.change)
    services = {each.id: each.public_name for each in await clinic.every_service(work.connection)}
    therapists = {each.id: each.name for each in await clinic.every_therapist(work.connection)}
    others = [therapists[id_] for id_ in meeting.therapist_ids if id_ != reader and id_ in therapists]
    what = services.get(meeting.service_id, "Appointment")
    return Appointed(starts_at, ends_at, standing.change, what, " and ".join(others))
