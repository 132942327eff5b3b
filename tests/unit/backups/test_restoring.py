"""A backup put back, on both databases and from each into the other; and what is refused."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pyrage.x25519 import Identity
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office
from telehealth.backups.archive import Header, Writer
from telehealth.backups.making import make
from telehealth.backups.note import BadBackup
from telehealth.backups.restoring import ENDED, Source, restore
from telehealth.backups.scratch import scratch
from telehealth.backups.sealing import digest_of, new_identity, sealed
from telehealth.backups.shelf import Shelf
from telehealth.db import schema
from telehealth.db.engine import Database
from tests.people import Clinic
from tests.postgres import Server
from tests.unit.backups.conftest import quiet
from tests.unit.backups.scene import content_of, made_of, of_the_other_kind, put, sign_record
from tests.unit.privacy.scene import live, sign_in

ON_SQLITE = pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)  # the other does it alike


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


async def test_what_is_put_back_is_what_was_there(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity, tmp_path: Path, postgres: Server
) -> None:
    await live(office)
    await sign_in(office)
    await sign_record(office, tmp_path / "checkpoints")
    made = await made_of(office, shelf, identity)
    there = await content_of(office.database)
    assert len(there["appointments"]) == 1
    async with (
        scratch(url_of(office.database)) as same,
        of_the_other_kind(office.database, postgres, tmp_path) as other,
    ):
        for url in (same, other):
            assert await put(url, shelf, made, identity) == made.rows
            database = Database(url)
            assert await content_of(database) == there
            assert await schema.standing(database) == "current"
            async with database.reading() as c:
                left = [await c.scalar(text(f"SELECT count(*) FROM {name}")) for name in ENDED]
            assert left == [0, 0]
            with pytest.raises(BadBackup, match="not empty"):
                await put(url, shelf, made, identity)
            await database.close()


async def test_an_archive_of_an_older_schema_is_brought_up_to_date(
    database: Database, shelf: Shelf, identity: Identity, office: Office, tmp_path: Path
) -> None:
    number = (
        "INSERT INTO emergency_numbers (id, label, number, region, position) VALUES (:id, 'a', '1', 'DE', 1)"
    )
    async with scratch(url_of(database)) as url:
        older = Database(url, references=False)
        async with older.transaction() as c:
            await c.run_sync(schema.upgrade_within, "0005")
            await c.execute(text(number), {"id": bytes(16)})
        made = await make(older, shelf, [identity.to_public()], office.clock(), quiet)
        await older.close()
    assert (made.revision, made.rows) == ("0005", 1)
    async with scratch(url_of(database)) as url:
        await put(url, shelf, made, identity)
        again = Database(url)
        assert await schema.standing(again) == "current"
        assert len((await content_of(again))["emergency_numbers"]) == 1
        await again.close()
    with pytest.raises(BadBackup, match="not those that the backup had"):
        await put(url_of(database), shelf, made, identity)  # empty, and of the newest schema


@ON_SQLITE
async def test_nothing_is_kept_of_what_cannot_be_restored(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity
) -> None:
    made = await made_of(office, shelf, identity)

    async def complain(_: AsyncConnection) -> Sequence[str]:
        return ["kek-202611-1 is missing."]

    async with scratch(url_of(office.database)) as url:
        with pytest.raises(BadBackup, match="another key than this one"):
            await put(url, shelf, made, new_identity())
        with pytest.raises(BadBackup, match="kek-202611-1 is missing"):
            await restore(url, Source(shelf, made, made, [identity]), complain, quiet)
        with pytest.raises(BadBackup, match="newer version"):
            await put(url, shelf, replace(made, revision="9999"), identity)
        shelf.file(made.name, "keys").write_bytes(b"something else")
        with pytest.raises(BadBackup, match="not as it was written"):
            await put(url, shelf, made, identity)
        shelf.file(made.name, "keys").unlink()
        with pytest.raises(BadBackup, match="is missing"):
            await put(url, shelf, made, identity)
        database = Database(url)
        assert await schema.standing(database) == "empty"
        await database.close()


@ON_SQLITE
async def test_what_somebody_else_sealed_for_us_is_not_restored(
    office: Office, clinic: Clinic, shelf: Shelf, identity: Identity, tmp_path: Path
) -> None:
    """A recipient's key is public: the note alone says what is ours, and an archive is what its name says."""
    made, url = await made_of(office, shelf, identity), f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    file = shelf.file(made.name, "data")
    file.unlink()
    with sealed(file, [identity.to_public()]) as out:
        Writer(out, Header(1, "data", made.name, "another-clinic", made.revision, []))
    with pytest.raises(BadBackup, match="not as it was written"):
        await put(url, shelf, made, identity)
    facts = {**made.files, "data": (file.stat().st_size, digest_of(file).hex())}
    with pytest.raises(BadBackup, match="not the archive that its name says"):
        await put(url, shelf, replace(made, files=facts), identity)
