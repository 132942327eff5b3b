"""Safety words (TSAS1): the reference beside `frontend/static/js/room/words.js`. Pure.

No server takes part in it: the two pages speak over a data channel. This twin is there so that the formulas have a
second implementation and the order of the messages can be attacked many thousand times. docs/safety-words.md explains
both. Ids are 16 bytes, fingerprints, commitments and nonces 32.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

RUN_SECONDS = 120
RUNS_AT_MOST = 3
FRAME_BYTES = 512
WORDS_READ = 4
WORD_BITS = 10
VALUES = {"commit": "c", "nonce": "r", "reveal": "r"}
PLAIN = ("ask", "heard", "differ", "cancel")

State = Literal["idle", "asked", "committed", "answered", "agreed"]


@dataclass(frozen=True)
class Facts:
    """What both ends must see alike; I is the seat with the smaller id."""

    appointment: bytes
    call: bytes
    id_i: bytes
    id_r: bytes
    fp_i: bytes
    fp_r: bytes

    def context(self) -> bytes:
        """The bytes that every formula begins with: ctx."""
        return lp(b"TSAS1", self.appointment, self.call, self.id_i, self.id_r, self.fp_i, self.fp_r)


def lp(*parts: bytes) -> bytes:
    """u32be(len(x)) || x, for each part."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def commitment_of(context: bytes, nonce: bytes) -> bytes:
    """What binds I to its nonce before it sees the other's: c."""
    return hashlib.sha256(lp(b"TSAS1-commit") + context + lp(nonce)).digest()


def okm_of(context: bytes, commitment: bytes, nonce_i: bytes, nonce_r: bytes) -> bytes:
    """Six bytes by HKDF-SHA256 (RFC 5869); they fit into its first block."""
    secret = hashlib.sha256(context + commitment).digest()
    key = hmac.digest(nonce_i + nonce_r, secret, "sha256")
    return hmac.digest(key, b"TSAS1-sas\x01", "sha256")[:6]


def indexes_of(okm: bytes) -> tuple[int, ...]:
    """Where the four words stand in the list."""
    return tuple(_bits(okm, at * WORD_BITS, WORD_BITS) for at in range(WORDS_READ))


def digits_of(okm: bytes) -> str:
    """Three numbers; they check the derivation only."""
    return "-".join(str(_bits(okm, at, 13) + 1000) for at in (0, 13, 26))


def write(kind: str, value: bytes = b"") -> str:
    """One frame."""
    return json.dumps({"type": kind} | ({VALUES[kind]: value.hex()} if value else {}), separators=(",", ":"))


def read(frame: str) -> tuple[str, bytes] | None:
    """Type and value of a frame; None for one that is not exactly as agreed."""
    try:
        message = json.loads(frame) if len(frame) <= FRAME_BYTES else None
    except ValueError:
        return None
    kind = message.get("type") if isinstance(message, dict) else None
    if not isinstance(message, dict) or not isinstance(kind, str):
        return None
    if kind not in VALUES:
        return (kind, b"") if kind in PLAIN and len(message) == 1 else None
    value = message.get(VALUES[kind])
    good = (
        len(message) == 2
        and isinstance(value, str)
        and len(value) == 64
        and set(value) <= set("0123456789abcdef")
    )
    return (kind, bytes.fromhex(str(value))) if good else None


class Page:
    """One end, up to the moment at which both have their words. Each call gives the frames to send."""

    def __init__(self, initiator: bool, facts: Facts, chance: Callable[[int], bytes]) -> None:
        self.initiator, self.context, self.chance = initiator, facts.context(), chance
        self.state: State = "idle"
        self.runs = 0
        self.okm = b""
        self._own = self._commitment = b""
        self._began = 0.0
        self._starter = False

    def start(self, now: float) -> list[str]:
        """Its person wants to compare; `now` in seconds. Nothing while a run is under way, or after three."""
        if self.state in ("asked", "committed", "answered") or self.runs >= RUNS_AT_MOST:
            return []
        self._begin(now, starter=True)
        return self._commit() if self.initiator else self._ask()

    def receive(self, frame: str, now: float) -> list[str]:
        """What came from the other end. Anything out of order, or late, ends the run."""
        kind, value = read(frame) or ("", b"")
        if self.state in ("idle", "agreed"):
            return self._opened(kind, value, now)
        if kind == "cancel":
            return self._end([])
        if now - self._began > RUN_SECONDS:
            return self._end([write("cancel")])
        match kind, self.state:
            case "commit", "asked":
                return self._answer(value)
            case "nonce", "committed":
                return self._reveal(value)
            case "reveal", "answered":
                return self._check(value)
            case "ask", "committed" if self._starter:  # both pressed at once
                self._starter = False
                return []
        return self._end([write("cancel")])

    def _opened(self, kind: str, value: bytes, now: float) -> list[str]:
        if kind != ("ask" if self.initiator else "commit"):
            return []
        if self.runs >= RUNS_AT_MOST:
            return [write("cancel")]
        self._begin(now, starter=False)
        return self._commit() if self.initiator else self._answer(value)

    def _begin(self, now: float, *, starter: bool) -> None:
        self.runs += 1
        self._began, self._starter, self._own, self.okm = now, starter, self.chance(32), b""

    def _ask(self) -> list[str]:
        self.state = "asked"
        return [write("ask")]

    def _commit(self) -> list[str]:
        self.state = "committed"
        self._commitment = commitment_of(self.context, self._own)
        return [write("commit", self._commitment)]

    def _answer(self, commitment: bytes) -> list[str]:
        self.state = "answered"
        self._commitment = commitment
        return [write("nonce", self._own)]

    def _reveal(self, theirs: bytes) -> list[str]:
        self._agree(self._own, theirs)
        return [write("reveal", self._own)]

    def _check(self, theirs: bytes) -> list[str]:
        if commitment_of(self.context, theirs) != self._commitment:
            return self._end([write("cancel")])
        self._agree(theirs, self._own)
        return []

    def _agree(self, nonce_i: bytes, nonce_r: bytes) -> None:
        self.state = "agreed"
        self.okm = okm_of(self.context, self._commitment, nonce_i, nonce_r)

    def _end(self, frames: list[str]) -> list[str]:
        self.state = "idle"
        return frames


def _bits(okm: bytes, start: int, length: int) -> int:
    return int.from_bytes(okm, "big") >> (8 * len(okm) - start - length) & ((1 << length) - 1)
