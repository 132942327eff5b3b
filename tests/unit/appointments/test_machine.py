"""Whatever people do one after another, the book stands as a small model says: no time twice, no booking lost."""

import base64
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from telehealth.appointments import acts, lapsing
from telehealth.appointments.acts import Appointment, Hold
from telehealth.couples import acts as couples
from telehealth.couples.acts import Said, Way
from telehealth.person import Person
from telehealth.privacy.acts import erase
from telehealth.web.cookies import hash_of
from tests.people import COUPLE, MIKA, NADIA, OMAR, ROSA, SINGLE, STRANGER
from tests.unit.appointments.model import ASKED_FIRST, BY_TWO, Entry, Time
from tests.unit.appointments.practice import CLIENTS, Open, Practice
from tests.unit.appointments.scene import HALF_HOUR, TEN, Browser, book, hold, new_key
from tests.unit.couples.scene import invited

BROWSERS = {each.id: Browser(each.id.decode(), each.id.decode()) for each in CLIENTS}
STARTS = tuple(TEN + timedelta(days=day) + place * HALF_HOUR for day in (0, 2, 9) for place in range(4))
JUMPS = (1, 6, 61, 300, 700, 1500)  # minutes
SIZES = {"sqlite": 15, "postgresql": 8}
STEPS = 20

clients, starts, places = st.sampled_from(CLIENTS), st.sampled_from(STARTS), st.integers(0, 63)
times = st.builds(Time, st.sampled_from((SINGLE, ASKED_FIRST)), st.sampled_from((NADIA.id, OMAR.id)), starts)
times |= st.builds(Time, st.just(COUPLE), st.just(NADIA.id), starts)
times |= st.builds(Time, st.just(BY_TWO), st.just(NADIA.id), starts, st.just(OMAR.id))
others = st.frozensets(starts, min_size=1, max_size=3)


