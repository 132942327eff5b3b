"""What is said of access in an emergency."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import LOOKS, Kind, Words, capital
from telehealth.web.templating import clock, day

UNNAMED = "a therapist of this practice"


def _open(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    who, until = body.get("who") or UNNAMED, datetime.fromisoformat(body["until"])
    begin = datetime.fromisoformat(body["from"]).astimezone(zone)
    span = f"from {clock(begin)} on {day(begin)} until {_end(begin, until.astimezone(zone))} at the latest"
    second = body.get("confirmed_by") or "a second person of this practice"
    lets = "This lets" if now < until else "This let"
    return Words(
        "Your record was opened in an emergency",
        (
            f"{capital(who)} asked to see your record, because they believed that you might be in danger. "
            f"{capital(second)} read the reason and agreed. It takes both.",
            f"{lets} {who} see your name, your e-mail address, your appointments, and what you wrote when you "
            f"booked them, {span}. Nothing can be changed in this way, and nobody can come into a session of yours.",
        ),
        said_by="The reason, as it was written:",
        said=body.get("why", ""),
        after=(
            "We tell you at once, because it is your record. What was really looked at, and when, stands in the "
            "list of those who opened it.",
            "If this surprises you, or should not have happened, tell the practice: it owes you an answer.",
        ),
        way=LOOKS,
    )


def _ended(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    who, ended = body.get("who") or UNNAMED, datetime.fromisoformat(body["at"]).astimezone(zone)
    return Words(
        "Your record is closed again",
        (
            f"{capital(who)} had been given access in an emergency. It ended at {clock(ended)} on {day(ended)}, "
            f"earlier than it would have by itself. From then on, they see nothing of yours.",
        ),
        way=LOOKS,
    )


def _end(begin: datetime, end: datetime) -> str:
    return clock(end) if end.date() == begin.date() else f"{clock(end)} on {day(end)}"


KINDS: Mapping[str, Kind] = {"emergency_open": _open, "emergency_end": _ended}
