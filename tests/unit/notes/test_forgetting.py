"""Private notes end with those they are about, and with who wrote them."""

from datetime import timedelta

import pytest

from telehealth.audit.office import Office
from telehealth.errors import Conflict, NotFound
from telehealth.notes import acts
from telehealth.privacy import acts as privacy
from telehealth.privacy import holding, retention
from telehealth.privacy.acts import Registry
from tests.clock import FakeClock
from tests.people import ADMIN, MIKA, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import TEN, book
from tests.unit.couples.scene import a_couple
from tests.unit.notes.scene import WORDS, left, save
from tests.unit.privacy.scene import types_about
from tests.unit.privacy.test_retention import only

AFTER = TEN + timedelta(days=1)


async def noted(office: Office, clock: FakeClock, *, shared: bool = False) -> bytes:
    """Nadia has noted something about Rosa's session, or about Rosa's and Mika's, which is over."""
    made = await (a_couple(office) if shared else book(office, ROSA))
    await save(office, made.id)
    clock.now = AFTER
    return made.id


async def test_who_is_erased_is_erased_from_them(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    appointment_id = await noted(office, clock)
    erased = await privacy.erase(registry, ROSA, ROSA.id)
    assert erased.certificate.counts["private notes"] == 1
    assert await left(office) == (0, 0, 0)
    with pytest.raises(Conflict) as refused:
        await save(office, appointment_id, "More about her", turn=2)
    assert refused.value.code == "note_about_nobody"


async def test_of_two_the_other_stays_and_the_therapist_is_told(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    appointment_id = await noted(office, clock, shared=True)
    assert (await acts.note(office, NADIA, appointment_id)).parted_at is None
    await privacy.erase(registry, ROSA, ROSA.id)
    found = await acts.note(office, NADIA, appointment_id)
    assert (found.words, found.parted_at, found.names) == (WORDS, AFTER, ("Mika Example",))
    saved = await save(office, appointment_id, "Only about Mika", number=found.number, turn=2)
    assert saved.note.parted_at == AFTER
    assert await left(office) == (1, 1, 1)
    await privacy.erase(registry, MIKA, MIKA.id)
    assert await left(office) == (0, 0, 0)


async def test_a_therapist_takes_them_along(registry: Registry, clinic: Clinic, clock: FakeClock) -> None:
    await noted(registry.office, clock)
    erased = await privacy.erase(registry, None, NADIA.id)
    assert erased.certificate.counts["private notes"] == 1
    assert await left(registry.office) == (0, 0, 0)


async def test_they_outlive_the_appointment_and_end_with_the_records_of_care(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    held = (await book(office, MIKA, TEN + timedelta(hours=1))).id
    await save(office, held, "About Mika")
    appointment_id = await noted(office, clock)
    await holding.hold(office, ADMIN, MIKA.id, cls="clinical", reason="File 17")
    clock.advance(timedelta(days=50))
    assert (await retention.run(registry, only("booking", 40))).booking == 2
    assert (await acts.note(office, NADIA, appointment_id)).words == WORDS
    listed = [each.appointment_id for each in (await acts.mine(office, NADIA))[0]]
    assert listed == [held, appointment_id]
    days = only("clinical", 60) | {"booking": 40}
    assert (await retention.run(registry, days)).clinical == 0
    clock.advance(timedelta(days=30))
    assert (await retention.run(registry, days)).clinical == 1
    assert "retention.clinical" in await types_about(office, ROSA.id)
    with pytest.raises(NotFound):
        await acts.note(office, NADIA, appointment_id)
    assert (await acts.note(office, NADIA, held)).words == "About Mika"
