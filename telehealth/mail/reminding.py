"""Reminders: each is made once, for whoever wants it, of an appointment that is still booked for that time.

Who was asked to come at a time that their partner chose is reminded once they have said yes.
"""

from dataclasses import dataclass
from datetime import timedelta

from telehealth.audit.office import Office, Work
from telehealth.mail import store
from telehealth.mail.preparing import REMINDER
from telehealth.mail.store import Meeting
from telehealth.notices import acts as notices
from telehealth.notices import entries
from telehealth.notices.choices import choices_of
from telehealth.notices.rules import REMINDERS, preferences_unless_chosen, reminders_due

LONGEST_AHEAD = timedelta(hours=max(REMINDERS))


@dataclass(frozen=True)
class Due:
    """One reminder that is to be made."""

    meeting: Meeting
    person_id: bytes
    hours: int


async def turn(office: Office) -> int:
    """Make every reminder that is due; returns how many. Safe beside other workers, and after one that was killed."""
    made = 0
    for due in await office.act(None, _all_due):
        made += await office.act(None, lambda work, due=due: _make(work, due))  # type: ignore[misc]
    return made


async def _all_due(work: Work) -> list[Due]:
    c, now = work.connection, work.now
    ahead = await store.meetings_ahead(c, now, now + LONGEST_AHEAD)
    done = await entries.reminded_of(c, [each.id for each in ahead])
    people = list(dict.fromkeys(id_ for each in ahead for id_ in each.party_ids))
    roles, chosen = await store.roles_of(c, people), await choices_of(c, work.ring, people)
    wishes = {
        id_: chosen.get(id_) or preferences_unless_chosen(staff=role in store.STAFF)
        for id_, role in roles.items()
    }
    return [
        Due(each, person_id, hours)
        for each in ahead
        for person_id in each.coming_ids
        if person_id in wishes
        for hours in reminders_due(each.starts_at, each.created_at, now, wishes[person_id].hours)
        if (each.id, person_id, hours, each.starts_at) not in done
    ]


async def _make(work: Work, due: Due) -> bool:
    """In one transaction: the row that says that it was made, the notice, and the mail."""
    meeting = await store.meeting(work.connection, due.meeting.id)
    if meeting is None or meeting.state != "booked" or meeting.starts_at != due.meeting.starts_at:
        return False
    if due.person_id not in meeting.coming_ids:
        return False
    if not await entries.remind_once(work, meeting.id, due.person_id, due.hours, meeting.starts_at):
        return False
    body = {"starts_at": meeting.starts_at.isoformat(), "hours": str(due.hours)}
    await notices.announce(work, due.person_id, REMINDER, body, appointment_id=meeting.id, quiet=True)
    return True
