"""The wire of PROTOCOL.md: strict decoding and encoding. Pure.

A relayed body is checked for its sizes and passed on as the bytes it came in.
"""

import base64
import binascii
import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from signaling.errors import Violation

VERSION = 1
FRAME_BYTES = 64 * 1024
SDP_BYTES = 32 * 1024
CANDIDATE_BYTES = 1024
CANDIDATES_PER_NEGOTIATION = 60
MAX_SEATS = 4
MAX_APART = 3

SeatId = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Sentence = Annotated[str, Meta(max_length=200)]
Ticket = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]
T = TypeVar("T")


def _tag(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Message(Struct, forbid_unknown_fields=True, tag=_tag):
    """One message from a browser."""


class Join(Message):
    """The first one; version 1."""

    ticket: Ticket
    version: int


class Knock(Message):
    """May I come in?"""


class Admit(Message):
    """Let a seat in; `reason` says why not all who agreed are there."""

    seat: SeatId
    reason: Sentence = ""


class AdmitAll(Message):
    """Let in everybody who waits."""

    reason: Sentence = ""


class Refuse(Message):
    """Not now, with an optional sentence."""

    seat: SeatId
    text: Sentence = ""


class Back(Message):
    """Out of the room, to wait at the door again."""

    seat: SeatId


class Remove(Message):
    """Out, for good."""

    seat: SeatId


class Groups(Message):
    """Who speaks apart from the others: up to three groups of seats; none brings all together."""

    apart: Annotated[
        list[Annotated[list[SeatId], Meta(min_length=1, max_length=MAX_SEATS)]], Meta(max_length=MAX_APART)
    ]


class Lock(Message):
    """Lock or unlock the door."""

    locked: bool


class End(Message):
    """End the session for everyone."""


class Leave(Message):
    """Go politely."""


class Offer(Message):
    """A session description for another seat."""

    to: SeatId
    body: Raw


class Answer(Message):
    """Its answer."""

    to: SeatId
    body: Raw


class Candidates(Message):
    """ICE candidates, gathered within a few milliseconds."""

    to: SeatId
    body: Raw


class Differ(Message):
    """The safety words with this seat were not the same."""

    to: SeatId


class Ping(Message):
    """Does this socket still reach the server?"""


class Media(Message):
    """Whether this seat sends sound and picture."""

    microphone: bool
    camera: bool


class Signal(Message):
    """A word from the door to the therapist alone."""

    kind: Literal["not_alone", "not_safe"]


Door = Knock | Admit | AdmitAll | Refuse | Back | Signal
Talk = Offer | Answer | Candidates | Media | Differ | Ping
Incoming = Join | Door | Remove | Groups | Lock | End | Leave | Talk
Relayed = Offer | Answer | Candidates


class Description(Struct, forbid_unknown_fields=True):
    """The body of an offer or answer."""

    sdp: str


class Candidate(Struct, forbid_unknown_fields=True):
    """RTCIceCandidateInit."""

    candidate: str
    sdpMid: str | None = None  # noqa: N815 - the name in W3C WebRTC
    sdpMLineIndex: Annotated[int, Meta(ge=0, le=255)] | None = None  # noqa: N815
    usernameFragment: Annotated[str, Meta(max_length=256)] | None = None  # noqa: N815


class _Tagged(Struct):
    type: str


_incoming = msgspec.json.Decoder(Incoming)
_tagged = msgspec.json.Decoder(_Tagged)
_description = msgspec.json.Decoder(Description)
_candidates = msgspec.json.Decoder(list[Candidate])
_encoder = msgspec.json.Encoder()
TYPES = frozenset(str(kind.__struct_config__.tag) for kind in Message.__subclasses__())


def decode(frame: str | bytes) -> Incoming:
    """One frame from a browser. Raises Violation with malformed, unknown_type, unknown_field or too_large."""
    if len(frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame) > FRAME_BYTES:
        raise Violation("too_large")
    try:
        message: Incoming = _incoming.decode(frame)
    except msgspec.ValidationError as error:
        raise Violation(_flaw(frame, error)) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Violation("malformed") from error
    if not _is_agreed(message):
        raise Violation("malformed")
    return message


def _is_agreed(message: Incoming) -> bool:
    if isinstance(message, Groups):
        seats = [seat for group in message.apart for seat in group]
        return len(seats) == len(set(seats))
    return not isinstance(message, Join) or message.version == VERSION


def _flaw(frame: str | bytes, error: msgspec.ValidationError) -> str:
    try:
        kind = _tagged.decode(frame).type
    except (msgspec.DecodeError, RecursionError):
        return "malformed"
    if kind not in TYPES:
        return "unknown_type"
    return "unknown_field" if "unknown field" in str(error) else "malformed"


def candidates_in(message: Relayed) -> int:
    """Check a body's form and sizes; returns how many candidates it carries (0 for a description)."""
    if isinstance(message, Candidates):
        found = _body(_candidates, message.body)
        if any(len(each.candidate.encode("utf-8", "surrogatepass")) > CANDIDATE_BYTES for each in found):
            raise Violation("too_large")
        if not found:
            raise Violation("malformed")
        return len(found)
    if len(_body(_description, message.body).sdp.encode("utf-8", "surrogatepass")) > SDP_BYTES:
        raise Violation("too_large")
    return 0


def _body(decoder: "msgspec.json.Decoder[T]", body: Raw) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Violation("unknown_field" if "unknown field" in str(error) else "malformed") from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Violation("malformed") from error


def ticket_of(message: Join) -> bytes:
    """The 32 bytes of a ticket."""
    try:
        return base64.urlsafe_b64decode(message.ticket + "=")
    except binascii.Error as error:
        raise Violation("ticket_refused") from error


def relayed(message: Relayed, sender: str) -> bytes:
    """The frame for the other seat: the same body under `from`."""
    kind = type(message).__name__.lower()
    return b'{"type":"%s","from":"%s","body":%s}' % (kind.encode(), sender.encode(), bytes(message.body))


def encode(kind: str, /, **fields: Any) -> bytes:
    """One frame to a browser; datetimes become ISO 8601 in UTC."""
    return _encoder.encode({"type": kind, **fields})
