"""Refusals on the wire: each has a stable code, a sentence, and a close code where the socket cannot stay open."""

NORMAL, TOO_LARGE, RESTARTING = 1000, 1009, 1012

CLOSE_CODES = {
    "malformed": 4400,
    "unknown_type": 4400,
    "unknown_field": 4400,
    "join_first": 4400,
    "too_many_candidates": 4400,
    "ticket_refused": 4401,
    "removed": 4403,
    "join_timeout": 4408,
    "seat_taken_over": 4409,
    "ended": 4410,
    "room_full": 4423,
    "too_fast": 4429,
    "slow_reader": 4430,
    "unavailable": 4503,
    "too_large": TOO_LARGE,
}

SENTENCES = {
    "malformed": "The message is not as agreed.",
    "unknown_type": "There is no such message.",
    "unknown_field": "The message has a field that is not agreed.",
    "join_first": "The first message must be join, and only the first.",
    "too_many_candidates": "More than 60 candidates came in one negotiation.",
    "ticket_refused": "This ticket opens nothing. Ask for a new one.",
    "removed": "You cannot be in this session any more.",
    "join_timeout": "No join came within five seconds.",
    "seat_taken_over": "The session was opened in another window or on another device.",
    "ended": "The session is over.",
    "too_fast": "Too many messages in too short a time.",
    "slow_reader": "Messages were not read in time.",
    "unavailable": "Whether you may come in cannot be asked at the moment. Try again in a few seconds.",
    "too_large": "The message is larger than 64 KiB, or a part of it is over its limit.",
    "not_host": "Only the therapist can do this.",
    "not_inside": "You are not in the room.",
    "no_such_seat": "That person is not there any more.",
    "room_full": "Four people are in the room already.",
    "divided": "Our servers cannot reach each other at the moment. Try again in a few seconds.",
    "reason_needed": "Not all who agreed are here. Say in a sentence why the session begins without them.",
    "locked": "The door is locked. Your therapist can open it.",
    "knock_too_soon": "Please wait ten seconds before you knock again.",
    "already_inside": "You are in the room already.",
}


class Refused(Exception):
    """What was asked is not done; the socket stays open."""

    def __init__(self, code: str) -> None:
        super().__init__(f"{code}: {SENTENCES[code]}")
        self.code = code


class Violation(Refused):
    """The protocol was broken, or the seat is lost: the socket is closed with the code's own close code."""


def close_code_of(error: Refused) -> int | None:
    """The one place that turns an error into a close code; None leaves the socket open."""
    return CLOSE_CODES.get(error.code, CLOSE_CODES["malformed"]) if isinstance(error, Violation) else None
