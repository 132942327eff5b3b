"""What the words of every kind of notice are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.web.templating import clock, day


@dataclass(frozen=True)
class Words:
    """One message as it is read: `said` is what somebody wrote, word for word; `way` is (label, path).

    `about` is when the appointment is that it speaks of, so that messages of one kind can be told apart.
    """

    heading: str
    paragraphs: tuple[str, ...]
    said_by: str = ""
    said: str = ""
    after: tuple[str, ...] = ()
    way: tuple[str, str] | None = None
    about: str = ""


Kind = Callable[[Mapping[str, str], ZoneInfo, datetime], Words]  # body, the reader's zone, now
LOOKS = ("See who opened your record", "/looks")
SESSIONS = ("See where you are signed in", "/sessions")


def at(body: Mapping[str, str], zone: ZoneInfo, name: str = "at") -> str:
    """14:02 on Tuesday 24 November"""
    moment = datetime.fromisoformat(body[name]).astimezone(zone)
    return f"{clock(moment)} on {day(moment)}"


def capital(words: str) -> str:
    """The first letter large."""
    return words[:1].upper() + words[1:]
