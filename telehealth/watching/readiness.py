"""Whether requests should come here: the database answers, its schema is one we know, and the keys are there."""

import asyncio
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from telehealth.audit.office import Office
from telehealth.db import schema

KEPT_SECONDS = 1.0  # anybody may ask, however often: the parts are asked once a second
AT_MOST_SECONDS = 3.0  # whoever asks waits no longer than this


class Readiness:
    """Asks the parts this process cannot do without. `seconds` is a clock that never goes back."""

    def __init__(self, office: Office, seconds: Callable[[], float]) -> None:
        self._office = office
        self._seconds = seconds
        self._known: list[str] = []
        self._known_until = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def reasons(self) -> list[str]:
        """Why not, by code: database_unavailable, migrations_missing, keys_unavailable. Empty: it is ready."""
        async with self._one_at_a_time:
            if self._seconds() >= self._known_until:
                self._known = await self._asked()
                self._known_until = self._seconds() + KEPT_SECONDS
            return self._known

    async def _asked(self) -> list[str]:
        try:
            async with asyncio.timeout(AT_MOST_SECONDS):
                # A newer schema is that of an upgrade under way, which older replicas can still work with.
                if await schema.standing(self._office.database) in ("empty", "older"):
                    return ["migrations_missing"]
                async with self._office.database.reading() as connection:
                    wrong = await self._office.ring.complaints(connection, self._office.clock())
        except (SQLAlchemyError, OSError):  # TimeoutError is an OSError
            return ["database_unavailable"]
        return ["keys_unavailable"] if wrong else []
