"""How everything must stand after each step: once, where the model says, on record, and openable for nobody who is
erased."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis.stateful import invariant
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.appointments import acts
from telehealth.appointments.models import appointment_clients, appointments
from telehealth.audit.models import audit_leaves
from telehealth.availability.models import holds, occupancies
from telehealth.db.occupancy import LIVE
from telehealth.keys.models import record_keys, subject_keys
from telehealth.person import Person
from telehealth.waiting import acts as waits
from telehealth.waiting.models import offers, waiting
from tests.unit.appointments.machine.book import LIVE as TAKES_TIME
from tests.unit.appointments.machine.choices import CLIENTS
from tests.unit.appointments.machine.practice import Practice

WRITTEN = ("C", "U", "D")
BESIDE = ("profile.change", "notice.announce")
STATES = LIVE.strip("()").replace("'", "").split(", ")


class Standing(Practice):
    """The same practice, compared with the model after each step."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # as Practice takes them
        self.steps = 0
        self.written: dict[tuple[str, bytes], int] = self.run_(self._entries())

    @invariant()
    def the_book_stands_as_the_model_says(self) -> None:
        self.run_(self._compare())

    async def _compare(self) -> None:
        async with self.office.database.reading() as c:
            await self._appointments(c)
            await self._times(c)
            await self._waiting(c)
            for client in self.erased:
                await self._is_gone(c, client)
        await self._shown_to(CLIENTS[self.steps % len(CLIENTS)])
        self.steps += 1
        await self._on_record()

    async def _shown_to(self, person: Person) -> None:
        """One of them each time, since showing is a look that is put on record."""
        if self.is_here(person):
            found = await acts.mine(self.office, person)
            assert sorted((each.id, each.state) for each in found) == sorted(
                (each.id, each.state) for each in self.book_.entries.values() if person.id in each.clients
            )
            own = await waits.mine(self.office, person)
            assert {each.entry.id for each in own} == {each.id for each in self.waits.live_of(person.id)}

    async def _appointments(self, c: AsyncConnection) -> None:
        """Every booking that was acknowledged is there, once."""
        booked = (await c.execute(select(appointments).where(appointments.c.state != "held"))).all()
        assert sorted((row.id, row.state, row.starts_at) for row in booked) == sorted(
            (each.id, each.state, each.time.start) for each in self.book_.entries.values()
        )

    async def _times(self, c: AsyncConnection) -> None:
        """What is taken is what the model says, of nobody twice; a hold that has run out takes nothing."""
        now, order = self.clock(), (occupancies.c.party, occupancies.c.starts_at)
        query = select(occupancies, holds.c.held_until).outerjoin(
            holds, holds.c.appointment_id == occupancies.c.appointment_id
        )
        rows = (await c.execute(query.where(occupancies.c.state.in_(STATES)).order_by(*order))).all()
        for one, other in pairwise(rows):
            assert one.party != other.party or one.ends_at <= other.starts_at
        kept = [*self.book_.holds.values(), *self.book_.offered.values()]
        expected: set[tuple[object, ...]] = {
            (each.id, party, *each.time.during, "held", each.until)
            for each in kept
            if each.until > now
            for party in each.time.therapists
        }
        for entry in self.book_.entries.values():
            if entry.state in TAKES_TIME:
                taken = dict.fromkeys(entry.time.therapists, entry.time.during)
                taken |= dict.fromkeys(entry.there, entry.time.session)
                expected |= {(entry.id, each, *taken[each], entry.state, None) for each in taken}
        assert {
            (row.appointment_id, row.party, row.starts_at, row.ends_at, row.state, row.held_until)
            for row in rows
            if row.held_until is None or row.held_until > now
        } == expected

    async def _waiting(self, c: AsyncConnection) -> None:
        made = (await c.execute(select(offers))).all()
        assert {
            (row.waiting_id, row.therapist_id, row.starts_at, row.appointment_id, row.answer_by, row.answer)
            for row in made
        } == {
            (each.wish.id, each.time.therapist, each.time.start, each.id, each.until, each.answer)
            for each in self.waits.offers
        }
        rows = (await c.execute(select(waiting))).all()
        assert {(row.id, row.ended_at is None) for row in rows} == {
            (each.id, not each.ended) for each in self.waits.wishes.values()
        }

    async def _is_gone(self, c: AsyncConnection, client: bytes) -> None:
        """Nothing opens but what a legal hold keeps, and that all does."""
        kept = self.kept_of(client)
        for table in (subject_keys, record_keys):
            found = await c.execute(select(table.c.cls).where(table.c.subject_id == client).distinct())
            assert set(found.scalars()) == kept
        theirs = appointment_clients.c.person_id == client
        rows = (await c.execute(select(appointment_clients).where(theirs))).all()
        open_to = await self._open(c, [row.record_id for row in rows])
        said = {row.appointment_id for row in rows if row.record_id in open_to}
        assert said == (self.words[client] if "booking" in kept else set())
        query = select(waiting.c.id).where(waiting.c.person_id == client)
        wishes = list((await c.execute(query)).scalars())
        assert await self._open(c, wishes) == (set(wishes) if "booking" in kept else set())

    async def _open(self, c: AsyncConnection, ids: Sequence[bytes]) -> set[bytes]:
        return set(await self.office.ring.readable(c, ids))

    async def _on_record(self) -> None:
        """What was done in this step has an entry, and nothing else has."""
        found = await self._entries()
        grown = {each for each, count in found.items() if count > self.written.get(each, 0)}
        assert sorted(self.done - grown) == [], "what was done is not on record"
        assert sorted(grown - self.done - self.perhaps) == [], "nobody did what is on record"
        self.written = found
        self.done.clear()
        self.perhaps.clear()

    async def _entries(self) -> dict[tuple[str, bytes], int]:
        a = audit_leaves.c
        query = select(a.type, a.entity_id, func.count()).group_by(a.type, a.entity_id)
        acts_ = a.action.in_(WRITTEN), a.outcome == "success", a.type.not_in(BESIDE)
        async with self.office.database.reading() as c:
            return {(row[0], row[1]): row[2] for row in await c.execute(query.where(*acts_))}
