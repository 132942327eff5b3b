"""Who waits for an earlier time: what they wish for, are offered by the worker, and answer."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy import select

from telehealth.appointments import lapsing
from telehealth.clinic.store import Service
from telehealth.person import Person
from telehealth.waiting import acts
from telehealth.waiting.models import offers
from tests.people import COUPLE, NADIA, OMAR, SINGLE
from tests.unit.appointments.machine.choices import CLIENTS, DAYS, JUMPS, clients, places
from tests.unit.appointments.machine.standing import Standing
from tests.unit.appointments.machine.times import BY_TWO
from tests.unit.appointments.machine.waitlist import Offer, Wish
from tests.unit.appointments.scene import BERLIN, new_key

services = st.sampled_from((SINGLE, SINGLE, SINGLE, COUPLE, BY_TWO))
therapists = st.sampled_from((None, NADIA.id, OMAR.id))


class Waiting(Standing):
    """What happens on the waiting list, and by itself as time passes."""

    @rule(
        client=clients,
        service=services,
        therapist=therapists,
        until=st.sampled_from(DAYS),
        worker=st.booleans(),
    )
    def wish(
        self, client: Person, service: Service, therapist: bytes | None, until: str, worker: bool
    ) -> None:
        """And perhaps the worker looks at it at once."""
        if self.is_here(client):
            self._wish(client, service, therapist, until)
        if worker:
            self._turn()

    def _wish(self, client: Person, service: Service, therapist: bytes | None, until: str) -> None:
        before, now, key = self.before(until), self.clock(), new_key()
        granted = before > now and self.waits.may_join(client.id, service, therapist)
        for again in range(1 + granted):
            wished: dict[str, Any] = {"service_id": service.id, "therapist_id": therapist, "until": until}
            act = acts.wish(self.office, client, **wished, part="", name="Somebody", zone=BERLIN, key=key)
            id_ = self.does(act, granted=granted)
            if granted and not again:
                self.waits.wishes[id_] = Wish(id_, client.id, service, therapist, before, now)
                self.on_record("waiting.join", id_)

    @precondition(lambda self: self.waits.offers)
    @rule(place=places, client=clients, same=st.booleans(), again=st.booleans())
    def accept(self, place: int, client: Person, same: bool, again: bool) -> None:
        """Now and then too late, before a worker has looked."""
        offer, client = self._offer(place, client)
        if place % 7 == 3:
            self.clock.now = max(self.clock.now, offer.until + timedelta(seconds=7))
        if not self.is_here(client):
            return
        granted, key = self.waits.may_accept(offer, client.id, self.clock()), new_key()
        for _ in range(1 + (granted and again)):
            act = acts.accept(self.office, client, offer.id, zone=BERLIN, key=key, same_partner=same)
            self.does(act, granted=granted)
        if granted:
            self.waits.accept(offer, self.clock(), same=same)
            self.on_record("appointment.book", offer.id)

    @precondition(lambda self: self.waits.offers)
    @rule(place=places, client=clients)
    def say_no(self, place: int, client: Person) -> None:
        """The next in line is offered it."""
        offer, client = self._offer(place, client)
        if self.is_here(client):
            theirs = offer.wish.client == client.id
            self.does(acts.decline(self.office, client, offer.id), granted=theirs)
            if theirs and self.waits.decline(offer):
                self.on_record("waiting.decline", offer.wish.id)
        self._turn()

    @precondition(lambda self: self.waits.wishes)
    @rule(place=places, client=clients)
    def wait_no_more(self, place: int, client: Person) -> None:
        wishes = sorted(self.waits.wishes.values(), key=lambda each: each.ended)
        wish = wishes[place % len(wishes)]
        somebody = next(each for each in CLIENTS if each.id == wish.client) if place % 4 else client
        if self.is_here(somebody):
            theirs = wish.client == somebody.id
            self.does(acts.leave(self.office, somebody, wish.id), granted=theirs)
            if theirs and self.waits.leave(wish):
                self.on_record("waiting.leave", wish.id)

    def _offer(self, place: int, client: Person) -> tuple[Offer, Person]:
        """Mostly an open one, and whose it is."""
        made = sorted(self.waits.offers, key=lambda each: each.answer is not None)
        open_ = [each for each in made if each.answer is None] if place % 5 else []
        offer = (open_ or made)[place % len(open_ or made)]
        return offer, next(each for each in CLIENTS if each.id == offer.wish.client) if place % 4 else client

    @rule(minutes=st.sampled_from(JUMPS), worker=st.sampled_from((True, True, True, False)))
    def time_passes(self, minutes: int, worker: bool) -> None:
        self.clock.advance(minutes=minutes)
        if worker:
            lapsed = self.book_.lapse(self.clock())
            assert self.run_(lapsing.turn(self.office)) == len(lapsed)
            for each in lapsed:
                self.on_record("appointment.lapse", each)
            self._turn()

    def _turn(self) -> None:
        """The worker offers what the model says, in its order, and nothing else."""
        now = self.clock()
        lapsed, made = self.waits.lapse(now), self.waits.make(now)
        assert self.run_(acts.turn(self.office)) == len(lapsed) + len(made)
        for offer in made:
            self.waits.known(offer, self.run_(self._id_of(offer)))
            self.on_record("waiting.offer", offer.wish.id)
        for offer in lapsed:
            self.on_record("waiting.lapse", offer.wish.id)

    async def _id_of(self, offer: Offer) -> Any:
        kept = offers.c.waiting_id == offer.wish.id, offers.c.answer.is_(None)
        async with self.office.database.reading() as c:
            return (await c.execute(select(offers.c.appointment_id).where(*kept))).scalar_one()
