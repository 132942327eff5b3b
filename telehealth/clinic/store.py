"""Queries about what is public: services, therapists, policies and emergency numbers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.clinic import models
from telehealth.clinic.models import service_therapists
from telehealth.clinic.rules import Policies
from telehealth.db.direct import built_once
from telehealth.db.engine import lock_parties
from telehealth.errors import NotFound

NOT_HERE = "There is nothing at this address. Perhaps it is not offered any more."
WHOLE_CLINIC = b"the whole clinic"  # the name of a lock, nobody's id
Ordered = Literal["services", "therapists", "numbers"]
ORDERED: Mapping[Ordered, Column[Any]] = {
    "services": models.services.c.id,
    "therapists": models.therapists.c.person_id,
    "numbers": models.emergency_numbers.c.id,
}


_ASKED = service_therapists.c.service_id == bindparam("service_id")
_BY = models.therapists.c.person_id == service_therapists.c.therapist_id
_HERE = models.therapists.c.retired_at.is_(None)
# Every booking and every look at open times sends these, so they are built once.
ONE_SERVICE = built_once(select(models.services).where(models.services.c.id == bindparam("service_id")))
WHO_OFFERS = built_once(
    select(models.therapists)
    .join(service_therapists, _BY)
    .where(_ASKED, _HERE)
    .order_by(models.therapists.c.position, models.therapists.c.person_id)
)
STILL_OFFERS = built_once(
    select(service_therapists.c.service_id)
    .join(models.services, models.services.c.id == service_therapists.c.service_id)
    .join(models.therapists, _BY)
    .where(_ASKED, service_therapists.c.therapist_id == bindparam("therapist_id"))
    .where(models.services.c.retired_at.is_(None), _HERE)
)


@dataclass(frozen=True)
class Service:
    """What can be booked. Minutes, hours and days are whole numbers of the unit in the name.

    `therapist_ids` are those who offer it and are not retired. `therapists_needed` 2: both at once (co-therapy).
    `confirms_first`: a therapist says yes before it is booked. `retired_at`: offered no more since then.
    """

    id: bytes
    slug: str
    name: str
    public_name: str
    summary: str
    minutes: int
    buffer_before: int
    buffer_after: int
    seats: int
    grid_minutes: int
    notice_minutes: int
    horizon_days: int
    cancel_hours: int
    price_text: str
    position: int
    therapist_ids: tuple[bytes, ...]
    therapists_needed: int = 1
    confirms_first: bool = False
    retired_at: datetime | None = None


@dataclass(frozen=True)
class Therapist:
    """A therapist's public profile; `id` is the person's id. `retired_at`: here no more since then."""

    id: bytes
    slug: str
    name: str
    title: str
    pronouns: str
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    about: str
    zone: str
    position: int
    retired_at: datetime | None = None


@dataclass(frozen=True)
class EmergencyNumber:
    """Whom to call in danger, as a client reads it: "Crisis line", "116 123", "Germany"; `region` may be ""."""

    id: bytes
    label: str
    number: str
    region: str
    position: int


async def services(c: AsyncConnection) -> list[Service]:
    """What is offered, in the clinic's order."""
    return [each for each in await every_service(c) if each.retired_at is None]


async def every_service(c: AsyncConnection) -> list[Service]:
    """Every service there ever was, since appointments refer to it, in the clinic's order."""
    offered: dict[bytes, list[bytes]] = defaultdict(list)
    pairs = (
        select(service_therapists.c.service_id, service_therapists.c.therapist_id)
        .join(models.therapists, models.therapists.c.person_id == service_therapists.c.therapist_id)
        .where(models.therapists.c.retired_at.is_(None))
        .order_by(models.therapists.c.position)
    )
    for service_id, therapist_id in await c.execute(pairs):
        offered[service_id].append(therapist_id)
    query = select(models.services).order_by(models.services.c.position, models.services.c.id)
    rows = (await c.execute(query)).mappings().all()
    return [Service(**row, therapist_ids=tuple(offered[row["id"]])) for row in rows]


async def service(c: AsyncConnection, service_id: bytes) -> Service:
    """The service of that id, retired ones too, or NotFound."""
    return (await offering(c, service_id))[0]


async def offering(c: AsyncConnection, service_id: bytes) -> tuple[Service, list[Therapist]]:
    """The same with the profiles of those who offer it, in the clinic's order."""
    row = (await c.execute(ONE_SERVICE, {"service_id": service_id})).mappings().one_or_none()
    if row is None:
        raise NotFound("service_not_found", NOT_HERE)
    rows = await c.execute(WHO_OFFERS, {"service_id": service_id})
    found = [_therapist(each) for each in rows.mappings()]
    return Service(**row, therapist_ids=tuple(each.id for each in found)), found


async def still_offers(c: AsyncConnection, service_id: bytes, therapist_id: bytes) -> bool:
    """Whether this therapist works here and offers this service, which is offered."""
    pair = {"service_id": service_id, "therapist_id": therapist_id}
    return (await c.execute(STILL_OFFERS, pair)).first() is not None


async def therapists(c: AsyncConnection) -> list[Therapist]:
    """Who works here, in the clinic's order."""
    return [each for each in await every_therapist(c) if each.retired_at is None]


