"""What the database says of how things stand, read when somebody reads the figures: counts and times, nobody."""

import asyncio
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.models import audit_checkpoints, audit_pending
from telehealth.audit.office import Office
from telehealth.backups import rules as backups
from telehealth.keys.models import keks
from telehealth.notices import outbox
from telehealth.privacy import store as privacy

KEPT_SECONDS = 5.0
AT_MOST_SECONDS = 5.0
NAMES = {
    "outbox_waiting": ("telehealth_outbox_messages", "Mails that are still to be sent."),
    "outbox_age": ("telehealth_outbox_oldest_seconds", "How long the oldest of them has waited."),
    "dead_letters": ("telehealth_dead_letters", "Mails that were given up and that nobody has seen to."),
    "key_age": ("telehealth_key_epoch_age_seconds", "Age of the key-encryption key in use."),
    "checkpoint_age": (
        "telehealth_audit_checkpoint_age_seconds",
        "Since the record of looks was last signed.",
    ),
    "unchained": ("telehealth_audit_pending_entries", "Entries that are not in the chain yet."),
    "night_age": ("telehealth_retention_age_seconds", "Since what was kept long enough was last removed."),
}
BACKUP = ("telehealth_backup_age_seconds", "Since the newest backup was made; infinite where none is seen.")
WAL = ("telehealth_wal_age_seconds", "Since a file of PostgreSQL's log was last sealed, where it is kept.")
BASE = ("telehealth_wal_base_age_seconds", "Since the newest base backup was begun, where the log is kept.")


@dataclass(frozen=True)
class Figures:
    """Numbers by their name in NAMES; one that nothing is known of yet is not there."""

    values: dict[str, float]


async def read(c: AsyncConnection, now: datetime) -> Figures:
    """All of them, seven statements."""

    def age(moment: datetime | None) -> float | None:
        return None if moment is None else max(0.0, (now - moment).total_seconds())

    async def one(query: object) -> datetime | None:
        found: datetime | None = (await c.execute(query)).scalar_one_or_none()  # type: ignore[call-overload]
        return found

    waiting = await outbox.waiting(c)
    newest = select(keks.c.created_at).where(keks.c.state == "active").order_by(keks.c.number.desc()).limit(1)
    signed = select(func.max(audit_checkpoints.c.signed_at))
    unchained = (await c.execute(select(func.count()).select_from(audit_pending))).scalar_one()
    found: dict[str, float | None] = {
        "outbox_waiting": waiting.count,
        "outbox_age": age(waiting.since) or 0.0,
        "dead_letters": await outbox.count_dead(c),
        "key_age": age(await one(newest)),
        "checkpoint_age": age(await one(signed)),
        "unchained": unchained,
        "night_age": age(await privacy.last_night(c)),
    }
    return Figures({name: value for name, value in found.items() if value is not None})


def newest_in(folder: Path) -> dict[tuple[str, str], datetime | None]:
    """When the newest backup in this folder was made, and of PostgreSQL's log where that is kept there, by the name of
    the figure; None where none is, or where the folder cannot be read."""
    try:
        files = os.listdir(folder)
    except OSError:
        return {BACKUP: None}
    found = {BACKUP: backups.newest_note(files)}
    log = {WAL: backups.newest_log(files), BASE: backups.newest_base(files)}
    return found | log if any(log.values()) else found


class Standing(Collector):
    """The figures as Prometheus reads them, read anew at most every few seconds. `seconds` never goes back; `backups`
    is the folder they are in, where this process may look there."""

    def __init__(self, office: Office, seconds: Callable[[], float], backups: Path | None = None) -> None:
        self._office = office
        self._seconds = seconds
        self._backups = backups
        self._figures: Figures | None = None
        self._due_at = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def refresh(self) -> None:
        """Read them; while the database is away there are none, and that is told as well."""
        async with self._one_at_a_time:
            if self._seconds() < self._due_at:
                return
            try:
                async with asyncio.timeout(AT_MOST_SECONDS), self._office.database.reading() as connection:
                    self._figures = await read(connection, self._office.clock())
            except (SQLAlchemyError, OSError):  # TimeoutError is an OSError
                self._figures = None
            self._due_at = self._seconds() + KEPT_SECONDS

    def collect(self) -> Iterable[Metric]:
        is_up = float(self._figures is not None)
        yield GaugeMetricFamily("telehealth_database_up", "Whether the database answers.", value=is_up)
        for name, value in (self._figures.values if self._figures else {}).items():
            yield GaugeMetricFamily(*NAMES[name], value=value)
        if self._backups is not None:
            for figure, made_at in newest_in(self._backups).items():
                age = inf if made_at is None else (self._office.clock() - made_at).total_seconds()
                yield GaugeMetricFamily(*figure, value=max(0.0, age))

    def describe(self) -> Iterator[Metric]:
        return iter(())
