"""Pure decisions about the life of an appointment: held → booked → cancelled | attended | missed."""

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from telehealth.errors import Conflict, Invalid
from telehealth.person import Role

HELD_FOR = timedelta(minutes=5)
HELD_AT_PROVIDER = timedelta(minutes=15)
HOLDS_PER_ADDRESS = 3
EXPIRED_KEPT = timedelta(hours=1)  # an expired hold that nobody needs can still say what it was
OPENS_BEFORE = timedelta(minutes=15)
HOST_OPENS_BEFORE = timedelta(minutes=60)  # the therapist may prepare the room
CLOSES_AFTER = timedelta(minutes=60)
MAX_REASON = 2_000

State = Literal["held", "booked", "cancelled", "attended", "missed"]
Verb = Literal["book", "cancel", "attend", "miss"]
Company = Literal["together", "waiting", "alone"]

MOVES: dict[tuple[str, Verb], State] = {
    ("held", "book"): "booked",
    ("booked", "cancel"): "cancelled",
    ("booked", "attend"): "attended",
    ("booked", "miss"): "missed",
}
NOT_BOOKED = (
    "This appointment is not booked any more, so there is nothing to change. Your list shows what is."
)
NOT_HELD = "This time is not kept for you any more. Please choose a time again."


def moved(state: str, verb: Verb) -> State:
    """The state after `verb`; Conflict when an appointment in this state cannot do that."""
    after = MOVES.get((state, verb))
    if after is None:
        if verb == "book":
            raise Conflict("not_held", NOT_HELD)
        raise Conflict("not_booked", NOT_BOOKED)
    return after


def company(seats: int, clients: int, alone_since: datetime | None) -> Company | None:
    """Who comes, of an appointment for more than one: together, still waiting for the partner, or alone because the
    other declined or left. None for an appointment of one person's own."""
    if seats < 2:
        return None
    if alone_since is not None:
        return "alone"
    return "together" if clients > 1 else "waiting"


def is_expired(held_until: datetime, now: datetime) -> bool:
    """Whether a held time is free again."""
    return held_until <= now


def may_cancel(role: Role, state: str, *, starts_at: datetime, cancel_hours: int, now: datetime) -> bool:
    """Clients within the service's window; therapists and the front desk until the start."""
    if state != "booked" or role == "administrator":
        return False
    window = timedelta(hours=cancel_hours) if role == "client" else timedelta()
    return now <= starts_at - window


def opens_at(starts_at: datetime, role: Role) -> datetime:
    """When the door of the room opens for somebody."""
    return starts_at - (HOST_OPENS_BEFORE if role == "therapist" else OPENS_BEFORE)


def may_read_words(role: Role, viewer: bytes, author: bytes) -> bool:
    """Whether somebody who sees an appointment reads what `author` wrote: only the author and the therapist do."""
    return role == "therapist" or (role == "client" and viewer == author)


def reason_from(text: str) -> str:
    """What somebody wrote about why they come, white space at the ends removed; Invalid when too long."""
    reason = text.strip()
    if len(reason) > MAX_REASON:
        sentence = f"Please shorten this to {MAX_REASON:,} characters; it has {len(reason):,} now."
        raise Invalid("reason_too_long", sentence, fields={"reason": sentence})
    return reason


def local_start(starts_at: datetime, zone: ZoneInfo) -> str:
    """The wall clock of a start, such as 2026-11-25T18:30."""
    return starts_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def spoken(start: datetime, zone: ZoneInfo) -> str:
    """A start in words, such as Wednesday 25 November, 18:30."""
    local = start.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
