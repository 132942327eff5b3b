"""The practice that the machine plays with: the acts, and the model beside them."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import delete

from telehealth.audit.office import Work
from telehealth.availability import store as hours
from telehealth.availability.models import hours as hours_table
from telehealth.availability.rules import Weekly
from telehealth.clinic import store as clinic
from telehealth.db.engine import Database
from telehealth.errors import Refusal
from telehealth.office import SEALED_TABLES
from telehealth.person import Person
from telehealth.privacy.acts import Registry
from telehealth.privacy.tombstones import Tombstones
from tests.clock import FakeClock
from tests.furnished import new_office
from tests.people import COUPLE, NADIA, OMAR, make_clinic
from tests.unit.appointments.machine.book import Book, Entry
from tests.unit.appointments.machine.choices import CLIENTS
from tests.unit.appointments.machine.times import ASKED_FIRST, BY_TWO
from tests.unit.appointments.machine.waitlist import Waitlist
from tests.unit.appointments.scene import BERLIN

STAFF = {each.id: each for each in (NADIA, OMAR)}
Open = Callable[[], AbstractAsyncContextManager[Database]]


class Practice(RuleBasedStateMachine):
    """The clinic of the tests, whose two therapists work on Tuesdays and Thursdays, from ten to one where Nadia is, on
    a database of its own. `done` is what must be on record since the last comparison, `perhaps` what may be."""

    def __init__(self, opened: Open, folder: Path) -> None:
        super().__init__()
        self.loop, self.stack = asyncio.Runner(), AsyncExitStack()
        self.book_, self.erased = Book(), set[bytes]()
        self.waits = Waitlist(self.book_)
        self.keeps: dict[bytes, tuple[bytes, str]] = {}  # legal holds: whose, and which class
        self.words: dict[bytes, set[bytes]] = {}  # of whoever is erased: where they wrote something
        self.done, self.perhaps = set[tuple[str, bytes]](), set[tuple[str, bytes]]()
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
            await work.connection.execute(delete(hours_table))
            for weekday in (1, 3):
                for therapist, hour in ((NADIA.id, 10), (OMAR.id, 4)):
                    morning = Weekly(weekday, hour * 60, (hour + 3) * 60)
                    await hours.add_hours(work.connection, work.chance(16), therapist, morning)

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

    def on_record(self, type_: str, id_: bytes) -> None:
        """From now on this must be there."""
        self.done.add((type_, id_))

    def kept_of(self, client: bytes) -> set[str]:
        """The classes that a legal hold keeps."""
        return {cls for whose, cls in self.keeps.values() if whose == client}

    def before(self, until: str) -> datetime:
        """The end of that day where the practice is."""
        return datetime.combine(date.fromisoformat(until) + timedelta(days=1), time(), ZoneInfo(BERLIN))

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
