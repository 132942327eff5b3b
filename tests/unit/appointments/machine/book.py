"""The book of a practice as a small pure model: what each act must answer, and how the book then stands.

Each verb says whether it is granted, and changes the model where it is; times are aware UTC. It knows nothing of the
code it is compared with but the plain decisions of `rules.answer_by`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from telehealth.appointments.rules import answer_by
from tests.unit.appointments.machine.times import Time, overlap, share

LIVE: Final = ("asked", "booked")
HELD_FOR = timedelta(minutes=5)


@dataclass
class Held:
    id: bytes
    time: Time
    until: datetime
    known: bool  # whose it is, not only by which browser


@dataclass
class Entry:
    """One appointment. `clients` take part; of those, `there` have said that they come at that time."""

    id: bytes
    time: Time
    state: str
    clients: set[bytes]
    there: set[bytes]
    asked_at: datetime
    case: int = -1  # of those who come for more than one
    link: tuple[bytes, bytes, datetime] | None = None  # its hash, who made it, until when it leads
    proposals: frozenset[datetime] = frozenset()

    def is_ahead(self, now: datetime) -> bool:
        return self.state in LIVE and now < self.time.start


@dataclass
class Book:
    entries: dict[bytes, Entry] = field(default_factory=dict)
    holds: dict[bytes, Held] = field(default_factory=dict)  # by client: each has one browser
    offered: dict[bytes, Held] = field(default_factory=dict)  # by id: kept for whoever waits
    cases: list[set[bytes]] = field(default_factory=list)  # who shares each

    def therapist_free(self, time: Time, now: datetime, *, holder: bytes = b"", but: bytes = b"") -> bool:
        taken = [
            each.time.during
            for each in self.entries.values()
            if each.state in LIVE and share(each.time, time) and each.id != but
        ]
        taken += [
            each.time.during
            for client, each in self.holds.items()
            if client != holder and each.until > now and share(each.time, time)
        ]
        taken += [
            each.time.during for each in self.offered.values() if each.until > now and share(each.time, time)
        ]
        return not any(overlap(time.during, each) for each in taken)

    def client_free(self, client: bytes, time: Time, *, but: bytes = b"") -> bool:
        return not any(
            overlap(time.session, each.time.session)
            for each in self.entries.values()
            if each.state in LIVE and client in each.there and each.id != but
        )

    def is_open(self, time: Time, now: datetime, *, holder: bytes = b"", but: bytes = b"") -> bool:
        notice = timedelta(minutes=time.service.notice_minutes)
        return time.start - now >= notice and self.therapist_free(time, now, holder=holder, but=but)

    def may_hold(self, client: bytes, time: Time, now: datetime, *, known: bool) -> bool:
        held = self.holds.get(client)
        if held is not None and held.time == time and held.until > now:
            return True
        is_free = not known or self.client_free(client, time)
        return is_free and self.is_open(time, now, holder=client)

    def hold(self, client: bytes, id_: bytes, time: Time, now: datetime, *, known: bool) -> bool:
        """Whether it is a new one."""
        held = self.holds.get(client)
        is_new = held is None or held.time != time or held.until <= now
        if is_new:
            self.holds[client] = Held(id_, time, now + HELD_FOR, known)
        assert self.holds[client].id == id_
        return is_new

    def may_book(self, client: bytes, time: Time, now: datetime, *, with_hold: bool) -> bool:
        if not self.client_free(client, time):
            return False
        if with_hold:
            return self.holds[client].until > now and time.start > now
        return self.is_open(time, now, holder=client)

    def book(self, client: bytes, id_: bytes, time: Time, now: datetime, *, same: bool) -> None:
        self.holds.pop(client, None)
        self._enter(client, id_, time, now, same=same)

    def accept(self, client: bytes, id_: bytes, now: datetime, *, same: bool) -> None:
        """What is kept by a browser at which nobody signed in stays."""
        if client in self.holds and self.holds[client].known:
            del self.holds[client]
        self._enter(client, id_, self.offered.pop(id_).time, now, same=same)

    def _enter(self, client: bytes, id_: bytes, time: Time, now: datetime, *, same: bool) -> None:
        state = "asked" if time.service.confirms_first else "booked"
        assert id_ not in self.entries
        case = self._case(client, same=same) if time.service.seats > 1 else -1
        self.entries[id_] = Entry(id_, time, state, {client}, {client}, now, case)

    def _case(self, client: bytes, *, same: bool) -> int:
        """The one that this client shares with somebody, if they wish it and there is one; else a new one."""
        shared = self._shared(client)
        if same and len(shared) == 1:
            return shared[0]
        self.cases.append({client})
        return len(self.cases) - 1

    def may_place(self, clients: Sequence[bytes], time: Time, now: datetime) -> bool:
        """Staff need no notice."""
        all_free = all(self.client_free(each, time) for each in clients)
        return now < time.start and all_free and self.therapist_free(time, now)

    def place(self, clients: Sequence[bytes], id_: bytes, time: Time, now: datetime) -> None:
        case = self._case_of(clients) if time.service.seats > 1 else -1
        self.entries[id_] = Entry(id_, time, "booked", set(clients), set(clients), now, case)

    def _case_of(self, clients: Sequence[bytes]) -> int:
        """The one that exactly these share, where the first shares no other; else a new one."""
        shared = self._shared(clients[0])
        if len(shared) == 1 and self.cases[shared[0]] == set(clients):
            return shared[0]
        self.cases.append(set(clients))
        return len(self.cases) - 1

    def _shared(self, client: bytes) -> list[int]:
        return [place for place, each in enumerate(self.cases) if client in each and len(each) > 1]

    def cancel(self, entry: Entry, who: bytes, now: datetime) -> bool:
        is_whose = who in entry.time.therapists or entry.clients == {who}
        if not is_whose or not entry.is_ahead(now):
            return False
        entry.state, entry.proposals = "cancelled", frozenset()
        return True

    def move(self, entry: Entry, who: bytes, start: datetime, now: datetime) -> bool:
        time, own = replace(entry.time, start=start), entry.id
        by_client = who in entry.clients
        if by_client:
            until = entry.time.start - timedelta(hours=time.service.cancel_hours)
            may = entry.state in LIVE and now <= until and self.client_free(who, time, but=own)
        else:
            may = who in entry.time.therapists and entry.state == "booked" and now < entry.time.start
        if not may or time == entry.time or not self.is_open(time, now, but=own):
            return False
        if not by_client and not all(self.client_free(each, time, but=own) for each in entry.there):
            return False
        entry.time, entry.there, entry.proposals = time, {who} if by_client else entry.there, frozenset()
        if by_client and time.service.confirms_first:
            entry.state, entry.asked_at = "asked", now
        return True

    def answer(
        self, entry: Entry, becomes: str, now: datetime, *, proposed: frozenset[datetime] = frozenset()
    ) -> bool:
        if entry.state != "asked" or now >= entry.time.start or not self._all_open(entry, proposed, now):
            return False
        entry.state, entry.proposals = becomes, proposed
        return True

    def propose(self, entry: Entry, proposed: frozenset[datetime], now: datetime) -> bool:
        may = entry.state == "booked" and now < entry.time.start and proposed
        if not may or not self._all_open(entry, proposed, now):
            return False
        entry.proposals = proposed
        return True

    def take(self, entry: Entry, who: bytes, start: datetime, now: datetime) -> bool:
        time, own = replace(entry.time, start=start), entry.id
        may = entry.state == "declined" or (entry.state == "booked" and now < entry.time.start)
        if not may or who not in entry.clients or start not in entry.proposals:
            return False
        if time == entry.time and entry.state == "booked":
            return False
        if not self.client_free(who, time, but=own) or not self.is_open(time, now, but=own):
            return False
        entry.time, entry.there, entry.proposals, entry.state = time, {who}, frozenset(), "booked"
        return True

    def _all_open(self, entry: Entry, starts: frozenset[datetime], now: datetime) -> bool:
        return all(self.is_open(replace(entry.time, start=each), now, but=entry.id) for each in starts)

    def invite(self, entry: Entry, who: bytes, now: datetime) -> bool:
        return who in entry.clients and self._has_room(entry, now)

    def join(self, entry: Entry, who: bytes, now: datetime) -> bool:
        if who in entry.clients or not self._has_room(entry, now) or not self.client_free(who, entry.time):
            return False
        case = self.cases[entry.case]
        by_link = entry.link is not None and entry.link[2] > now and entry.link[1] in entry.clients
        if not by_link and not (who in case and case & entry.clients):
            return False
        entry.clients.add(who)
        entry.there.add(who)
        case.add(who)
        entry.link = None if by_link else entry.link
        return True

    def agree(self, entry: Entry, who: bytes, now: datetime) -> bool:
        if who not in entry.clients or not entry.is_ahead(now):
            return False
        if who not in entry.there and not self.client_free(who, entry.time):
            return False
        entry.there.add(who)
        return True

    def leave(self, entry: Entry, who: bytes, now: datetime) -> bool:
        if who not in entry.clients or entry.time.service.seats < 2 or not entry.is_ahead(now):
            return False
        if entry.clients == {who}:
            entry.state, entry.proposals = "cancelled", frozenset()
        else:
            self._take_out(entry, who)
        return True

    def lapse(self, now: datetime) -> list[bytes]:
        overdue = [
            each
            for each in self.entries.values()
            if each.state == "asked"
            and answer_by(each.time.start, each.asked_at, each.time.service.notice_minutes) <= now
        ]
        for each in overdue:
            each.state = "declined"
        return [each.id for each in overdue]

    def erase(self, client: bytes, now: datetime) -> tuple[list[bytes], list[bytes]]:
        """What is cancelled with them, and what others go on with.

        What a browser holds that nobody had signed in at is nobody's, and runs out by itself.
        """
        if client in self.holds and self.holds[client].known:
            del self.holds[client]
        for case in self.cases:
            case.discard(client)
        cancelled, left = [], []
        for each in self.entries.values():
            if client in each.clients and each.is_ahead(now):
                if each.clients - {client}:
                    self._take_out(each, client)
                    left.append(each.id)
                else:
                    each.state = "cancelled"
                    cancelled.append(each.id)
            if each.link is not None and each.link[1] == client:
                each.link = None
        return cancelled, left

    def _has_room(self, entry: Entry, now: datetime) -> bool:
        return entry.is_ahead(now) and len(entry.clients) < entry.time.service.seats

    def _take_out(self, entry: Entry, client: bytes) -> None:
        entry.clients.discard(client)
        entry.there.discard(client)
        if entry.link is not None and entry.link[1] == client:
            entry.link = None
