"""The words of a reminder."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import Kind, Words
from telehealth.web.templating import clock, day


def _reminder(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    starts_at = datetime.fromisoformat(body["starts_at"]).astimezone(zone)
    return Words(
        "A reminder",
        (f"You have an appointment at {clock(starts_at)} on {day(starts_at)}.",),
        way=("See your appointments", "/appointments"),
    )


KINDS: Mapping[str, Kind] = {"reminder": _reminder}
