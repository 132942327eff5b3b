"""The provider's accounts in a backup: whole, of one moment, sealed, and never written over."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyrage.x25519 import Identity

from telehealth.audit.office import Office
from telehealth.backups import accounts
from telehealth.backups.archive import BadArchive
from telehealth.backups.making import make
from telehealth.backups.note import BadBackup
from telehealth.backups.restoring import Source
from telehealth.backups.sealing import new_identity
from telehealth.backups.shelf import Shelf
from tests.people import Clinic
from tests.unit.backups.conftest import quiet
from tests.unit.backups.test_restoring import ON_SQLITE

EMAIL = "willow@mail.example"
NOW = datetime(2026, 11, 28, 4, 45, 12, tzinfo=UTC)


@pytest.fixture
def provider(tmp_path: Path) -> Path:
    """Its database, written ahead, with an account that is not in the file itself yet."""
    file = tmp_path / "identity.db"
    with closing(sqlite3.connect(file)) as c:
        c.execute("PRAGMA journal_mode=WAL")
        c.execute('CREATE TABLE "user" (id TEXT, email TEXT)')
        c.execute('INSERT INTO "user" VALUES (1, ?)', [EMAIL])
        c.commit()
    return file


@ON_SQLITE
async def test_accounts_go_with_a_backup_sealed_and_come_back_where_there_are_none(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity, provider: Path, tmp_path: Path
) -> None:
    async def made_at(now: datetime) -> Source:
        made = await make(office.database, shelf, [identity.to_public()], now, quiet, provider)
        return Source(shelf, made, made, [identity])

    with closing(sqlite3.connect(provider, isolation_level=None)) as somebody:
        somebody.execute("BEGIN IMMEDIATE")  # somebody registers just now
        somebody.execute('INSERT INTO "user" VALUES (2, NULL)')
        source = await made_at(NOW)
        assert accounts.count_in(source.accounts()) == 1
        somebody.execute("COMMIT")
        source = await made_at(NOW + timedelta(seconds=1))
    assert EMAIL.encode() in source.accounts()
    assert not any(EMAIL.encode() in file.read_bytes() for file in shelf.folder.iterdir())

    with pytest.raises(BadBackup, match="is there already, and was left as it is"):
        accounts.put_back(provider, source.accounts())
    other = tmp_path / "other.db"
    accounts.put_back(other, source.accounts())
    assert (accounts.count_in(accounts.content_of(other)), other.stat().st_mode & 0o777) == (2, 0o600)

    with pytest.raises(BadBackup, match="sealed for another key"):
        Source(shelf, source.data, source.keys, [new_identity()]).accounts()
    file = shelf.file(source.data.name, "accounts")
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(BadBackup, match="not as it was written"):
        source.accounts()


@ON_SQLITE
async def test_no_backup_is_made_without_the_accounts_that_it_should_have(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity, tmp_path: Path
) -> None:
    with pytest.raises(BadBackup, match="IDENTITY_DATABASE names the accounts"):
        await make(office.database, shelf, [identity.to_public()], NOW, quiet, tmp_path / "missing.db")
    assert (list(shelf.folder.iterdir()), (tmp_path / "missing.db").exists()) == ([], False)


def test_something_else_is_no_database_of_accounts() -> None:
    for content in (b"", b"something else", b"SQLite format 3\x00" + bytes(600)):
        with pytest.raises(BadArchive):
            accounts.count_in(content)
