"""The night's work inside the service, once after three o'clock in the practice's own zone; and what is due sooner."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.db.scrubbing import is_due, scrub
from telehealth.privacy import retention, rules
from telehealth.privacy.acts import Registry
from telehealth.privacy.retention import Days

LOOK_EVERY_SECONDS = 60
_log = logging.getLogger(__name__)


class Nightly:
    """One process's nights. Several processes may do the same work; what one has done is nothing for the next."""

    def __init__(self, registry: Registry, days: Days, zone: str) -> None:
        self._registry = registry
        self._days = days
        self._zone = ZoneInfo(zone)
        self._last = self._local()

    def _local(self) -> datetime:
        return self._registry.office.clock().astimezone(self._zone)

    async def turn(self) -> bool:
        """Do the night's work if it is time; whether it was. What fails is logged and tried again the next night."""
        await self._scrub()
        local = self._local()
        if not rules.is_night(local, self._last):
            return False
        self._last = local
        try:
            done = await retention.run(self._registry, self._days)
        except Exception as error:  # drivers raise their own while a database is away; the service goes on
            _log.error("What has been kept long enough could not be removed: %s", type(error).__name__)
            return True
        _log.info("Kept long enough and removed: %s", done)
        return True

    async def _scrub(self) -> None:
        """What an erasure could not do, since somebody read at the time."""
        database = self._registry.office.database
        if is_due(database) and await scrub(database):
            _log.info("The database file was rewritten after an erasure, later than it should have been.")


async def run(nightly: Nightly, stop: asyncio.Event) -> None:
    """Look every minute until `stop` is set."""
    while not stop.is_set():
        await nightly.turn()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)
