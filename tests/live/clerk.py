"""Somebody who knows the people: the signaling server's `Admission`, in plain dictionaries."""

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from signaling.admission import Entry, Expected, Unanswered
from tests.clock import FakeClock
from tests.live.talker import SECONDS

TICKET_LIVES = timedelta(seconds=30)
ROOM, CALL = "0a" * 16, "0c" * 16


def seat_of(name: str) -> str:
    """The seat id of a name: 32 hex digits."""
    return name.encode().hex().ljust(32, "0")


@dataclass
class Clerk:
    """Mara is the host of one room, or one of its `hosts`; whoever else comes is a guest.

    `answers` is False while the database is away; `asked` is set whenever somebody's stay was asked about.
    """

    clock: FakeClock = field(default_factory=FakeClock)
    answers: bool = True
    fault: Exception | None = None
    hosts: tuple[str, ...] = ("Mara",)
    locked: bool = False
    ended: bool = False
    admitted: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    groups: dict[str, int] = field(default_factory=dict)
    grouping: int = 0
    agreed: tuple[str, ...] = ()  # names of the guests who are expected
    reasons: list[str] = field(default_factory=list)
    expelled: set[str] = field(default_factory=set)
    presence: list[tuple[str, bool]] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    _tickets: dict[bytes, tuple[Entry, datetime]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)

    def mint(self, name: str) -> str:
        """One ticket for one socket, as the service would hand it out."""
        secret = next(self._numbers).to_bytes(32, "big")
        now = self.clock()
        entry = Entry(
            room=ROOM,
            seat=seat_of(name),
            name=name,
            host=name in self.hosts,
            admitted=False,
            kind="session",
            call=CALL,
            locked=self.locked,
            starts_at=now,
            opens_at=now - timedelta(minutes=15),
            closes_at=now + timedelta(minutes=110),
            ice_policy="all",
        )
        self._tickets[secret] = (entry, now + TICKET_LIVES)
        return base64.urlsafe_b64encode(secret).decode().rstrip("=")

    async def next_question(self) -> None:
        """Wait until somebody's stay is asked about again."""
        self.asked.clear()
        async with asyncio.timeout(SECONDS):
            await self.asked.wait()

    async def redeem(self, ticket: bytes) -> Entry | None:
        self._must_answer()
        entry, expires_at = self._tickets.pop(ticket, (None, self.clock()))
        if entry is None or self.clock() >= expires_at or self.ended or entry.seat in self.removed:
            return None
        return replace(
            entry,
            admitted=entry.seat in self.admitted,
            group=self.groups.get(entry.seat, 0),
            grouping=self.grouping,
            expected=tuple(Expected(seat_of(name), name) for name in self.agreed),
        )

    async def may_stay(self, entry: Entry) -> bool:
        self.asked.set()
        if self.fault is not None:
            raise self.fault
        self._must_answer()
        is_out = self.ended or entry.seat in self.expelled | self.removed
        return not is_out and self.clock() < entry.closes_at

    async def admit(self, host: Entry, seat: str, reason: str) -> bool:
        self._must_answer()
        if seat in self.removed:
            return False
        self.admitted.add(seat)
        self.reasons.append(reason)
        return True

    async def send_back(self, host: Entry, seat: str) -> bool:
        self._must_answer()
        if seat not in self.admitted:
            return False
        self.admitted.remove(seat)
        self.groups.pop(seat, None)
        return True

    async def part(self, host: Entry, groups: Mapping[str, int]) -> int:
        self._must_answer()
        self.groups, self.grouping = dict(groups), self.grouping + 1
        return self.grouping

    async def remove(self, host: Entry, seat: str) -> bool:
        self._must_answer()
        if seat in self.removed:
            return False
        self.removed.add(seat)
        return True

    async def lock(self, host: Entry, locked: bool) -> None:
        self._must_answer()
        self.locked = locked

    async def end(self, host: Entry) -> None:
        self._must_answer()
        self.ended = True

    async def present(self, entry: Entry, present: bool) -> None:
        self._must_answer()
        self.presence.append((entry.name, present))

    def _must_answer(self) -> None:
        if not self.answers:
            raise Unanswered
