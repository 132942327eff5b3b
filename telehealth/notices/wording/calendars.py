"""What a therapist is told about their other calendars."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import Kind, Words


def _failing(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "We cannot read your other calendar",
        (
            "For some hours now, a calendar that you subscribed to could not be read. What we read last still counts "
            "as busy; what you add there is not seen here until it works again.",
            "The page of your calendars says what is wrong and what you can do.",
        ),
        way=("See your calendars", "/calendars"),
    )


KINDS: Mapping[str, Kind] = {"calendar_failing": _failing}
