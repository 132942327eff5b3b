"""The night's work inside the service, once after three o'clock in the practice's own zone; and what is due sooner."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from telehealth.db.scrubbing import is_due, scrub
from telehealth.privacy import retention, rules, store
from telehealth.privacy.acts import Registry
from telehealth.privacy.retention import Days

LOOK_EVERY_SECONDS = 60
AGAIN_AFTER = timedelta(minutes=30)
_log = logging.getLogger(__name__)


class Nightly:
    """One process's nights. What was done, by any process, is on record: none is left out when the service starts
    anew in the middle of it, and none comes twice."""

    def __init__(self, registry: Registry, days: Days, zone: str) -> None:
        self._registry = registry
        self._days = days
        self._zone = ZoneInfo(zone)
        self._last: datetime | None = None  # the last that is known to be done
        self._again_at: datetime | None = None

    def _local(self) -> datetime:
        return self._registry.office.clock().astimezone(self._zone)

    async def turn(self) -> bool:
        """Do the night's work if it is time; whether it was. What fails is logged and tried again within the hour."""
        await self._scrub()
        now = self._registry.office.clock()
        if self._again_at is not None and now < self._again_at:
            return False
        try:
            if not await self._is_due():
                return False
            done = await retention.run(self._registry, self._days)
        except Exception as error:  # drivers raise their own while a database is away; the service goes on
            _log.error("What has been kept long enough could not be removed: %s", type(error).__name__)
            self._again_at = now + AGAIN_AFTER
            return True
        self._last, self._again_at = self._local(), None
        _log.info("Kept long enough and removed: %s", done)
        return True

    async def _scrub(self) -> None:
        """What an erasure could not do, since somebody read at the time."""
        database = self._registry.office.database
        if is_due(database) and await scrub(database):
            _log.info("The database file was rewritten after an erasure, later than it should have been.")

    async def _is_due(self) -> bool:
        if self._last is not None and not rules.is_night(self._local(), self._last):
            return False
        async with self._registry.office.database.reading() as connection:
            last = await store.last_night(connection)
        self._last = self._local() if last is None else last.astimezone(self._zone)
        return rules.is_night(self._local(), self._last)


async def run(nightly: Nightly, stop: asyncio.Event) -> None:
    """Look every minute until `stop` is set."""
    while not stop.is_set():
        await nightly.turn()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)
