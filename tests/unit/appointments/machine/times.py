"""What can be booked where the machine plays: services, starts, and what each takes."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from telehealth.clinic.store import Service
from tests.people import NADIA, OMAR, SINGLE
from tests.unit.appointments.scene import HALF_HOUR, TEN

ASKED_FIRST: Final = replace(
    SINGLE, id=b"service-asked...", slug="asked", name="Asked first", position=3, confirms_first=True
)
BY_TWO: Final = replace(
    SINGLE, id=b"service-by-two..", slug="by-two", name="By two", position=4, therapists_needed=2
)
THERAPISTS: Final = (NADIA.id, OMAR.id)  # in the order of the clinic
OPEN_FOR: Final = timedelta(hours=3)
STARTS: Final = tuple(
    TEN + timedelta(days=day) + place * HALF_HOUR for day in (0, 2, 9) for place in range(4)
)


@dataclass(frozen=True)
class Time:
    """A start of a service with a therapist, and another where it takes two."""

    service: Service
    therapist: bytes
    start: datetime
    also: bytes = b""

    @property
    def therapists(self) -> tuple[bytes, ...]:
        return (self.therapist, self.also) if self.also else (self.therapist,)

    @property
    def session(self) -> tuple[datetime, datetime]:
        return self.start, self.start + timedelta(minutes=self.service.minutes)

    @property
    def during(self) -> tuple[datetime, datetime]:
        before = timedelta(minutes=self.service.buffer_before)
        after = timedelta(minutes=self.service.buffer_after)
        return self.session[0] - before, self.session[1] + after


def starts_of(service: Service, before: datetime) -> list[datetime]:
    """Every start before then: Tuesdays and Thursdays, on the half hour, from ten until it would end after one."""
    found, day = [], TEN
    while day < before:
        at = day
        while at + timedelta(minutes=service.minutes) <= day + OPEN_FOR:
            found.append(at)
            at += HALF_HOUR
        day += timedelta(days=2 if day.weekday() == 1 else 5)
    return [each for each in found if each < before]


def share(one: Time, other: Time) -> bool:
    """Whether somebody would see clients in both."""
    return not set(one.therapists).isdisjoint(other.therapists)


def overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
