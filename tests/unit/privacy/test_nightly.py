"""The night's work comes once a day, whatever the service does meanwhile."""

from datetime import timedelta

import pytest

from telehealth.keys.keyring import SUBJECT_CLASSES
from telehealth.privacy import retention
from telehealth.privacy.acts import Registry
from telehealth.privacy.nightly import Nightly
from tests.clock import FakeClock
from tests.people import ADMIN, Clinic

NEVER: dict[str, int] = {cls: 0 for cls in SUBJECT_CLASSES}  # noqa: C420 - its keys are text, not only these


async def begun(registry: Registry) -> None:
    """The record's first entry: somebody was here."""
    async with registry.office.work(ADMIN) as work:
        await work.looked(entity="person", entity_id=ADMIN.id, subjects=[ADMIN.id])


async def test_the_night_comes_once_a_day_in_the_practices_zone(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    await begun(registry)
    night = Nightly(registry, NEVER, "Europe/Berlin")  # it is Monday, nine o'clock there
    assert not await night.turn()
    clock.advance(timedelta(hours=17, minutes=59))
    assert not await night.turn()
    clock.advance(minutes=1)
    assert await night.turn()
    assert not await night.turn()
    clock.advance(timedelta(hours=23))
    assert not await night.turn()
    clock.advance(timedelta(hours=1))
    assert await night.turn()


async def test_a_service_that_starts_anew_every_night_at_five_past_three_leaves_none_out(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    await begun(registry)
    clock.advance(timedelta(hours=18, minutes=5))  # five past three in Berlin
    ran = 0
    for _ in range(4):
        night = Nightly(registry, NEVER, "Europe/Berlin")
        for _ in range(12):
            ran += await night.turn()
            clock.advance(timedelta(hours=2))
    assert ran == 4


async def test_what_another_process_did_is_not_done_again(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    await begun(registry)
    first, second = (Nightly(registry, NEVER, "Europe/Berlin") for _ in range(2))
    clock.advance(timedelta(hours=20))
    assert [await first.turn(), await second.turn(), await first.turn()] == [True, False, False]


async def test_a_night_that_fails_is_logged_and_tried_again_within_the_hour(
    registry: Registry,
    clinic: Clinic,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await begun(registry)
    night = Nightly(registry, NEVER, "Europe/Berlin")
    clock.advance(timedelta(hours=20))

    async def broken(*_args: object) -> None:
        raise ConnectionError("planted-secret")

    with monkeypatch.context() as patched:
        patched.setattr(retention, "run", broken)
        assert await night.turn()
    assert "could not be removed: ConnectionError" in caplog.text
    assert "planted-secret" not in caplog.text
    assert not await night.turn()
    clock.advance(minutes=30)
    assert await night.turn()
    assert not await night.turn()
