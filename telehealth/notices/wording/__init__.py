"""The words of every kind of notice, a file for each noun. Times are said in the zone of whoever reads."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording import (
    appointments,
    calendars,
    couples,
    emergencies,
    hours,
    passkeys,
    reminders,
    staff,
    waiting,
)
from telehealth.notices.wording.words import LOOKS, SESSIONS, Kind, Words

__all__ = ["KINDS", "LOOKS", "SESSIONS", "Words", "words_of"]
KINDS: Mapping[str, Kind] = {
    **emergencies.KINDS,
    **passkeys.KINDS,
    **appointments.KINDS,
    **calendars.KINDS,
    **couples.KINDS,
    **hours.KINDS,
    **reminders.KINDS,
    **staff.KINDS,
    **waiting.KINDS,
}


def words_of(kind: str, body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    """The words of one notice; a kind of a newer release says at least that there is something."""
    return KINDS.get(kind, _unknown)(body, zone, now)


def _unknown(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "A message from the practice", ("We cannot show it here. Please ask the practice about it.",)
    )
