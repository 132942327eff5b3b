"""Pure decisions about the door of a room, and about what came of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from telehealth.appointments.rules import CLOSES_AFTER
from telehealth.appointments.rules import opens_at as opens_for
from telehealth.errors import Invalid

LATE_AFTER = timedelta(minutes=10)
TICKET_LIVES = timedelta(seconds=30)
PROBE_LASTS = timedelta(minutes=3)
CHECK_LASTS = timedelta(minutes=30)  # at most, the wait for one's turn included
MAX_PLACE = 300
MAX_CONTACT = 200

ANSWERS = ("good", "rough", "failed")
PARTS = ("sound", "picture", "line")
SAID_FOR = timedelta(days=2)
ENOUGH_ANSWERS = 5  # fewer might show who they are of

Door = Literal["early", "open", "over"]
Ice = Literal["all", "relay"]
Outcome = Literal["attended", "late", "missed", "technical"]
WAYS: tuple[Ice, ...] = ("all", "relay")
OPEN_STATES = frozenset({"booked", "attended"})


@dataclass(frozen=True)
class Presence:
    """One seat: when its person first came to the open door, and when their page first said that it was connected."""

    host: bool
    came_at: datetime | None
    connected_at: datetime | None


@dataclass(frozen=True)
class Whereabouts:
    """Where a client is during a session, and whom to call, a line each; empty where they said nothing."""

    place: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Impression:
    """How sound and picture were, and where it was not good what was wrong, if that was said."""

    answer: str
    part: str = ""


def impression_from(answer: str, part: str) -> Impression:
    """From the two clicks of a form; Invalid "not_an_impression"."""
    if answer not in ANSWERS or part not in ("", *PARTS):
        raise Invalid("not_an_impression", "Please choose one of the answers.")
    return Impression(answer, "" if answer == "good" else part)


def new_words(told: int, said: Impression) -> list[str]:
    """What of it is to be counted: `told` 0 is of somebody who has said nothing, 1 how it was, 2 what was wrong."""
    return ([said.answer] if told == 0 else []) + ([said.part] if told < 2 and said.part else [])


def may_say_how(ends_at: datetime, now: datetime) -> bool:
    """Whether it is not too long ago to be asked how it was."""
    return now < ends_at + SAID_FOR


def is_enough(counts: Mapping[str, int]) -> bool:
    """Whether so many answered that nobody is known by it."""
    return sum(counts[each] for each in ANSWERS) >= ENOUGH_ANSWERS


def whereabouts_from(place: str, contact: str) -> Whereabouts:
    """What a client typed, white space folded; Invalid "whereabouts_too_long" with the fields that are."""
    lines = {"place": (place, MAX_PLACE), "contact": (contact, MAX_CONTACT)}
    said = {name: " ".join(text.split()) for name, (text, _) in lines.items()}
    long = {
        name: f"Please shorten this to {most} characters; it has {len(said[name]):,} now."
        for name, (_, most) in lines.items()
        if len(said[name]) > most
    }
    if long:
        raise Invalid("whereabouts_too_long", next(iter(long.values())), fields=long)
    return Whereabouts(**said)


def opens_at(starts_at: datetime, *, host: bool) -> datetime:
    """When the door opens: 15 min before the start for clients, an hour for the therapist."""
    return opens_for(starts_at, "therapist" if host else "client")


def ice_policy(kept: Ice | None, setting: Ice, *, for_partners: bool, has_relay: bool) -> Ice:
    """By which ways those in a room reach each other; `kept` is what the practice had chosen when it was made.

    Partners who come from two places are not to learn each other's network address, where nobody has chosen otherwise.
    """
    if kept is not None:
        return kept
    return "relay" if for_partners and has_relay else setting


def closes_at(ends_at: datetime) -> datetime:
    """When the room closes by itself."""
    return ends_at + CLOSES_AFTER


def door(
    *, state: str, starts_at: datetime, ends_at: datetime, ended: bool, host: bool, now: datetime
) -> Door:
    """Whether this person may come to the door now."""
    if state not in OPEN_STATES or ended or now >= closes_at(ends_at):
        return "over"
    return "early" if now < opens_at(starts_at, host=host) else "open"


def came(starts_at: datetime, presences: Collection[Presence]) -> list[Presence]:
    """Those who came since the door opened: what was before belongs to a time from which it was moved."""
    return [
        each
        for each in presences
        if each.came_at is not None and each.came_at >= opens_at(starts_at, host=each.host)
    ]


def outcome(starts_at: datetime, presences: Collection[Presence], *, failed: bool = False) -> Outcome | None:
    """How an appointment went, from who came to the door, and whether a connection between them stood.

    A client who came and was connected to nobody was there: that is a technical failure, never a missed appointment.
    So it is where somebody who was there says that it `failed`. Missed is only what a therapist came to and no client
    did. None when nobody came: the record does not know.
    """
    there = came(starts_at, presences)
    clients = [each.came_at for each in there if not each.host and each.came_at is not None]
    if clients and not failed and any(each.connected_at is not None for each in there):
        return "late" if min(clients) > starts_at + LATE_AFTER else "attended"
    if clients:
        return "technical"
    return "missed" if there else None
