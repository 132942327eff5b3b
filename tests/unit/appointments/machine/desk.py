"""What the practice does: book on behalf of clients, keep and erase."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from telehealth.appointments import acts
from telehealth.appointments.acts import Order
from telehealth.audit.rules import pseudonym
from telehealth.person import Person
from telehealth.privacy import holding
from telehealth.privacy.acts import erase
from tests.people import ADMIN, COUPLE, DESK
from tests.unit.appointments.machine.choices import clients, places, times
from tests.unit.appointments.machine.standing import Standing
from tests.unit.appointments.machine.times import Time
from tests.unit.appointments.scene import new_key

WEEK = timedelta(days=7)
classes = st.sampled_from(("booking", "booking", "clinical"))


class Desk(Standing):
    """What the front desk and the administrator do."""

    @rule(client=clients, other=clients, time=times, weeks=st.sampled_from((1, 1, 2)))
    def place(self, client: Person, other: Person, time: Time, weeks: int) -> None:
        """For one, or for two who come together; once, or every week."""
        both = time.service == COUPLE and other != client
        whom = (client, other) if both else (client,)
        ids, now, key = tuple(each.id for each in whom), self.clock(), new_key()
        wanted = [
            Time(time.service, time.therapist, time.start + week * WEEK, time.also) for week in range(weeks)
        ]
        free = [self.book_.may_place(ids, each, now) for each in wanted]
        asked = time.service.id, time.therapist, ids, time.start, time.also or None
        order = Order(*asked, every=int(weeks > 1), times=weeks)
        granted = all(map(self.is_here, whom)) and any(free)
        planned = self.does(acts.place_for(self.office, DESK, order, key=key), granted=granted)
        if planned is None:
            return
        assert [each.appointment_id is not None for each in planned] == free
        again = self.run_(acts.place_for(self.office, DESK, order, key=key))
        assert again == [each for each in planned if each.appointment_id is not None]
        for each, made in zip(wanted, planned, strict=True):
            if made.appointment_id is not None:
                self.book_.place(ids, made.appointment_id, each, now)
                self.on_record("appointment.book", made.appointment_id)

    @rule(client=clients, cls=classes)
    def keep(self, client: Person, cls: str) -> None:
        self._keep(client, cls)

    def _keep(self, client: Person, cls: str) -> None:
        """A legal hold: of what is erased already there is none."""
        granted = self.is_here(client) or cls in self.kept_of(client.id)
        act = holding.hold(self.office, ADMIN, client.id, cls=cls, reason="File 17")
        id_ = self.does(act, granted=granted)
        if id_ is not None:
            self.keeps[id_] = client.id, cls
            self.on_record("hold.set", id_)

    @precondition(lambda self: self.keeps)
    @rule(place=places)
    def keep_no_more(self, place: int) -> None:
        """What a hold alone had kept of somebody who was erased goes with it."""
        id_ = list(self.keeps)[place % len(self.keeps)]
        client, cls = self.keeps.pop(id_)
        self.run_(holding.release(self.registry, ADMIN, id_))
        self.on_record("hold.lift", id_)
        if client in self.erased and cls not in self.kept_of(client):
            self._on_their_record(client)
            self.waits.erase(client, kept="booking" in self.kept_of(client))

    @precondition(lambda self: not self.erased and len(self.book_.entries) > 1)
    @rule(client=clients, kept=st.booleans())
    def erase(self, client: Person, kept: bool) -> None:
        """Perhaps but for what a legal hold keeps."""
        if kept:
            self._keep(client, "booking")
        self.words[client.id] = {each.id for each in self.book_.entries.values() if client.id in each.clients}
        self.run_(erase(self.registry, client, client.id))
        self._on_their_record(client.id)
        cancelled, left = self.book_.erase(client.id, self.clock())
        for each in cancelled:
            self.on_record("appointment.cancel", each)
        for each in left:
            self.on_record("appointment.leave", each)
        self.waits.erase(client.id, kept="booking" in self.kept_of(client.id))
        self.erased.add(client.id)

    def _on_their_record(self, client: bytes) -> None:
        """Entries about a person name them by a pseudonym."""
        self.on_record("person.erase", pseudonym(self.office._pseudonym_key, client))
