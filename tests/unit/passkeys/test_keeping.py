"""Seeing, renaming and removing passkeys: one's own, and nobody else's."""

import pytest

from telehealth.errors import NotFound
from telehealth.notices import store as notices
from telehealth.passkeys import keeping
from tests.authenticator import Authenticator
from tests.people import MIKA, ROSA
from tests.unit.passkeys.scene import Scene


async def test_one_sees_ones_own_and_the_look_is_on_record(scene: Scene) -> None:
    await scene.add(await scene.session(ROSA), Authenticator(), name="My phone")
    await scene.add(await scene.session(MIKA), Authenticator(), name="Another's phone")
    assert [passkey.name for passkey in await keeping.own(scene.office, ROSA)] == ["My phone"]
    assert ("record.look", "success") in await scene.recorded()


async def test_a_new_name_is_kept_and_the_passkey_goes_on_working(scene: Scene) -> None:
    device = Authenticator()
    kept = await scene.add(await scene.session(ROSA), device)
    for name in ("Ring", "Key on my ring"):
        assert await keeping.rename(scene.office, ROSA, kept.id, f"  {name} ") == name
    [found] = await keeping.own(scene.office, ROSA)
    assert (found.name, found.revision) == ("Key on my ring", 2)
    assert (await scene.sign_in(device)).id == ROSA.id
    assert ("passkey.change", "success") in await scene.recorded()


async def test_anothers_passkey_is_not_found(scene: Scene) -> None:
    kept = await scene.add(await scene.session(ROSA), Authenticator())
    for step in (
        keeping.rename(scene.office, MIKA, kept.id, "Mine"),
        keeping.remove(scene.office, MIKA, kept.id),
    ):
        with pytest.raises(NotFound):
            await step
    assert [passkey.name for passkey in await keeping.own(scene.office, ROSA)] == ["My phone"]


async def test_what_was_removed_is_gone(scene: Scene) -> None:
    kept = await scene.add(await scene.session(ROSA), Authenticator())
    await keeping.remove(scene.office, ROSA, kept.id)
    assert await keeping.own(scene.office, ROSA) == []
    assert ("passkey.remove", "success") in await scene.recorded()
    with pytest.raises(NotFound):
        await keeping.remove(scene.office, ROSA, kept.id)


async def test_the_person_is_told_of_every_passkey_that_comes_or_goes(scene: Scene) -> None:
    kept = await scene.add(await scene.session(ROSA), Authenticator(), name="Ring")
    await keeping.remove(scene.office, ROSA, kept.id)
    async with scene.office.database.reading() as connection:
        told = await notices.notices_of(connection, scene.office.ring, ROSA.id)
        others = await notices.notices_of(connection, scene.office.ring, MIKA.id)
    assert sorted((notice.kind, notice.body["name"]) for notice in told) == [
        ("passkey_added", "Ring"),
        ("passkey_removed", "Ring"),
    ]
    assert others == []
