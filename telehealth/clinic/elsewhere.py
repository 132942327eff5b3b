"""What the clinic's pages ask of nouns that stand above them in the house; `app.py` gives the answers."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True)
class Ahead:
    """Something of a therapist's that is still to come. `being_booked`: somebody is choosing this time just now."""

    starts_at: datetime
    service_id: bytes
    being_booked: bool


@dataclass(frozen=True)
class Elsewhere:
    """`ahead` is what a therapist has before them at a moment, in order of time, under the therapist's lock where the
    transaction writes; `with_hours` who of them has hours."""

    ahead: Callable[[AsyncConnection, bytes, datetime], Awaitable[list[Ahead]]]
    with_hours: Callable[[AsyncConnection], Awaitable[Collection[bytes]]]
