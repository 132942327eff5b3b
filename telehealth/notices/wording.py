"""The words of every kind of notice. Times are said in the zone of whoever reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.web.templating import clock, day


@dataclass(frozen=True)
class Words:
    """One message as it is read: `said` is what somebody wrote, word for word; `way` is (label, path)."""

    heading: str
    paragraphs: tuple[str, ...]
    said_by: str = ""
    said: str = ""
    after: tuple[str, ...] = ()
    way: tuple[str, str] | None = None


LOOKS = ("See who opened your record", "/looks")
SESSIONS = ("See where you are signed in", "/sessions")
UNNAMED = "a therapist of this practice"


def words_of(kind: str, body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    """The words of one notice; a kind of a newer release says at least that there is something."""
    return KINDS.get(kind, _unknown)(body, zone, now)


def _emergency_open(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    who, until = body.get("who") or UNNAMED, datetime.fromisoformat(body["until"])
    begin = datetime.fromisoformat(body["from"]).astimezone(zone)
    span = f"from {clock(begin)} on {day(begin)} until {_end(begin, until.astimezone(zone))} at the latest"
    second = body.get("confirmed_by") or "a second person of this practice"
    lets = "This lets" if now < until else "This let"
    return Words(
        "Your record was opened in an emergency",
        (
            f"{_capital(who)} asked to see your record, because they believed that you might be in danger. "
            f"{_capital(second)} read the reason and agreed. It takes both.",
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


def _emergency_end(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    who, ended = body.get("who") or UNNAMED, datetime.fromisoformat(body["at"]).astimezone(zone)
    return Words(
        "Your record is closed again",
        (
            f"{_capital(who)} had been given access in an emergency. It ended at {clock(ended)} on {day(ended)}, "
            f"earlier than it would have by itself. From then on, they see nothing of yours.",
        ),
        way=LOOKS,
    )


def _passkey_added(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "A passkey was added",
        (
            f"“{body['name']}” was added at {_at(body, zone)}. From now on it can be used to sign in as you.",
            "If that was you, all is well. If not, remove it, sign out everywhere else, and tell the practice.",
        ),
        way=SESSIONS,
    )


def _passkey_removed(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "A passkey was removed",
        (
            f"“{body['name']}” was removed at {_at(body, zone)}. It opens nothing here any more.",
            "If that was not you, sign out everywhere else, and tell the practice.",
        ),
        way=SESSIONS,
    )


def _at(body: Mapping[str, str], zone: ZoneInfo) -> str:
    at = datetime.fromisoformat(body["at"]).astimezone(zone)
    return f"{clock(at)} on {day(at)}"


def _unknown(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "A message from the practice", ("We cannot show it here. Please ask the practice about it.",)
    )


def _end(begin: datetime, end: datetime) -> str:
    return clock(end) if end.date() == begin.date() else f"{clock(end)} on {day(end)}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


KINDS: Mapping[str, Callable[[Mapping[str, str], ZoneInfo, datetime], Words]] = {
    "emergency_open": _emergency_open,
    "emergency_end": _emergency_end,
    "passkey_added": _passkey_added,
    "passkey_removed": _passkey_removed,
}
