"""Whatever people do one after another, the book stands as a small model says: no time twice, no booking lost."""

import base64
from collections.abc import Callable, Coroutine
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
from tests.people import COUPLE, NADIA, OMAR, ROSA, SINGLE
from tests.unit.appointments.model import ASKED_FIRST, Entry, Time
from tests.unit.appointments.practice import CLIENTS, STAFF, Open, Practice
from tests.unit.appointments.scene import HALF_HOUR, TEN, Browser, book, hold, new_key
from tests.unit.couples.scene import invited

BROWSERS = {each.id: Browser(each.id.decode(), each.id.decode()) for each in CLIENTS}
STARTS = tuple(TEN + timedelta(days=day) + place * HALF_HOUR for day in (0, 2) for place in range(4))
JUMPS = (1, 6, 61, 300, 700, 1500)  # minutes
SIZES = {"sqlite": 15, "postgresql": 8}
STEPS = 20

clients, starts, places = st.sampled_from(CLIENTS), st.sampled_from(STARTS), st.integers(0, 63)
times = st.builds(Time, st.sampled_from((SINGLE, ASKED_FIRST)), st.sampled_from((NADIA.id, OMAR.id)), starts)
times |= st.builds(Time, st.just(COUPLE), st.just(NADIA.id), starts)


class Days(Practice):
    """What may happen, in any order."""

    @initialize(start=starts)
    def somebody_has_booked_for_two(self, start: Any) -> None:
        self._book(ROSA, Time(COUPLE, NADIA.id, start), None, again=False)

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
            self.book_.hold(client.id, made.id, time, now)

    @rule(client=clients)
    def release(self, client: Person) -> None:
        held = self.book_.holds.pop(client.id, None)
        if held is not None:
            self.run_(acts.release(self.office, held.id, BROWSERS[client.id].cookie))

    @rule(client=clients, time=times, again=st.booleans())
    def book(self, client: Person, time: Time, again: bool) -> None:
        self._book(client, time, None, again=again)

    @rule(client=clients, again=st.booleans())
    def book_what_is_held(self, client: Person, again: bool) -> None:
        held = self.book_.holds.get(client.id)
        if held is not None:
            self._book(client, held.time, held.id, again=again)

    def _book(self, client: Person, time: Time, held: bytes | None, *, again: bool) -> None:
        if not self.is_here(client):
            return
        now, key = self.clock(), new_key()

        def act() -> Coroutine[Any, Any, Appointment]:
            wish: dict[str, Any] = {
                "service_id": time.service.id,
                "therapist_id": time.therapist,
                "hold_id": held,
            }
            said: dict[str, Any] = {"name": "Somebody", "reason": "Words", "same_partner": False, "key": key}
            return book(self.office, client, time.start, browser=BROWSERS[client.id], **wish, **said)

        granted = self.book_.may_book(client.id, time, now, with_hold=held is not None)
        made: Appointment | None = self.does(act(), granted=granted)
        if made is not None:
            self.book_.book(client.id, made.id, time, now)
            assert not again or self.run_(act()).id == made.id

    @rule(place=places, by_client=st.booleans(), client=clients, start=starts, again=st.booleans())
    def move(self, place: int, by_client: bool, client: Person, start: Any, again: bool) -> None:
        entry, key = self.entry(place), new_key()
        person = self.one_of(entry, place, client) if by_client else STAFF[entry.time.therapist]
        if self.is_here(person):
            granted = self.book_.move(entry, person.id, start, self.clock())
            for _ in range(1 + (granted and again)):
                act = acts.move(self.office, person, entry.id, start=start, key=key)
                self.does(act, granted=granted)

    @rule(place=places, by_client=st.booleans(), client=clients)
    def cancel(self, place: int, by_client: bool, client: Person) -> None:
        entry = self.entry(place)
        person = self.one_of(entry, place, client) if by_client else STAFF[entry.time.therapist]
        if self.is_here(person):
            granted = self.book_.cancel(entry, person.id, self.clock())
            self.does(acts.cancel(self.office, person, entry.id, new_key()), granted=granted)

    @precondition(lambda self: any(each.state == "asked" for each in self.book_.entries.values()))
    @rule(place=places, yes=st.booleans())
    def answer(self, place: int, yes: bool) -> None:
        waiting = [each for each in self.book_.entries.values() if each.state == "asked"]
        entry = waiting[place % len(waiting)]
        granted = self.book_.answer(entry, "booked" if yes else "declined", self.clock())
        verb: Callable[..., Coroutine[Any, Any, Appointment]] = acts.confirm if yes else acts.decline
        act = verb(self.office, STAFF[entry.time.therapist], entry.id, key=new_key())
        self.does(act, granted=granted)

    @rule(place=places, client=clients)
    def ask_along(self, place: int, client: Person) -> None:
        """Invite, and everybody tries to come along, or nobody yet."""
        entry = self.entry_for_two(place)
        if self.is_here(somebody := self.one_of(entry, place, client)):
            self._invite(entry, somebody)
            for each in filter(self.is_here, CLIENTS if place % 3 else ()):
                self._join(entry, each)

    @rule(place=places, client=clients)
    def come_along(self, place: int, client: Person) -> None:
        if self.is_here(client):
            self._join(self.entry_for_two(place), client)

    @rule(place=places, client=clients)
    def leave(self, place: int, client: Person) -> None:
        entry = self.entry_for_two(place)
        if self.is_here(somebody := self.one_of(entry, place, client)):
            granted = self.book_.leave(entry, somebody.id, self.clock())
            self.does(couples.leave(self.office, somebody, entry.id, new_key()), granted=granted)

    @rule(place=places, client=clients)
    def agree(self, place: int, client: Person) -> None:
        entry = self.entry_for_two(place)
        if self.is_here(somebody := self.one_of(entry, place, client)):
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
        if entry.link is None:  # a partner of before needs none, which the model does not follow
            return
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
