"""Short ways to say who does what in the tests of appointments."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import func, select

from telehealth.appointments import acts
from telehealth.appointments.acts import Appointment, Hold
from telehealth.appointments.placing import place
from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office, Work
from telehealth.availability.models import occupancies
from telehealth.notices import acts as notices
from telehealth.notices.store import Notice
from telehealth.person import Person
from tests.people import COUPLE, DESK, MIKA, NADIA, NADIAS_PROFILE, ROSA, SINGLE

TEN = datetime(
    2026, 11, 24, 9, 0, tzinfo=UTC
)  # Tuesday, 10:00 in Berlin; the clock stands at Monday 09:00 there
HALF_HOUR = timedelta(minutes=30)
BERLIN = "Europe/Berlin"
_keys = count()


def new_key() -> str:
    """A fresh Idempotency-Key."""
    return f"key-{next(_keys):028}"


@dataclass(frozen=True)
class Browser:
    """Somebody's browser: its cookie's hash and the hash of the address it comes from."""

    name: str = "browser"
    street: str = "street"
    cookie: bytes = field(init=False)
    address: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cookie", self.name.encode().ljust(32, b"."))
        object.__setattr__(self, "address", self.street.encode().ljust(32, b"."))


HERE = Browser()


async def hold(
    office: Office,
    start: datetime = TEN,
    *,
    browser: Browser = HERE,
    person: Person | None = None,
    service_id: bytes = SINGLE.id,
    therapist_id: bytes = NADIA.id,
) -> Hold:
    """Keep a time."""
    return await acts.hold(
        office,
        person,
        service_id=service_id,
        therapist_id=therapist_id,
        start=start,
        holder=browser.cookie,
        address=browser.address,
        zone=BERLIN,
    )


async def book(
    office: Office,
    person: Person = ROSA,
    start: datetime = TEN,
    *,
    held: Hold | None = None,
    browser: Browser = HERE,
    key: str | None = None,
    **changes: Any,
) -> Appointment:
    """Book a time, held or not."""
    asked: dict[str, Any] = {
        "hold_id": None if held is None else held.id,
        "holder": browser.cookie,
        "service_id": SINGLE.id,
        "therapist_id": NADIA.id,
        "start": start,
        "name": None,
        "reason": "",
        "zone": BERLIN,
        "key": key or new_key(),
    }
    return await acts.book(office, person, **(asked | changes))


async def taken(office: Office) -> list[tuple[bytes, datetime, str]]:
    """Every occupied time: party, start, state."""
    query = select(occupancies.c.party, occupancies.c.starts_at, occupancies.c.state)
    async with office.database.reading() as connection:
        rows = await connection.execute(query.order_by(occupancies.c.starts_at, occupancies.c.party))
        return [(row.party, row.starts_at, row.state) for row in rows]


async def entries(office: Office, types: Iterable[str]) -> dict[str, int]:
    """How often each of these types is on record."""
    query = select(audit_leaves.c.type, func.count()).group_by(audit_leaves.c.type)
    async with office.database.reading() as connection:
        found = {row[0]: row[1] for row in await connection.execute(query)}
    return {type_: found.get(type_, 0) for type_ in types}


async def place_both(office: Office, start: datetime) -> bytes:
    """A time of Rosa's and Mika's with Nadia."""

    async def act(work: Work) -> bytes | None:
        return await place(work, COUPLE, NADIAS_PROFILE, start, {ROSA.id: "", MIKA.id: ""})

    placed = await office.act(DESK, act)
    assert placed is not None
    return placed


async def told_beside(office: Office, person: Person) -> list[Notice]:
    """What somebody is told beside that an appointment was booked, moved or cancelled; the newest first."""
    return [each for each in await notices.mine(office, person) if not each.kind.startswith("appointment_")]
