"""Pure decisions about the life of an appointment: held → (asked →) booked → (moved)* → cancelled | attended | missed.

A request of a service that is confirmed first is asked, then booked or declined; nobody waits for an answer for ever.
"""

from datetime import UTC, datetime, timedelta
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
CORRECTED_WITHIN = timedelta(days=7)  # after the end, a therapist may still say how it went
SHORTEST_ANSWER = timedelta(hours=2)
MAX_REASON = 2_000
MAX_MESSAGE = 1_000
MAX_PROPOSALS = 5
MAX_SERIES = 26

State = Literal["held", "asked", "booked", "cancelled", "declined", "attended", "missed"]
Verb = Literal["ask", "book", "confirm", "decline", "lapse", "take", "move", "cancel", "attend", "miss"]
Company = Literal["together", "waiting", "alone"]

# A declined request comes back to life when its client takes one of the times proposed instead. Attended and missed
# lead to each other, since a therapist may correct what was derived.
MOVES: dict[tuple[str, Verb], State] = {
    ("held", "ask"): "asked",
    ("held", "book"): "booked",
    ("asked", "confirm"): "booked",
    ("asked", "decline"): "declined",
    ("asked", "lapse"): "declined",
    ("asked", "move"): "asked",
    ("asked", "cancel"): "cancelled",
    ("declined", "take"): "booked",
    ("booked", "take"): "booked",
    ("booked", "move"): "booked",
    ("booked", "cancel"): "cancelled",
    ("booked", "attend"): "attended",
    ("booked", "miss"): "missed",
    ("attended", "attend"): "attended",
    ("attended", "miss"): "missed",
    ("missed", "attend"): "attended",
    ("missed", "miss"): "missed",
}
NOT_BOOKED = (
    "This appointment is not booked any more, so there is nothing to change. Your list shows what is."
)
NOT_HELD = "This time is not kept for you any more. Please choose a time again."
NOT_ASKED = (
    "This request has been answered or withdrawn meanwhile. The page of the appointment shows how it stands."
)


def moved(state: str, verb: Verb) -> State:
    """The state after `verb`; Conflict when an appointment in this state cannot do that."""
    after = MOVES.get((state, verb))
    if after is None:
        if verb in ("ask", "book"):
            raise Conflict("not_held", NOT_HELD)
        if verb in ("confirm", "decline", "lapse"):
            raise Conflict("not_asked", NOT_ASKED)
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


def free_until(starts_at: datetime, cancel_hours: int) -> datetime:
    """Until when, this moment included, a client moves an appointment and cancels it without being late."""
    return starts_at - timedelta(hours=cancel_hours)


def window(cancel_hours: int, offered_at: datetime | None) -> int:
    """How many hours before the start a client must have moved or cancelled: none while the practice itself asks for
    another time."""
    return cancel_hours if offered_at is None else 0


def may_move(role: Role, state: str, *, starts_at: datetime, cancel_hours: int, now: datetime) -> bool:
    """Clients within the service's window; therapists and the front desk until the start, what is booked alone."""
    if now >= starts_at:
        return False
    if role == "client":
        return state in ("asked", "booked") and now <= free_until(starts_at, cancel_hours)
    return role != "administrator" and state == "booked"


def may_cancel(role: Role, state: str, *, starts_at: datetime, now: datetime) -> bool:
    """Everybody concerned until the start; after the window a client's cancelling is late (`is_late`)."""
    return role != "administrator" and state in ("asked", "booked") and now < starts_at


def is_late(role: Role, state: str, *, starts_at: datetime, cancel_hours: int, now: datetime) -> bool:
    """Whether cancelling now counts as late: a client's only, and nothing is late that was not confirmed yet."""
    return role == "client" and state == "booked" and now > free_until(starts_at, cancel_hours)


def may_answer(role: Role, state: str, *, starts_at: datetime, now: datetime) -> bool:
    """Whether somebody may confirm or decline a request: its therapist, before the start."""
    return role == "therapist" and state == "asked" and now < starts_at


def may_judge(role: Role, state: str, *, starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether somebody may say how it went: its therapist, from the start until a week after the end."""
    over = state in ("booked", "attended", "missed")
    return role == "therapist" and over and starts_at <= now <= ends_at + CORRECTED_WITHIN


def state_after_move(role: Role, state: str, *, confirms_first: bool) -> State:
    """A client who moves what a therapist confirms first asks anew; else a move changes the time alone."""
    after = moved(state, "move")
    return "asked" if role == "client" and confirms_first else after


def answer_by(starts_at: datetime, asked_at: datetime, notice_minutes: int) -> datetime:
    """When a request lapses: a day before the start; where it was asked too late for that, at the service's notice;
    and where even that leaves less than two hours, at the start."""
    for before in (timedelta(days=1), timedelta(minutes=notice_minutes)):
        if starts_at - before - asked_at >= SHORTEST_ANSWER:
            return starts_at - before
    return starts_at


def policy(starts_at: datetime, cancel_hours: int, zone: ZoneInfo, now: datetime) -> str:
    """What a client can still change and until when, in one sentence or two, said before they book and after."""
    until = free_until(starts_at, cancel_hours)
    if cancel_hours == 0:
        return "You can move or cancel this until it begins."
    if now <= until:
        return (
            f"You can move or cancel this until {spoken(until, zone)}. After that it cannot be moved here, and "
            f"cancelling counts as late."
        )
    hours = "an hour" if cancel_hours == 1 else f"{cancel_hours} hours"
    return (
        f"It begins in less than {hours}, so it cannot be moved here. You can cancel until it begins, and that "
        f"counts as late."
    )


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


def message_from(text: str) -> str:
    """What staff write to a client with a change, white space at the ends removed; Invalid when too long."""
    message = text.strip()
    if len(message) > MAX_MESSAGE:
        sentence = f"Please shorten this to {MAX_MESSAGE:,} characters; it has {len(message):,} now."
        raise Invalid("message_too_long", sentence, fields={"message": sentence})
    return message


def series(start: datetime, zone: ZoneInfo, *, every: int, times: int) -> list[tuple[datetime, bool]]:
    """Starts (aware UTC) every week or two at the same time of the wall clock, each with whether that time exists on
    its day; a repeated hour is its first occurrence. `every` 0 is one start alone. Invalid "series" otherwise."""
    if every not in (0, 1, 2) or not 1 <= times <= MAX_SERIES or (every == 0) != (times == 1):
        sentence = f"A series repeats every week or every two weeks, and has 2 to {MAX_SERIES} appointments."
        raise Invalid("series", sentence, fields={"times": sentence})
    first = start.astimezone(zone).replace(tzinfo=None)
    found = []
    for count in range(times):
        local = first + timedelta(weeks=every * count)
        moment = local.replace(tzinfo=zone).astimezone(UTC)
        found.append((moment, moment.astimezone(zone).replace(tzinfo=None) == local))
    return [(start.astimezone(UTC), True), *found[1:]]


def local_start(starts_at: datetime, zone: ZoneInfo) -> str:
    """The wall clock of a start, such as 2026-11-25T18:30."""
    return starts_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")


def spoken(start: datetime, zone: ZoneInfo) -> str:
    """A start in words, such as Wednesday 25 November, 18:30."""
    local = start.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B}, {local:%H:%M}"
