"""Who waits for an earlier time, as a small pure model beside the book: what a worker's turn does, and the answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from telehealth.clinic.store import Service
from telehealth.waiting.rules import MAX_WISHES, RESTS, answer_by
from tests.people import COUPLE, SINGLE
from tests.unit.appointments.machine.book import Book, Held
from tests.unit.appointments.machine.times import THERAPISTS, Time, starts_of
from tests.unit.appointments.scene import BERLIN

WAITED_FOR: Final = (SINGLE, COUPLE)  # in the order of the clinic


@dataclass
class Wish:
    """`therapist` is None where anyone will do."""

    id: bytes
    client: bytes
    service: Service
    therapist: bytes | None
    before: datetime
    since: datetime
    ended: bool = False


@dataclass
class Offer:
    """`answer` is None while it is open; `id` becomes the appointment's."""

    id: bytes
    wish: Wish
    time: Time
    until: datetime
    answer: str | None = None


@dataclass
class Waitlist:
    book: Book
    wishes: dict[bytes, Wish] = field(default_factory=dict)
    offers: list[Offer] = field(default_factory=list)

    def may_join(self, client: bytes, service: Service, therapist: bytes | None) -> bool:
        offered = service in WAITED_FOR and therapist in (None, *service.therapist_ids)
        return offered and len(self.live_of(client)) < MAX_WISHES

    def live_of(self, client: bytes) -> list[Wish]:
        return [each for each in self.wishes.values() if each.client == client and not each.ended]

    def open_to(self, client: bytes) -> list[Offer]:
        return [each for each in self.offers if each.wish.client == client and each.answer is None]

    def lapse(self, now: datetime) -> list[Offer]:
        """What nobody answered; and for whom it is too late, waits no more."""
        overdue = [each for each in self.offers if each.answer is None and each.until <= now]
        for each in overdue:
            self._close(each, "lapsed")
        for wish in self.wishes.values():
            wish.ended = wish.ended or wish.before <= now
        return overdue

    def make(self, now: datetime) -> list[Offer]:
        """What is free goes to whoever has waited longest and wished for it; `known` says the ids afterwards."""
        made = [
            offer
            for service in WAITED_FOR
            for wish in self._in_order(service, now)
            if (offer := self._next(wish, now)) is not None
        ]
        self.offers += made
        return made

    def _in_order(self, service: Service, now: datetime) -> Iterator[Wish]:
        resting = {
            each.wish.id
            for each in self.offers
            if each.answer is None or (each.answer == "lapsed" and now < each.until + RESTS)
        }
        waiting = [each for each in self.wishes.values() if not each.ended and each.id not in resting]
        for wish in sorted(waiting, key=lambda each: (each.since, each.id)):
            if wish.service == service:
                yield wish

    def _next(self, wish: Wish, now: datetime) -> Offer | None:
        made = [each.time for each in self.offers if each.wish is wish]
        for start in starts_of(wish.service, wish.before):
            until = answer_by(now, start, wish.service.notice_minutes, ZoneInfo(BERLIN))
            for therapist in [each for each in THERAPISTS if each in wish.service.therapist_ids]:
                time = Time(wish.service, therapist, start)
                fits = wish.therapist in (None, therapist) and time not in made
                is_open = self.book.is_open(time, now) and self.book.client_free(wish.client, time)
                if fits and is_open and until is not None:
                    self.book.offered[wish.id] = Held(wish.id, time, until, known=False)
                    return Offer(wish.id, wish, time, until)
        return None

    def known(self, offer: Offer, id_: bytes) -> None:
        held = self.book.offered.pop(offer.id)
        self.book.offered[id_] = held
        held.id = offer.id = id_

    def may_accept(self, offer: Offer, client: bytes, now: datetime) -> bool:
        kept = offer.answer is None and now < offer.until and now < offer.time.start
        return kept and client == offer.wish.client and self.book.client_free(client, offer.time)

    def accept(self, offer: Offer, now: datetime, *, same: bool) -> None:
        self.book.accept(offer.wish.client, offer.id, now, same=same)
        offer.answer, offer.wish.ended = "accepted", True

    def decline(self, offer: Offer) -> bool:
        """Whether it was open."""
        return self._close(offer, "declined")

    def leave(self, wish: Wish) -> bool:
        for each in self.open_to(wish.client):
            if each.wish is wish:
                self._close(each, "declined")
        was, wish.ended = wish.ended, True
        return not was

    def erase(self, client: bytes, *, kept: bool) -> None:
        """`kept` by a legal hold: it ends all the same."""
        for wish in [each for each in self.wishes.values() if each.client == client]:
            self.leave(wish)
            if not kept:
                del self.wishes[wish.id]
        if not kept:
            self.offers = [each for each in self.offers if each.wish.client != client]

    def _close(self, offer: Offer, said: str) -> bool:
        if offer.answer is not None:
            return False
        offer.answer = said
        self.book.offered.pop(offer.id)
        return True
