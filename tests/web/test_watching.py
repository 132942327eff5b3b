"""What machines are told of a working clinic: whether it is ready, and figures in which nobody can be found."""

import shutil
import time
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import text, update

from telehealth.audit import chain
from telehealth.audit.office import Office
from telehealth.notices.models import outbox
from telehealth.watching.figures import BACKUP, BASE, WAL, Standing, newest_in
from telehealth.watching.readiness import Readiness
from tests.clock import FakeClock
from tests.people import MIKA, ROSA, Clinic
from tests.unit.watching.test_meters import samples
from tests.web.booking import booked, choices
from tests.web.conftest import Site


async def figures(site: Site) -> dict[str, float]:
    """What Prometheus reads now."""
    transport = httpx2.ASGITransport(site.app.state.figures)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
        return samples((await client.get("/metrics")).text)


async def test_the_figures_follow_what_happens_and_name_nobody(site: Site, clock: FakeClock) -> None:
    other = await site.browser(MIKA)
    wished = (await choices(other))[0]
    _, path = await booked(site, ROSA)
    assert [(await other.post("/holds", {"choice": wished})).status_code for _ in range(2)] == [409, 409]
    async with site.office.database.transaction() as connection:
        await connection.execute(update(outbox).values(dead_at=clock()))
    clock.advance(minutes=120)
    await booked(site, MIKA)
    async with site.office.database.transaction() as connection:
        await chain.append_once(connection, limit=1)
    found = await figures(site)
    assert found["telehealth_database_up{}"] == 1
    assert found["telehealth_bookings_total{outcome=booked}"] == 2
    assert found["telehealth_bookings_total{outcome=refused}"] == 2
    assert found["telehealth_dead_letters{}"] == found["telehealth_outbox_messages{}"] == 2
    assert found["telehealth_outbox_oldest_seconds{}"] == 0
    assert found["telehealth_key_epoch_age_seconds{}"] == 7200
    assert found["telehealth_audit_pending_entries{}"] > 0
    assert "telehealth_audit_checkpoint_age_seconds{}" not in found  # nothing was signed yet
    assert not any(path.rsplit("/", 1)[-1] in name for name in found)


def test_the_age_of_the_newest_backup_and_of_the_log_is_read_from_their_names(tmp_path: Path) -> None:
    assert newest_in(tmp_path) == newest_in(tmp_path / "not there") == {BACKUP: None}
    for name in ("backup-20261120T031500Z.note", "backup-20261122T031500Z.note", "others.note"):
        (tmp_path / name).touch()
    (tmp_path / "backup-20261123T031500Z.data.age").touch()  # one that was cut off
    backup = {BACKUP: datetime(2026, 11, 22, 3, 15, tzinfo=UTC)}
    assert newest_in(tmp_path) == backup
    segment = "000000010000000000000002.age"
    for name in (f"wal-20261122T040000Z-{segment}", f"wal-20261122T050000Z-{segment}.part"):
        (tmp_path / name).touch()
    assert newest_in(tmp_path) == backup | {WAL: datetime(2026, 11, 22, 4, tzinfo=UTC), BASE: None}
    (tmp_path / "base-20261122T034500Z-20261122T034600Z.age").touch()
    assert newest_in(tmp_path)[BASE] == datetime(2026, 11, 22, 3, 45, tzinfo=UTC)


@pytest.mark.parametrize(("folder", "told"), [(None, []), (Path("/nowhere"), [inf])])
def test_a_practice_without_any_backup_is_told_of_it(folder: Path | None, told: list[float]) -> None:
    standing = Standing.__new__(Standing)
    standing._figures, standing._backups = None, folder
    ages = [each.samples[0].value for each in standing.collect() if each.name == BACKUP[0]]
    assert ages == told


async def test_without_a_database_the_figures_say_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(site.office.database, "reading", away)
    found = await figures(site)
    assert found["telehealth_database_up{}"] == 0
    assert "telehealth_outbox_messages{}" not in found


async def test_a_service_without_its_keys_or_with_an_older_schema_is_not_ready(
    office: Office, clinic: Clinic
) -> None:
    readiness = Readiness(office, time.monotonic)
    assert await replaced(readiness).reasons() == []
    keys = office.ring._keks.folder  # type: ignore[attr-defined]
    shutil.move(keys, f"{keys}-away")
    assert await replaced(readiness).reasons() == ["keys_unavailable"]
    assert await readiness.reasons() == ["keys_unavailable"]
    shutil.move(f"{keys}-away", keys)
    assert await readiness.reasons() == ["keys_unavailable"]  # kept for a second, however often anybody asks
    for revision, reasons in (("0001", ["migrations_missing"]), ("of tomorrow", [])):
        async with office.database.transaction() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})
        assert await replaced(readiness).reasons() == reasons


def replaced(readiness: Readiness) -> Readiness:
    """One that has not asked yet."""
    return Readiness(readiness._office, readiness._seconds)
