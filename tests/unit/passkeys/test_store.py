"""What the rows themselves refuse: a challenge for something else, a moved credential, two uses at once."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from telehealth.crypto.aead import CannotOpen
from telehealth.passkeys import store
from telehealth.passkeys.models import passkeys
from telehealth.passkeys.rules import CHALLENGE_LIVES
from tests.authenticator import Authenticator
from tests.people import ROSA
from tests.unit.passkeys.scene import Scene

CHALLENGE, BINDING = b"c" * 32, b"b" * 32


async def test_a_challenge_is_for_one_purpose_and_one_browser(scene: Scene) -> None:
    now = scene.office.clock()
    async with scene.office.database.transaction() as c:
        until = now + CHALLENGE_LIVES
        await store.add_challenge(c, CHALLENGE, "add", BINDING, person_id=None, expires_at=until)
        assert not await store.take_challenge(c, CHALLENGE, "confirm", BINDING, now)
        assert not await store.take_challenge(c, CHALLENGE, "add", b"x" * 32, now)
        assert not await store.take_challenge(c, b"d" * 32, "add", BINDING, now)
        assert await store.take_challenge(c, CHALLENGE, "add", BINDING, now)
        assert not await store.take_challenge(c, CHALLENGE, "add", BINDING, now)


async def test_a_credential_in_another_row_does_not_open(scene: Scene) -> None:
    session = await scene.session(ROSA)
    for name in ("One", "Two"):
        await scene.add(session, Authenticator(), name=name)
    async with scene.office.database.transaction() as c:
        first, second = (await c.execute(select(passkeys))).all()
        of_first = passkeys.c.id == first.id
        await c.execute(update(passkeys).where(of_first).values(credential=second.credential))
    async with scene.office.database.reading() as c:
        with pytest.raises(CannotOpen):
            await store.passkeys_of(c, scene.office.ring, ROSA.id)


async def test_of_two_uses_at_once_one_is_counted(scene: Scene) -> None:
    kept = await scene.add(await scene.session(ROSA), Authenticator())
    now = scene.office.clock()
    async with scene.office.database.transaction() as c:
        assert await store.used(c, kept, 5, now)
        assert not await store.used(c, kept, 6, now)
        assert await store.used(c, replace(kept, sign_count=5), 6, now)


async def test_the_page_needs_no_opened_passkey_to_know_that_there_is_one(scene: Scene) -> None:
    async with scene.office.database.reading() as c:
        assert not await store.has_counting(c, ROSA.id, vouched_only=False)
    await scene.add(await scene.session(ROSA), Authenticator())
    async with scene.office.database.reading() as c:
        assert await store.has_counting(c, ROSA.id, vouched_only=False)
        assert not await store.has_counting(c, ROSA.id, vouched_only=True)
