"""PostgreSQL's log in its sealed form: what is taken from the spool, kept, refused, and laid out again."""

import io
import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from telehealth.backups import wal
from telehealth.backups.note import BadBackup
from telehealth.backups.sealing import new_identity
from tests.clock import FakeClock

NOW = datetime(2026, 11, 28, 4, 45, 12, tzinfo=UTC)
FIRST, SECOND = "000000010000000000000001", "000000010000000000000002"
SEGMENT = b"a log" + bytes(3 * 2**20) + b"its end"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups stand."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups"


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    """With a finished segment, one that is being copied, and something else."""
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / FIRST).write_bytes(SEGMENT)
    for name in (f"{SECOND}.part", "notes.txt"):
        (tmp_path / "spool" / name).write_text("not yet")
    return tmp_path / "spool"


def tar(*names: str) -> io.BytesIO:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name in (*names, "backup_manifest"):
            archive.addfile(tarfile.TarInfo(name))
    made.seek(0)
    return made


def test_what_is_finished_is_sealed_taken_away_and_laid_out_as_it_was(
    spool: Path, folder: Path, tmp_path: Path, identity: Identity, clock: FakeClock
) -> None:
    to = [identity.to_public()]
    base = wal.base(tar("PG_VERSION", "base/1"), folder, to, clock)
    clock.advance(timedelta(minutes=5))
    assert wal.keep(spool, folder, to, clock, 28) == [f"wal-20261128T045012Z-{FIRST}.age"]
    assert sorted(each.name for each in spool.iterdir()) == [f"{SECOND}.part", "notes.txt"]
    assert sum(each.stat().st_size for each in folder.glob("wal-*")) < len(SEGMENT) / 10
    clock.advance(timedelta(minutes=5))
    (spool / FIRST).write_bytes(b"of a new database, which counts from the start again")
    wal.keep(spool, folder, to, clock, 28)

    data, log = tmp_path / "data", tmp_path / "log"
    with pytest.raises(BadBackup, match="ends at 2026-11-28 04:55:12 UTC, before that moment"):
        wal.lay_out(folder, [identity], data, log, NOW + timedelta(hours=1))
    assert not data.exists()
    assert wal.lay_out(folder, [identity], data, log, NOW + timedelta(minutes=10)) == (base.name, 1)
    assert (log / FIRST).read_bytes() == SEGMENT
    assert (log / FIRST).stat().st_blocks * 512 < len(SEGMENT) / 2
    assert (data / "base" / "1").exists()
    assert (data / "recovery.signal").exists()
    told = (data / "postgresql.auto.conf").read_text()
    assert f'restore_command = \'cp "{log}/%f" "%p"\'' in told
    assert "recovery_target_time = '2026-11-28T04:55:12+00:00'" in told
    with pytest.raises(BadBackup, match="is not empty"):
        wal.lay_out(folder, [identity], data, log, None)
    with pytest.raises(BadBackup, match="that was whole at that time"):
        wal.lay_out(folder, [identity], data, log, NOW - timedelta(seconds=1))


def test_what_cannot_be_opened_is_a_sentence(folder: Path, tmp_path: Path, identity: Identity) -> None:
    base = wal.base(tar("PG_VERSION"), folder, [identity.to_public()], FakeClock(NOW))
    with pytest.raises(BadBackup, match="sealed for another key"):
        wal.lay_out(folder, [new_identity()], tmp_path / "data", tmp_path / "log", None)
    base.write_bytes(base.read_bytes()[:-1])
    with pytest.raises(BadBackup, match="changed or cut off"):
        wal.lay_out(folder, [identity], tmp_path / "other", tmp_path / "log", None)


def test_what_cannot_be_sealed_stays_where_it_is_and_leaves_nothing(
    spool: Path, folder: Path, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off = tar("PG_VERSION").getvalue()[:700]
    for wrong in (b"", b"pg_basebackup: error" + bytes(2000), cut_off, cut_off[:512]):
        with pytest.raises(BadBackup, match=r"no base backup|does not hold what|no backup_manifest"):
            wal.base(io.BytesIO(wrong), folder, [identity.to_public()], FakeClock(NOW))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "backups")

    with monkeypatch.context() as changed:
        changed.setattr("telehealth.backups.sealing.encrypt_io", full)
        with pytest.raises(OSError, match="No space left"):
            wal.keep(spool, folder, [identity.to_public()], FakeClock(NOW), 28)
    assert (spool / FIRST).read_bytes() == SEGMENT
    assert list(folder.iterdir()) == []
    assert len(wal.keep(spool, folder, [identity.to_public()], FakeClock(NOW), 28)) == 1