class Days(Practice):
    """What may happen, in any order."""

    @initialize(start=starts, first=starts, second=starts, along=st.booleans())
    def somebody_has_booked(self, start: Any, first: Any, second: Any, along: bool) -> None:
        """For two, who may come together already; and as far as there is room, with two therapists, and asked first."""
        self._book(ROSA, Time(COUPLE, NADIA.id, start), None, again=False)
        if along:
            (entry,) = self.book_.entries.values()
            self._invite(entry, ROSA)
            self._join(entry, MIKA)
        self._book(STRANGER, Time(ASKED_FIRST, OMAR.id, first), None, again=False)
        self._book(MIKA, Time(BY_TWO, NADIA.id, second, OMAR.id), None, again=False)

    @rule(client=clients, time=times, known=st.booleans())
    def hold(self, client: Person, time: Time, known: bool) -> None:
        if not self.is_here(client):
            return
        now = self.clock()
        act = hold(
            self.office,
            time.start,
            browser=BROWSERS[client.id],
            person=client if known else None,
            service_id=time.service.id,
            therapist_id=time.therapist,
        )
        made: Hold | None = self.does(act, granted=self.book_.may_hold(client.id, time, now, known=known))
        if made is not None:
            self.book_.hold(client.id, made.id, time, now, known=known)

    @rule(client=clients)
    def release(self, client: Person) -> None:
        held = self.book_.holds.pop(client.id, None)
        if held is not None:
            self.run_(acts.release(self.office, held.id, BROWSERS[client.id].cookie))

    @rule(client=clients, time=times, again=st.booleans(), same=st.booleans())
    def book(self, client: Person, time: Time, again: bool, same: bool) -> None:
        self._book(client, time, None, again=again, same=same)

    @rule(client=clients, again=st.booleans())
    def book_what_is_held(self, client: Person, again: bool) -> None:
        held = self.book_.holds.get(client.id)
        if held is not None:
            self._book(client, held.time, held.id, again=again)

    def _book(
        self, client: Person, time: Time, held: bytes | None, *, again: bool, same: bool = False
    ) -> None:
        if not self.is_here(client):
            return
        now, key = self.clock(), new_key()

        def act() -> Coroutine[Any, Any, Appointment]:
            wish: dict[str, Any] = {
                "service_id": time.service.id,
                "therapist_id": time.therapist,
                "hold_id": held,
            }
            said: dict[str, Any] = {"name": "Somebody", "reason": "Words", "same_partner": same, "key": key}
            return book(self.office, client, time.start, browser=BROWSERS[client.id], **wish, **said)

        granted = self.book_.may_book(client.id, time, now, with_hold=held is not None)
        made: Appointment | None = self.does(act(), granted=granted)
        if made is not None:
            self.book_.book(client.id, made.id, time, now, same=same)
            assert not again or self.run_(act()).id == made.id

    @rule(place=places, by_client=st.booleans(), client=clients, start=starts, again=st.booleans())
    def move(self, place: int, by_client: bool, client: Person, start: Any, again: bool) -> None:
        by_two = place % 2 == 0
        entry = self.likely(
            place, lambda each: each.is_ahead(self.clock()) and (not by_two or bool(each.time.also))
        )
        start, key = min(self._open(entry, frozenset({start}), place), default=start), new_key()
        person = self.one_of(entry, place, client) if by_client else self.staff_of(entry, place)
        if self.is_here(person):
            granted = self.book_.move(entry, person.id, start, self.clock())
            for _ in range(1 + (granted and again)):
                act = acts.move(self.office, person, entry.id, start=start, key=key)
                self.does(act, granted=granted)

    @rule(place=places, by_client=st.booleans(), client=clients)
    def cancel(self, place: int, by_client: bool, client: Person) -> None:
        entry = self.entry(place)
        person = self.one_of(entry, place, client) if by_client else self.staff_of(entry, place)
        if self.is_here(person):
            granted = self.book_.cancel(entry, person.id, self.clock())
            self.does(acts.cancel(self.office, person, entry.id, new_key()), granted=granted)

    @precondition(lambda self: any(each.state == "asked" for each in self.book_.entries.values()))
    @rule(place=places, yes=st.booleans(), starts=st.frozensets(starts, max_size=3))
    def answer(self, place: int, yes: bool, starts: frozenset[Any]) -> None:
        """Yes, or no with other times or without, one of which is taken at once or later."""
        entry = self.likely(place, lambda each: each.state == "asked")
        staff, key = self.staff_of(entry, 0), new_key()
        if yes:
            granted = self.book_.answer(entry, "booked", self.clock())
            self.does(acts.confirm(self.office, staff, entry.id, key=key), granted=granted)
            return
        starts = self._open(entry, starts, place)
        granted = self.book_.answer(entry, "declined", self.clock(), proposed=starts)
        act = acts.decline(self.office, staff, entry.id, key=key, proposals=sorted(starts))
        self.does(act, granted=granted)
        if place % 2:
            self._take(entry, place, ROSA, min(STARTS))

    @rule(place=places, starts=others)
    def propose(self, place: int, starts: frozenset[Any]) -> None:
        entry = self.likely(place, lambda each: each.state == "booked" and each.is_ahead(self.clock()))
        starts, staff = self._open(entry, starts, place), self.staff_of(entry, place)
        granted = self.book_.propose(entry, starts, self.clock())
        act = acts.propose(self.office, staff, entry.id, key=new_key(), proposals=sorted(starts))
        self.does(act, granted=granted)
        if place % 2:
            self._take(entry, place, ROSA, min(STARTS))

    def _open(self, entry: Entry, starts: frozenset[Any], place: int) -> frozenset[Any]:
        """Mostly other starts that are open, as many as there are in `starts`."""
        free = [
            each
            for each in STARTS
            if each != entry.time.start
            and self.book_.is_open(replace(entry.time, start=each), self.clock(), but=entry.id)
        ]
        return frozenset(free[place % 2 :][: len(starts)]) if place % 4 else starts

    @precondition(lambda self: any(each.proposals for each in self.book_.entries.values()))
    @rule(place=places, client=clients, start=starts)
    def take(self, place: int, client: Person, start: Any) -> None:
        self._take(self.likely(place, lambda each: bool(each.proposals)), place, client, start)

    def _take(self, entry: Entry, place: int, client: Person, start: Any) -> None:
        """Mostly a start that is proposed."""
        known = sorted(entry.proposals)
        start = known[place % len(known)] if known and place % 5 else start
        if self.is_here(somebody := self.one_of(entry, place, client)):
            granted = self.book_.take(entry, somebody.id, start, self.clock())
            act = acts.take(self.office, somebody, entry.id, start=start, key=new_key())
            self.does(act, granted=granted)

    @rule(place=places, client=clients)
    def ask_along(self, place: int, client: Person) -> None:
        """Invite, and everybody tries to come along, or nobody yet."""
        entry = self.entry_for_two(place, lambda each: len(each.clients) == 1)
        if self.is_here(somebody := self.one_of(entry, place, client)):
            self._invite(entry, somebody)
            for each in filter(self.is_here, CLIENTS if place % 3 else ()):
                self._join(entry, each)

    @rule(place=places, client=clients)
    def come_along(self, place: int, client: Person) -> None:
        """With a link or, as a partner of before, without."""

        def asks(each: Entry) -> bool:
            shares = client.id in self.book_.cases[each.case] or each.link is not None
            return shares and client.id not in each.clients

        if self.is_here(client):
            self._join(self.entry_for_two(place, asks), client)

    @rule(place=places, client=clients)
    def leave(self, place: int, client: Person) -> None:
        entry = self.entry_for_two(place, lambda each: len(each.clients) > 1)
        if self.is_here(somebody := self.one_of(entry, place, client)):
            granted = self.book_.leave(entry, somebody.id, self.clock())
            self.does(couples.leave(self.office, somebody, entry.id, new_key()), granted=granted)

    @rule(place=places, client=clients)
    def agree(self, place: int, client: Person) -> None:
        """To a time that another chose, just now or before."""
        entry = self.entry_for_two(place, lambda each: each.there != each.clients)
        unsaid = [each for each in CLIENTS if each.id in entry.clients - entry.there]
        somebody = unsaid[0] if unsaid and place % 4 else client
        if self.is_here(somebody):
            granted = self.book_.agree(entry, somebody.id, self.clock())
            act = couples.agree(self.office, somebody, entry.id, start=entry.time.start, key=new_key())
            self.does(act, granted=granted)

    def _invite(self, entry: Entry, client: Person) -> None:
        now = self.clock()
        granted = self.book_.invite(entry, client.id, now)
        made = self.does(invited(self.office, entry.id, client), granted=granted)
        if made is not None:
            until = min(now + timedelta(days=7), entry.time.start)
            secret = base64.urlsafe_b64decode(made.token + "=")
            entry.link = hash_of(secret, "invitation"), client.id, until

    def _join(self, entry: Entry, client: Person) -> None:
        way = Way(entry.id, entry.link[0] if entry.link else None)
        said = Said(name="Somebody", reason="", agrees=True)
        granted = self.book_.join(entry, client.id, self.clock())
        self.does(couples.join(self.office, client, way, said, new_key()), granted=granted)

    @rule(minutes=st.sampled_from(JUMPS))
    def time_passes(self, minutes: int) -> None:
        self.clock.advance(minutes=minutes)
        assert self.run_(lapsing.turn(self.office)) == self.book_.lapse(self.clock())

    @precondition(lambda self: not self.erased and len(self.book_.entries) > 1)
    @rule(client=clients)
    def erase(self, client: Person) -> None:
        self.run_(erase(self.registry, client, client.id))
        self.book_.erase(client.id, self.clock())
        self.erased.add(client.id)


@pytest.fixture
def machine(fresh_database: Open, tmp_path: Path) -> Callable[[], Days]:
    def made() -> Days:
        folder = tmp_path / f"practice-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return Days(fresh_database, folder)

    return made


def test_the_book_stands_as_a_model_says(machine: Callable[[], Days], request: pytest.FixtureRequest) -> None:
    kind = request.node.callspec.params["fresh_database"]
    few = settings(
        max_examples=SIZES[kind],
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),
    )
    run_state_machine_as_test(machine, settings=few)  # type: ignore[arg-type]  # it calls whatever makes one
