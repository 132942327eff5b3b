"""Codes: made by an administrator for staff, good once, for one day and one person."""

import pytest
from sqlalchemy import select

from telehealth.errors import NotFound
from telehealth.passkeys import rules, vouching
from telehealth.passkeys.models import passkey_codes
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, NADIA, OMAR, ROSA
from tests.unit.passkeys.scene import Scene


async def is_open(scene: Scene, code: str, person_id: bytes) -> bool:
    async with scene.office.database.reading() as connection:
        hashed = vouching.hash_of_code(code)
        return await vouching.is_open(connection, hashed, person_id, scene.office.clock())


async def test_a_code_is_for_one_person_and_kept_only_as_a_hash(scene: Scene) -> None:
    code, until = await vouching.make_code(scene.office, ADMIN, NADIA.id)
    assert until - scene.office.clock() == rules.CODE_LIVES
    assert await is_open(scene, code, NADIA.id)
    assert not await is_open(scene, code, OMAR.id)
    async with scene.office.database.reading() as connection:
        row = (await connection.execute(select(passkey_codes))).one()
    assert code.encode() not in row.hash
    assert row.made_by == ADMIN.id
    assert ("passkey.code", "success") in await scene.recorded()


async def test_a_code_ends_after_a_day(scene: Scene, clock: FakeClock) -> None:
    code, _ = await vouching.make_code(scene.office, ADMIN, NADIA.id)
    clock.advance(rules.CODE_LIVES)
    assert not await is_open(scene, code, NADIA.id)


async def test_a_new_code_ends_the_one_before(scene: Scene) -> None:
    first, _ = await vouching.make_code(scene.office, ADMIN, NADIA.id)
    second, _ = await vouching.make_code(scene.office, None, NADIA.id)
    assert not await is_open(scene, first, NADIA.id)
    assert await is_open(scene, second, NADIA.id)


@pytest.mark.parametrize("asking", [NADIA, DESK, ROSA])
async def test_only_an_administrator_makes_codes_and_sees_the_staff(scene: Scene, asking: object) -> None:
    with pytest.raises(NotFound):
        await vouching.make_code(scene.office, asking, NADIA.id)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await vouching.staff(scene.office, asking)  # type: ignore[arg-type]
    assert ("person.refused", "refused") in await scene.recorded()


@pytest.mark.parametrize("colleague", [ROSA.id, b"?" * 16])
async def test_there_are_no_codes_for_clients_and_strangers(scene: Scene, colleague: bytes) -> None:
    with pytest.raises(NotFound):
        await vouching.make_code(scene.office, ADMIN, colleague)


async def test_the_list_has_all_staff_and_no_client(scene: Scene) -> None:
    await vouching.make_code(scene.office, ADMIN, NADIA.id)
    found = {each.name: each for each in await vouching.staff(scene.office, ADMIN)}
    assert set(found) == {"Nadia Behrens", "Omar Fassbinder", "Dora Desk", "Ada Admin"}
    assert found["Nadia Behrens"].code_until is not None
    assert found["Omar Fassbinder"].code_until is None
    assert found["Omar Fassbinder"].passkeys == 0