async def every_therapist(c: AsyncConnection) -> list[Therapist]:
    """Everybody who ever worked here, since appointments refer to them, in the clinic's order."""
    query = select(models.therapists).order_by(models.therapists.c.position, models.therapists.c.person_id)
    return [_therapist(row) for row in (await c.execute(query)).mappings()]


async def therapist(c: AsyncConnection, person_id: bytes) -> Therapist:
    """The public profile of that person, retired ones too, or NotFound."""
    query = select(models.therapists).where(models.therapists.c.person_id == person_id)
    row = (await c.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound("therapist_not_found", NOT_HERE)
    return _therapist(row)


def _therapist(row: Any) -> Therapist:
    names = ("slug", "name", "title", "pronouns", "about", "zone", "position", "retired_at")
    values = {name: row[name] for name in names}
    return Therapist(
        id=row["person_id"],
        specialties=tuple(row["specialties"].splitlines()),
        languages=tuple(row["languages"].splitlines()),
        **values,
    )


async def policies(c: AsyncConnection) -> Policies:
    """What holds for the whole practice; nothing in particular until somebody wrote it down."""
    columns = (models.policies.c.cancellation, models.policies.c.secrets, models.policies.c.ice_policy)
    row = (await c.execute(select(*columns))).mappings().one_or_none()
    return Policies() if row is None else Policies(**row)


async def emergency_numbers(c: AsyncConnection) -> list[EmergencyNumber]:
    """Whom to call in danger, in the clinic's order."""
    numbers = models.emergency_numbers
    rows = (await c.execute(select(numbers).order_by(numbers.c.position, numbers.c.id))).mappings()
    return [EmergencyNumber(**row) for row in rows]


async def keep_policies(c: AsyncConnection, new: Policies) -> None:
    """Write what holds from now on."""
    changed = await c.execute(update(models.policies).values(**asdict(new)))
    if not changed.rowcount:
        await c.execute(insert(models.policies).values(id=1, **asdict(new)))


async def add_service(c: AsyncConnection, new: Service) -> None:
    """Write a service and who offers it."""
    values = asdict(new)
    therapist_ids: Sequence[bytes] = values.pop("therapist_ids")
    await c.execute(insert(models.services).values(**values))
    for therapist_id in therapist_ids:
        await c.execute(insert(service_therapists).values(service_id=new.id, therapist_id=therapist_id))


async def add_therapist(c: AsyncConnection, new: Therapist) -> None:
    """Write a public profile."""
    values = asdict(new) | {
        "specialties": "\n".join(new.specialties),
        "languages": "\n".join(new.languages),
    }
    values["person_id"] = values.pop("id")
    await c.execute(insert(models.therapists).values(**values))


async def lock(c: AsyncConnection) -> None:
    """Until this transaction ends nobody else changes what the clinic offers: order and addresses stay whole."""
    await lock_parties(c, [WHOLE_CLINIC])


async def slugs(c: AsyncConnection) -> set[str]:
    """What stands in addresses already, of services and of therapists, retired ones too."""
    found: set[str] = set()
    for table in (models.services, models.therapists):
        found.update((await c.execute(select(table.c.slug))).scalars())
    return found


async def change_service(c: AsyncConnection, service_id: bytes, values: Mapping[str, object]) -> None:
    """Write other values of a service; who offers it: `set_offering`."""
    await c.execute(update(models.services).where(models.services.c.id == service_id).values(**values))


async def set_offering(c: AsyncConnection, service_id: bytes, therapist_ids: Collection[bytes]) -> None:
    """These therapists offer it from now on; whoever is retired and once did stays noted."""
    here = {each.id for each in await therapists(c)}
    mine = service_therapists.c.service_id == service_id
    await c.execute(delete(service_therapists).where(mine, service_therapists.c.therapist_id.in_(here)))
    for therapist_id in here.intersection(therapist_ids):
        await c.execute(insert(service_therapists).values(service_id=service_id, therapist_id=therapist_id))


async def change_therapist(c: AsyncConnection, person_id: bytes, values: Mapping[str, object]) -> None:
    """Write other values of a public profile."""
    mine = models.therapists.c.person_id == person_id
    await c.execute(update(models.therapists).where(mine).values(**values))


async def add_number(c: AsyncConnection, new: EmergencyNumber) -> None:
    """Write an emergency number."""
    await c.execute(insert(models.emergency_numbers).values(**asdict(new)))


async def change_number(c: AsyncConnection, number_id: bytes, values: Mapping[str, object]) -> None:
    """Write other values of an emergency number."""
    mine = models.emergency_numbers.c.id == number_id
    await c.execute(update(models.emergency_numbers).where(mine).values(**values))


async def remove_number(c: AsyncConnection, number_id: bytes) -> bool:
    """Remove an emergency number; False where it is gone already."""
    mine = models.emergency_numbers.c.id == number_id
    return (await c.execute(delete(models.emergency_numbers).where(mine))).rowcount == 1


async def put_in_order(c: AsyncConnection, table: Ordered, ids: Sequence[bytes]) -> None:
    """Number these rows from 1; rows that are not named keep their place."""
    column = ORDERED[table]
    for position, id_ in enumerate(ids, start=1):
        await c.execute(update(column.table).where(column == id_).values(position=position))
