"""What a restored database must hold: nobody who was erased, a record that is whole, keys that open."""

from dataclasses import replace
from pathlib import Path

import pytest
from pyrage.x25519 import Identity
from sqlalchemy import delete

from telehealth.audit.office import Office
from telehealth.backups.note import BadBackup
from telehealth.backups.proving import NO_TOMBSTONES, prove
from telehealth.backups.scratch import scratch
from telehealth.backups.shelf import Shelf
from telehealth.crypto.note import public_keys
from telehealth.db.engine import Database
from telehealth.keys.models import record_keys
from telehealth.privacy import acts
from telehealth.privacy.acts import Registry
from tests.people import MIKA, ROSA, Clinic
from tests.unit.backups.conftest import SEED, uncounted
from tests.unit.backups.scene import made_of, put, sign_record
from tests.unit.backups.test_restoring import ON_SQLITE, url_of
from tests.unit.privacy.backups import restored
from tests.unit.privacy.scene import keys_of, live

SIGNERS = public_keys(SEED)


async def test_a_restored_database_forgets_again_and_is_whole_but_for_what_was_lost(
    registry: Registry, clinic: Clinic, shelf: Shelf, identity: Identity, tmp_path: Path
) -> None:
    office, checkpoints = registry.office, tmp_path / "checkpoints"
    await live(office)
    await sign_record(office, checkpoints)
    made = await made_of(office, shelf, identity)
    await acts.erase(registry, ROSA, ROSA.id)
    await sign_record(office, checkpoints)
    async with scratch(url_of(office.database)) as url:
        await put(url, shelf, made, identity)
        async with restored(registry, Database(url).engine.url) as again:
            assert await keys_of(again.office, ROSA.id) != set()
            proof = await prove(again, checkpoints, SIGNERS, uncounted)
            assert await keys_of(again.office, ROSA.id) == set()
            assert (proof.wrong, proof.erased_again, proof.entries) == ([], 1, made.entries)
            assert (proof.tombstones, NO_TOMBSTONES in proof.words()) == (1, False)
            assert NO_TOMBSTONES in replace(proof, tombstones=0, erased_again=0).words()
            assert proof.lost > 0
            assert proof.opened > 0
            assert (await prove(again, checkpoints, SIGNERS, uncounted)).erased_again == 0


@ON_SQLITE
async def test_what_is_wrong_with_a_restored_database_is_said(
    registry: Registry, clinic: Clinic, shelf: Shelf, identity: Identity, tmp_path: Path
) -> None:
    office, checkpoints = registry.office, tmp_path / "checkpoints"
    await live(office)
    await sign_record(office, checkpoints)
    made = await made_of(office, shelf, identity)
    async with scratch(url_of(office.database)) as url:
        await put(url, shelf, made, identity)
        async with restored(registry, Database(url).engine.url) as again:
            async with again.office.database.transaction() as c:
                await c.execute(delete(record_keys).where(record_keys.c.subject_id == MIKA.id))
            checkpoints.write_text(checkpoints.read_text().replace("—", "-"))
            proof = await prove(again, checkpoints, SIGNERS, uncounted)
    assert not proof.is_whole
    assert any("cannot be trusted" in sentence for sentence in proof.wrong)
    assert any("has no key, and nobody was erased" in sentence for sentence in proof.wrong)


@ON_SQLITE
async def test_data_with_the_keys_of_a_later_backup_know_nobody_who_was_erased_between(
    registry: Registry, clinic: Clinic, shelf: Shelf, identity: Identity
) -> None:
    """So data may be kept for longer than keys."""
    office: Office = registry.office
    await live(office)
    before = await made_of(office, shelf, identity)
    await acts.erase(registry, ROSA, ROSA.id)
    after = await made_of(office, shelf, identity)
    async with scratch(url_of(office.database)) as url:
        with pytest.raises(BadBackup, match="older than the data"):
            await put(url, shelf, after, identity, keys=before)
        await put(url, shelf, before, identity, keys=after)
        async with restored(registry, Database(url).engine.url) as again:
            assert await keys_of(again.office, ROSA.id) == set()
            assert await keys_of(again.office, MIKA.id) != set()
