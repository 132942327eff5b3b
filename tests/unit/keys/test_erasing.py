"""Destroyed keys: by class, and a shared record goes on for the others under a new key."""

import pytest

from telehealth.crypto.aead import CannotOpen
from telehealth.db.engine import Database
from telehealth.errors import NotFound
from telehealth.keys import store
from telehealth.keys.erasing import (
    Destroyed,
    classes_of,
    destroy_records,
    destroy_records_of,
    destroy_subject_keys,
)
from telehealth.keys.keyring import SUBJECT_CLASSES, Keyring
from telehealth.office import SEALED_TABLES
from tests.unit.keys.conftest import ANN, BEN, VISIT


async def test_a_class_goes_and_the_others_stay(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        await ring.new_record(c, b"n" * 16, "correspondence", [ANN])
        assert await destroy_subject_keys(c, ring, SEALED_TABLES, ANN, ["correspondence"]) == Destroyed(
            1, 1, 0
        )
        assert await classes_of(c, ANN) == set(SUBJECT_CLASSES) - {"correspondence"}
        with pytest.raises(NotFound):
            await ring.record(c, b"n" * 16)
        await ring.record(c, VISIT)


async def test_a_shared_record_gets_a_key_that_the_destroyed_one_never_held(
    couple: Database, ring: Keyring
) -> None:
    async with couple.transaction() as c:
        before = await ring.record(c, VISIT)
        sealed = before.seal("notices", "body", 0, "planted")
        assert await destroy_subject_keys(c, ring, SEALED_TABLES, ANN, SUBJECT_CLASSES) == Destroyed(4, 0, 1)
        after = await ring.record(c, VISIT)
        assert after.version == before.version + 1
        assert after.material != before.material
        assert {wrap.subject.subject_id for wrap in await store.wraps_of(c, [VISIT])} == {BEN}
        with pytest.raises(CannotOpen):
            after.open("notices", "body", 0, sealed)


async def test_the_last_of_a_couple_takes_the_shared_record_along(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        await destroy_subject_keys(c, ring, SEALED_TABLES, ANN, SUBJECT_CLASSES)
        assert await destroy_subject_keys(c, ring, SEALED_TABLES, BEN, SUBJECT_CLASSES) == Destroyed(4, 1, 0)
        with pytest.raises(NotFound):
            await ring.record(c, VISIT)


async def test_nothing_can_be_sealed_for_somebody_without_keys(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        await destroy_subject_keys(c, ring, SEALED_TABLES, ANN, SUBJECT_CLASSES)
        with pytest.raises(NotFound):
            await ring.new_record(c, b"n" * 16, "booking", [ANN, BEN])


async def test_records_can_go_while_the_persons_own_key_stays(couple: Database, ring: Keyring) -> None:
    async with couple.transaction() as c:
        await ring.new_record(c, b"n" * 16, "clinical", [ANN])
        assert await destroy_records_of(c, ring, SEALED_TABLES, ANN, "clinical") == 1
        assert await destroy_records_of(c, ring, SEALED_TABLES, ANN, "clinical") == 0
        assert await classes_of(c, ANN) == set(SUBJECT_CLASSES)
        await ring.new_record(c, b"m" * 16, "clinical", [ANN])
        assert await destroy_records(c, [b"m" * 16, VISIT, b"unknown........."]) == 2
        assert await ring.records(c, [b"m" * 16, VISIT]) == {}
