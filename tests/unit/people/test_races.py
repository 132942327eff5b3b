"""A sign-in beside what changes whether, and as whom, somebody may come in: one waits for the other."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from telehealth.audit.office import Office
from telehealth.passkeys import acts as passkeys
from telehealth.people import acts, roster
from telehealth.people.acts import Identity
from tests.authenticator import Authenticator
from tests.patience import within
from tests.people import ADMIN, ROSA, Clinic
from tests.unit.passkeys.scene import Scene
from tests.unit.people.scene import is_in, session_of

WREN = Identity("practice", "https://login.example", "5e3f", "client", None, None, "token", strong=False)
THERAPIST = replace(WREN, role="therapist")
COOKIE, OTHER_COOKIE = b"c" * 32, b"d" * 32
A_WHILE = 0.3  # seconds; what need not wait has happened by then


async def beside(
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    begun: Callable[[], Awaitable[object]],
    meanwhile: Callable[[], Awaitable[object]],
) -> None:
    """`meanwhile` begins when `begun` is about to write its session, and has a while to be through before it does."""
    here, other = asyncio.Event(), asyncio.Event()
    real = module._open_session

    async def held(*given: Any, **named: Any) -> Any:
        if not here.is_set():
            here.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(A_WHILE):
                    await other.wait()
        return await real(*given, **named)

    async def through() -> None:
        await meanwhile()
        other.set()

    monkeypatch.setattr(module, "_open_session", held)
    first = asyncio.ensure_future(begun())
    async with within("both to be through"):
        await here.wait()
        await asyncio.gather(first, through())


async def test_an_account_that_is_closed_during_a_sign_in_keeps_no_session(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    wren = (await acts.sign_in(office, WREN, COOKIE)).person
    await beside(
        monkeypatch,
        acts,
        lambda: acts.sign_in(office, WREN, OTHER_COOKIE),
        lambda: roster.close_account(office, ADMIN, wren.id),
    )
    await roster.open_account(office, ADMIN, wren.id)
    assert not await is_in(office, OTHER_COOKIE)


async def test_an_account_that_is_closed_while_a_passkey_is_shown_keeps_no_session(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, device = Scene(office), Authenticator()
    await scene.add(await scene.session(ROSA), device)
    await beside(
        monkeypatch,
        passkeys,
        lambda: scene.sign_in(device),
        lambda: roster.close_account(office, ADMIN, ROSA.id),
    )
    await roster.open_account(office, ADMIN, ROSA.id)
    assert not await is_in(office, b"s" * 32)


async def test_a_role_that_is_raised_during_a_sign_in_is_nobodys_with_one_factor(
    office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await acts.sign_in(office, WREN, b"e" * 32)
    await beside(
        monkeypatch,
        acts,
        lambda: acts.sign_in(office, WREN, COOKIE),
        lambda: acts.sign_in(office, THERAPIST, OTHER_COOKIE),
    )
    assert not await is_in(office, COOKIE)
    raised = await session_of(office, OTHER_COOKIE)
    assert (raised.person.role, raised.pending) == ("therapist", True)
