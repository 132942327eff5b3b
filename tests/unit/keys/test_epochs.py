"""Epochs and versions: which key-encryption key is used, which one is missing, and no other in its place."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select, update

from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.kek import FileKeks
from telehealth.crypto.sealed import Place, unwrap
from telehealth.db.engine import Database
from telehealth.errors import NotFound, Unavailable
from telehealth.keys import store
from telehealth.keys.keyring import SUBJECT_CLASSES, Keyring
from telehealth.keys.models import keks as kek_rows
from telehealth.keys.models import record_keys, subject_keys
from telehealth.keys.record_key import NewRecord
from telehealth.keys.rotation import campaigns

NOW = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 2, tzinfo=UTC)
ANN, BEN, STRANGER = b"A" * 16, b"B" * 16, b"S" * 16
VISIT, OTHER_VISIT = b"v" * 16, b"w" * 16


async def test_a_destroyed_epoch_is_not_a_live_wrap(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        await c.execute(update(kek_rows).values(state="destroyed", destroyed_at=NOW))
    async with couple.reading() as c:
        with pytest.raises(NotFound):
            await ring.record(c, VISIT)


async def test_the_newest_version_of_a_record_key_is_the_one(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        old = await ring.record(c, VISIT)
        sealed = old.seal("appointments", "reason", 0, "x")
        newer = ring.record_key(VISIT, 2, bytes(range(32)))
        wanted = [NewRecord(VISIT, "booking", [ANN])]
        await ring._wrap(c, {VISIT: newer}, wanted, (await ring._keys_for(c, wanted))[1])
        current = await ring.record(c, VISIT)
    assert current.version == 2
    assert current.material == bytes(range(32))
    assert newer.open("appointments", "reason", 0, current.seal("appointments", "reason", 0, "y")) == "y"
    assert (
        current.open("appointments", "reason", 0, sealed) == "x"
    )  # it names the older one, which is still there
    with pytest.raises(CannotOpen, match="another key version"):
        newer.open("appointments", "reason", 0, sealed)


async def test_a_missing_epoch_is_told_and_nothing_is_tried_instead(
    couple: Database, ring: Keyring, keks: FileKeks, caplog: pytest.LogCaptureFixture
) -> None:
    (keks.folder / "kek-202611-1").rename(keks.folder / "away")
    async with couple.reading() as c:
        with pytest.raises(Unavailable) as refused:
            await ring.record(c, VISIT)
    assert refused.value.code == "keys_unavailable"
    assert "try again" in refused.value.sentence
    assert str(keks.folder) not in refused.value.sentence
    assert "kek-202611-1" in caplog.text


async def test_a_key_file_that_comes_back_works_without_a_restart(
    couple: Database, ring: Keyring, keks: FileKeks
) -> None:
    file = keks.folder / "kek-202611-1"
    file.rename(keks.folder / "away")
    async with couple.reading() as c:
        with pytest.raises(Unavailable):
            await ring.record(c, VISIT)
        (keks.folder / "away").rename(file)
        assert (await ring.record(c, VISIT)).record_id == VISIT


async def test_one_readable_epoch_is_enough_for_a_joint_record(
    database: Database, ring: Keyring, keks: FileKeks
) -> None:
    keks.create(DECEMBER)
    async with database.transaction() as c:
        await ring.new_subject(c, ANN, NOW)
        await ring.new_subject(c, BEN, DECEMBER)
        await ring.new_record(c, VISIT, "booking", [ANN, BEN])
    (keks.folder / "kek-202611-1").unlink()
    async with database.reading() as c:
        assert (await ring.record(c, VISIT)).record_id == VISIT
    (keks.folder / "kek-202612-1").unlink()
    async with database.reading() as c:
        with pytest.raises(Unavailable):
            await ring.record(c, VISIT)


async def test_a_new_epoch_is_registered_at_its_first_use(
    couple: Database, ring: Keyring, keks: FileKeks
) -> None:
    keks.create(DECEMBER)
    async with couple.transaction() as c:
        await ring.new_subject(c, STRANGER, DECEMBER)
        rows = (await c.execute(select(kek_rows).order_by(kek_rows.c.number))).all()
    assert [(row.number, row.kek_id, row.state) for row in rows] == [
        (1, "kek-202611-1", "decrypt_only"),
        (2, "kek-202612-1", "active"),
    ]


async def test_an_epoch_that_may_only_open_seals_nothing_new(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        await c.execute(update(kek_rows).values(state="decrypt_only"))
        with pytest.raises(Unavailable):
            await ring.new_subject(c, STRANGER, NOW)


async def test_no_epoch_at_all_is_told(database: Database, ring: Keyring, keks: FileKeks) -> None:
    (keks.folder / "kek-202611-1").unlink()
    async with database.transaction() as c:
        with pytest.raises(Unavailable):
            await ring.new_subject(c, ANN, NOW)
        assert (await c.execute(select(kek_rows))).all() == []


async def test_an_epoch_registered_meanwhile_is_taken_as_it_is(database: Database) -> None:
    async with database.transaction() as c:
        await store.register_kek(c, "kek-202611-1", NOW)
        await store.register_kek(c, "kek-202611-1", NOW)
        found = await store.kek_of(c, "kek-202611-1")
        await c.execute(insert(kek_rows).values(number=9, kek_id="x", state="destroyed", created_at=NOW))
        await store.register_kek(c, "kek-202612-1", NOW)
        later = await store.kek_of(c, "kek-202612-1")
    assert found is not None
    assert found.number == 1
    assert later is not None
    assert later.number == 10


async def test_complaints_name_every_key_that_is_missing(
    couple: Database, ring: Keyring, keks: FileKeks
) -> None:
    async with couple.reading() as c:
        assert await ring.complaints(c, NOW) == []
        (keks.folder / "kek-202611-1").unlink()
        missing = await ring.complaints(c, NOW)
        assert len(missing) == 2
        assert any("No key-encryption key" in sentence for sentence in missing)
        assert any("kek-202611-1" in sentence for sentence in missing)
        keks.create(DECEMBER)
        (sentence,) = await ring.complaints(c, DECEMBER)
    assert "kek-202611-1" in sentence


async def test_wraps_stand_in_the_places_that_are_written_down(
    couple: Database, ring: Keyring, keks: FileKeks
) -> None:
    """From the key file down to the record key by the layers of security.md, without the keyring."""
    kek = await keks.key("kek-202611-1")
    async with couple.reading() as c:
        rows = (await c.execute(select(subject_keys).where(subject_keys.c.subject_id == ANN))).all()
        row = (await c.execute(select(record_keys).where(record_keys.c.subject_id == ANN))).one()
        expected = await ring.record(c, VISIT)
    opened = {
        key.cls: unwrap(
            kek,
            key.kek,
            Place("kek", "practice-1", "subject_keys", f"wrapped#{key.cls}", ANN, ANN),
            key.wrapped,
        )
        for key in rows
    }
    assert len(set(opened.values())) == len(SUBJECT_CLASSES)
    place = Place("sk", "practice-1", "record_keys", "wrapped", VISIT, ANN)
    assert unwrap(opened["booking"], row.subject_version, place, row.wrapped) == expected.material


async def test_an_older_version_never_stands_in_for_the_newest(
    database: Database, ring: Keyring, keks: FileKeks
) -> None:
    keks.create(DECEMBER)
    async with database.transaction() as c:
        await ring.new_subject(c, ANN, NOW)
        await ring.new_subject(c, BEN, DECEMBER)
        await ring.new_record(c, VISIT, "booking", [ANN])
        newer = ring.record_key(VISIT, 2, bytes(range(32)))
        wanted = [NewRecord(VISIT, "booking", [BEN])]
        await ring._wrap(c, {VISIT: newer}, wanted, (await ring._keys_for(c, wanted))[1])
    (keks.folder / "kek-202612-1").unlink()
    async with database.reading() as c:
        with pytest.raises(Unavailable):
            await ring.record(c, VISIT)


async def test_an_epoch_that_another_computer_uses_already_is_used_here_too(
    couple: Database, ring: Keyring, keks: FileKeks
) -> None:
    """Its clock is a little ahead at the turn of the month."""
    keks.create(DECEMBER)
    async with couple.transaction() as c:
        await ring.new_subject(c, STRANGER, DECEMBER)
        await ring.new_subject(c, b"T" * 16, NOW)
        used = (
            await c.execute(select(subject_keys.c.kek).where(subject_keys.c.subject_id == b"T" * 16))
        ).scalars()
        assert set(used) == {2}


async def test_an_epoch_that_only_another_computer_has_is_asked_for(
    couple: Database, ring: Keyring, keks: FileKeks, caplog: pytest.LogCaptureFixture
) -> None:
    keks.create(DECEMBER)
    async with couple.transaction() as c:
        await ring.new_subject(c, STRANGER, DECEMBER)
    (keks.folder / "kek-202612-1").unlink()
    async with couple.transaction() as c:
        with pytest.raises(Unavailable) as refused:
            await ring.new_subject(c, b"T" * 16, NOW)
    assert refused.value.code == "kek_not_active"
    assert "kek-202611-1 may no longer seal anything" in caplog.text


async def test_a_record_made_while_all_records_get_new_keys_has_the_new_version(
    couple: Database, ring: Keyring
) -> None:
    async with couple.transaction() as c:
        campaign = await campaigns.begin(c, store.RECORDS, NOW)
        record = await ring.new_record(c, OTHER_VISIT, "booking", [ANN])
        assert (campaign.version, record.version) == (2, 2)
        await campaigns.end(c, campaign)
        assert (await ring.new_record(c, b"x" * 16, "booking", [ANN])).version == 1
        assert (await campaigns.begin(c, store.RECORDS, NOW)).version == 3
