"""What changes between a worker's look and its offer."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from telehealth.appointments import acts as appointments
from telehealth.appointments.acts import Appointment
from telehealth.audit.office import Office, Work
from telehealth.availability.store import busy_of
from telehealth.waiting import acts, forgetting, offering
from tests.clock import FakeClock
from tests.people import MIKA, ROSA
from tests.unit.appointments.scene import entries, new_key
from tests.unit.waiting.scene import OTHER, offer, wish


def before(act: Callable[..., Awaitable[Any]], meanwhile: Callable[..., Awaitable[None]]) -> object:
    """The same act, once something else has happened."""

    async def both(*given: Any, **named: Any) -> Any:
        await meanwhile(*given, **named)
        return await act(*given, **named)

    return both


async def test_what_was_declined_just_now_is_not_offered_by_a_worker_who_looked_before(
    office: Office, booked: list[Appointment], monkeypatch: pytest.MonkeyPatch
) -> None:
    await wish(office, ROSA)
    await appointments.cancel(office, OTHER, booked[-1].id, new_key())

    async def meanwhile(*_: object, **__: object) -> None:
        monkeypatch.undo()
        assert await acts.turn(office) == 1
        found = await offer(office, ROSA)
        assert found is not None
        assert found.offer is not None
        await acts.decline(office, ROSA, found.offer.appointment_id)

    monkeypatch.setattr(offering, "busy_of", before(busy_of, meanwhile))
    assert await acts.turn(office) == 0
    assert await offer(office, ROSA) is None


async def test_who_is_forgotten_while_an_offer_lapses_holds_up_nobody(
    office: Office, clock: FakeClock, booked: list[Appointment], monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in (ROSA, MIKA):
        await wish(office, person)
        clock.advance(minutes=1)
    for each in booked[-2:]:
        await appointments.cancel(office, OTHER, each.id, new_key())
    assert await acts.turn(office) == 2
    clock.advance(timedelta(hours=4))

    async def meanwhile(work: Work, **_: object) -> None:
        monkeypatch.undo()
        await forgetting.wait_no_more(work.connection, ROSA.id, work.now)
        await forgetting.forget_wishes(work.connection, ROSA.id)

    monkeypatch.setattr(offering, "_lapse", before(offering._lapse, meanwhile))
    assert await acts.turn(office) == 1
    assert await entries(office, ["waiting.lapse"]) == {"waiting.lapse": 1}
