"""The practice that the machine plays with: the acts, the model beside them, and their comparison."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
)
from sqlalchemy import select

from telehealth.appointments import acts
from telehealth.appointments.models import appointments
from telehealth.audit.office import Work
from telehealth.availability import store as hours
from telehealth.availability.models import holds, occupancies
from telehealth.availability.rules import Weekly
from telehealth.clinic import store as clinic
from telehealth.db.engine import Database
from telehealth.db.occupancy import LIVE
from telehealth.errors import Refusal
from telehealth.office import SEALED_TABLES
from telehealth.person import Person
from telehealth.privacy.acts import Registry
from telehealth.privacy.tombstones import Tombstones
from tests.clock import FakeClock
from tests.furnished import new_office
from tests.people import COUPLE, MIKA, NADIA, OMAR, ROSA, STRANGER, make_clinic
from tests.unit.appointments.model import ASKED_FIRST, BY_TWO, Book, Entry

CLIENTS = (ROSA, MIKA, STRANGER)
STAFF = {each.id: each for each in (NADIA, OMAR)}
Open = Callable[[], AbstractAsyncContextManager[Database]]


class Practice(RuleBasedStateMachine):
    """The clinic of the tests, whose other therapist works at the same hours, too, on a database of its own."""

    def __init__(self, opened: Open, folder: Path) -> None:
        super().__init__()
        self.loop, self.stack = asyncio.Runner(), AsyncExitStack()
        self.book_, self.erased = Book(), set[bytes]()
        self.clock = FakeClock()
        self.clock.advance(seconds=7)  # nothing falls on the very moment that a window ends
        self.run_(self._begin(opened, folder))

    async def _begin(self, opened: Open, folder: Path) -> None:
        database = await self.stack.enter_async_context(opened())
        self.office = new_office(database, folder, self.clock)
        tombstones = Tombstones(folder / "elsewhere" / "tombstones", "test-clinic", bytes(range(64, 96)))
        self.registry = Registry(self.office, SEALED_TABLES, tombstones)
        await make_clinic(self.office)

        async def add(work: Work) -> None:
            for service in (ASKED_FIRST, BY_TWO):
                await clinic.add_service(work.connection, service)
            for weekday in (1, 3):
                early = Weekly(weekday, 3 * 60, 7 * 60)
                await hours.add_hours(work.connection, work.chance(16), OMAR.id, early)

        await self.office.act(None, add)

    def run_(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run(what)

    def teardown(self) -> None:
        self.run_(self.stack.aclose())
        self.loop.close()

    def does(self, act: Coroutine[Any, Any, Any], *, granted: bool) -> Any:
        """Do it; whether it is granted or refused must be what the model says."""
        try:
            answer = self.run_(act)
        except Refusal:
            if granted:
                raise
            return None
        assert granted
        return answer

    def entry(self, place: int) -> Entry:
        entries = list(self.book_.entries.values())
        return entries[place % len(entries)]

    def likely(self, place: int, fits: Callable[[Entry], bool]) -> Entry:
        """Mostly one that fits, so that not all is refused."""
        fitting = [each for each in self.book_.entries.values() if fits(each)]
        return fitting[place % len(fitting)] if fitting and place % 5 else self.entry(place)

    def entry_for_two(self, place: int, fits: Callable[[Entry], bool] = lambda _: True) -> Entry:
        """The same of those for more than one: there is always one."""
        shared = [each for each in self.book_.entries.values() if each.time.service == COUPLE]
        fitting = [each for each in shared if each.is_ahead(self.clock()) and fits(each)]
        chosen = fitting if fitting and place % 5 else shared
        return chosen[place % len(chosen)]

    def staff_of(self, entry: Entry, place: int) -> Person:
        """Its therapist, or one of two."""
        return STAFF[entry.time.therapists[place % len(entry.time.therapists)]]

    def one_of(self, entry: Entry, place: int, anybody: Person) -> Person:
        """Mostly somebody who takes part."""
        part = [each for each in CLIENTS if each.id in entry.clients]
        return part[place % len(part)] if part and place % 4 else anybody

    def is_here(self, person: Person) -> bool:
        return person.id not in self.erased

    @invariant()
    def the_book_stands_as_the_model_says(self) -> None:
        self.run_(self._compare())

    async def _compare(self) -> None:
        entries = self.book_.entries
        async with self.office.database.reading() as c:
            booked = (await c.execute(select(appointments).where(appointments.c.state != "held"))).all()
            live = occupancies.c.state.in_(LIVE.strip("()").replace("'", "").split(", "))
            order = occupancies.c.party, occupancies.c.starts_at
            taken = (await c.execute(select(occupancies).where(live).order_by(*order))).all()
            kept = (await c.execute(select(holds).where(holds.c.held_until > self.clock()))).all()
        for one, other in pairwise(taken):
            assert one.party != other.party or one.ends_at <= other.starts_at
        assert sorted((row.id, row.state, row.starts_at) for row in booked) == sorted(
            (each.id, each.state, each.time.start) for each in entries.values()
        )
        assert {(row.appointment_id, row.party) for row in taken if row.state != "held"} == {
            (each.id, party)
            for each in entries.values()
            if each.state in ("asked", "booked")
            for party in (*each.time.therapists, *each.there)
        }
        assert {(row.appointment_id, row.held_until) for row in kept} == {
            (each.id, each.until) for each in self.book_.holds.values() if each.until > self.clock()
        }
        for client in filter(self.is_here, CLIENTS):
            found = await acts.mine(self.office, client)
            assert sorted((each.id, each.state) for each in found) == sorted(
                (each.id, each.state) for each in entries.values() if client.id in each.clients
            )
