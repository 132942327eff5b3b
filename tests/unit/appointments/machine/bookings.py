"""What people and their therapists do with appointments."""

from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from telehealth.appointments import acts
from telehealth.appointments.acts import Appointment, Hold
from telehealth.person import Person
from tests.people import ROSA
from tests.unit.appointments.machine.book import Entry
from tests.unit.appointments.machine.choices import BROWSERS, clients, others, places, starts, times
from tests.unit.appointments.machine.standing import Standing
from tests.unit.appointments.machine.times import STARTS, Time
from tests.unit.appointments.scene import book, hold, new_key


class Bookings(Standing):
    """What happens to appointments, in any order."""

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
        if made is not None and self.book_.hold(client.id, made.id, time, now, known=known):
            self.on_record("appointment.hold", made.id)

    @rule(client=clients)
    def release(self, client: Person) -> None:
        held = self.book_.holds.pop(client.id, None)
        if held is not None:
            self.run_(acts.release(self.office, held.id, BROWSERS[client.id].cookie))
            self.perhaps.add(
                ("appointment.release", held.id)
            )  # unless it had run out and was in somebody's way
            if held.until > self.clock():
                self.on_record("appointment.release", held.id)

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
            self.on_record("appointment.book", made.id)
            assert not again or self.run_(act()).id == made.id

    @rule(place=places, by_client=st.booleans(), client=clients, start=starts, again=st.booleans())
    def move(self, place: int, by_client: bool, client: Person, start: Any, again: bool) -> None:
        by_two = place % 2 == 0
        entry = self.likely(
            place, lambda each: each.is_ahead(self.clock()) and (not by_two or bool(each.time.also))
        )
        start, key = min(self._others(entry, frozenset({start}), place), default=start), new_key()
        person = self.one_of(entry, place, client) if by_client else self.staff_of(entry, place)
        if self.is_here(person):
            granted = self.book_.move(entry, person.id, start, self.clock())
            for _ in range(1 + (granted and again)):
                act = acts.move(self.office, person, entry.id, start=start, key=key)
                self.does(act, granted=granted)
            self._note(granted, "move", entry)

    @rule(place=places, by_client=st.booleans(), client=clients)
    def cancel(self, place: int, by_client: bool, client: Person) -> None:
        entry = self.entry(place)
        person = self.one_of(entry, place, client) if by_client else self.staff_of(entry, place)
        if self.is_here(person):
            granted = self.book_.cancel(entry, person.id, self.clock())
            self.does(acts.cancel(self.office, person, entry.id, new_key()), granted=granted)
            self._note(granted, "cancel", entry)

    @precondition(lambda self: any(each.state == "asked" for each in self.book_.entries.values()))
    @rule(place=places, yes=st.booleans(), starts=st.frozensets(starts, max_size=3))
    def answer(self, place: int, yes: bool, starts: frozenset[Any]) -> None:
        """Yes, or no with other times or without, one of which is taken at once or later."""
        entry = self.likely(place, lambda each: each.state == "asked")
        staff, key = self.staff_of(entry, 0), new_key()
        if yes:
            granted = self.book_.answer(entry, "booked", self.clock())
            self.does(acts.confirm(self.office, staff, entry.id, key=key), granted=granted)
            self._note(granted, "confirm", entry)
            return
        starts = self._others(entry, starts, place)
        granted = self.book_.answer(entry, "declined", self.clock(), proposed=starts)
        act = acts.decline(self.office, staff, entry.id, key=key, proposals=sorted(starts))
        self.does(act, granted=granted)
        self._note(granted, "decline", entry)
        if place % 2:
            self._take(entry, place, ROSA, min(STARTS))

    @rule(place=places, starts=others)
    def propose(self, place: int, starts: frozenset[Any]) -> None:
        entry = self.likely(place, lambda each: each.state == "booked" and each.is_ahead(self.clock()))
        starts, staff = self._others(entry, starts, place), self.staff_of(entry, place)
        granted = self.book_.propose(entry, starts, self.clock())
        act = acts.propose(self.office, staff, entry.id, key=new_key(), proposals=sorted(starts))
        self.does(act, granted=granted)
        self._note(bool(granted), "propose", entry)
        if place % 2:
            self._take(entry, place, ROSA, min(STARTS))

    def _others(self, entry: Entry, starts: frozenset[Any], place: int) -> frozenset[Any]:
        """Mostly other starts that are open, the first or the last, as many as there are in `starts`."""
        free = [
            each
            for each in STARTS
            if each != entry.time.start
            and self.book_.is_open(replace(entry.time, start=each), self.clock(), but=entry.id)
        ]
        chosen = free[-len(starts) :] if place % 2 and starts else free[: len(starts)]
        return frozenset(chosen) if place % 4 else starts

    @precondition(lambda self: any(each.proposals for each in self.book_.entries.values()))
    @rule(place=places, client=clients, start=starts)
    def take(self, place: int, client: Person, start: Any) -> None:
        self._take(self.likely(place, lambda each: bool(each.proposals)), place, client, start)

    @precondition(lambda self: any(each.proposals for each in self.book_.entries.values()))
    @rule(place=places, client=clients, start=starts)
    def take_late(self, place: int, client: Person, start: Any) -> None:
        """Once what is booked has begun."""
        entry = self.likely(place, lambda each: each.state == "booked" and bool(each.proposals))
        self.clock.now = max(self.clock.now, entry.time.start + timedelta(minutes=1, seconds=7))
        self._take(entry, place, client, start)

    def _take(self, entry: Entry, place: int, client: Person, start: Any) -> None:
        """Mostly a start that is proposed."""
        known = sorted(entry.proposals)
        start = known[place % len(known)] if known and place % 5 else start
        if self.is_here(somebody := self.one_of(entry, place, client)):
            granted = self.book_.take(entry, somebody.id, start, self.clock())
            act = acts.take(self.office, somebody, entry.id, start=start, key=new_key())
            self.does(act, granted=granted)
            self._note(granted, "take", entry)

    def _note(self, granted: bool, verb: str, entry: Entry) -> None:
        if granted:
            self.on_record(f"appointment.{verb}", entry.id)
