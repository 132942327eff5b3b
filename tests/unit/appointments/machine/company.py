"""Who comes along, leaves, and agrees to a time that another chose."""

import base64
from datetime import timedelta

from hypothesis.stateful import rule

from telehealth.couples import acts as couples
from telehealth.couples.acts import Said, Way
from telehealth.person import Person
from telehealth.web.cookies import hash_of
from tests.unit.appointments.machine.book import Entry
from tests.unit.appointments.machine.choices import CLIENTS, clients, places
from tests.unit.appointments.machine.standing import Standing
from tests.unit.appointments.scene import new_key
from tests.unit.couples.scene import invited


class Company(Standing):
    """What happens to appointments for two."""

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
            if granted:
                verb = "cancel" if entry.state == "cancelled" else "leave"
                self.on_record(f"appointment.{verb}", entry.id)

    @rule(place=places, client=clients)
    def agree(self, place: int, client: Person) -> None:
        """To a time that another chose, just now or before."""
        entry = self.entry_for_two(place, lambda each: each.there != each.clients)
        unsaid = [each for each in CLIENTS if each.id in entry.clients - entry.there]
        somebody = unsaid[0] if unsaid and place % 4 else client
        if self.is_here(somebody):
            comes = somebody.id in entry.there
            granted = self.book_.agree(entry, somebody.id, self.clock())
            act = couples.agree(self.office, somebody, entry.id, start=entry.time.start, key=new_key())
            self.does(act, granted=granted)
            if granted and not comes:
                self.on_record("partner.agree", entry.id)

    def _invite(self, entry: Entry, client: Person) -> None:
        now = self.clock()
        granted = self.book_.invite(entry, client.id, now)
        made = self.does(invited(self.office, entry.id, client), granted=granted)
        if made is not None:
            self.on_record("partner.invite", entry.id)
            until = min(now + timedelta(days=7), entry.time.start)
            secret = base64.urlsafe_b64decode(made.token + "=")
            entry.link = hash_of(secret, "invitation"), client.id, until

    def _join(self, entry: Entry, client: Person) -> None:
        way = Way(entry.id, entry.link[0] if entry.link else None)
        said = Said(name="Somebody", reason="", agrees=True)
        granted = self.book_.join(entry, client.id, self.clock())
        self.does(couples.join(self.office, client, way, said, new_key()), granted=granted)
        if granted:
            self.on_record("partner.join", entry.id)
