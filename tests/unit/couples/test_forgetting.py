"""What is left of a couple when one of them is erased, when it is old, and in a copy of one's data."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from telehealth.appointments import acts as appointments
from telehealth.appointments.models import case_members, cases
from telehealth.audit.office import Office
from telehealth.availability.rules import Dated
from telehealth.couples import acts as couples
from telehealth.couples.models import invitations
from telehealth.hours import acts as hours
from telehealth.hours.rules import Change
from telehealth.notices.acts import mine as notices_of
from telehealth.office import SEALED_TABLES
from telehealth.person import Person
from telehealth.privacy import acts as privacy
from telehealth.privacy import holding, retention
from telehealth.privacy.acts import Registry
from telehealth.privacy.exporting import export
from telehealth.privacy.tombstones import Tombstones
from tests.clock import FakeClock
from tests.people import ADMIN, MIKA, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import new_key
from tests.unit.couples.scene import AFTERWARDS, a_couple, a_link, book_for_two, come_along
from tests.unit.privacy.test_exporting import BERLIN

DAYS = {"account": 3650, "booking": 1460, "clinical": 3650, "correspondence": 365}


@pytest.fixture
def registry(office: Office, tmp_path: Path) -> Registry:
    return Registry(
        office, SEALED_TABLES, Tombstones(tmp_path / "tombstones", "test-clinic", bytes(range(32)))
    )


async def how_many(office: Office) -> tuple[int, int, int]:
    """Cases, members, links."""
    async with office.database.reading() as c:
        counts = [
            int((await c.execute(select(func.count()).select_from(table))).scalar_one())
            for table in (cases, case_members, invitations)
        ]
    return counts[0], counts[1], counts[2]


async def joined(office: Office) -> bytes:
    made = await book_for_two(office, reason="Words of Rosa's own")
    return await come_along(office, made.id, link=await a_link(office, made.id))


async def test_an_erasure_leaves_the_partners_part_and_says_that_they_come_alone(
    registry: Registry, clinic: Clinic
) -> None:
    office = registry.office
    appointment_id = await joined(office)
    await book_for_two(office, start=AFTERWARDS, same_partner=False)
    done = await privacy.erase(registry, ROSA, ROSA.id)
    assert done.certificate.counts["shared cases left"] == 2
    found = await appointments.appointment(office, MIKA, appointment_id)
    assert (found.state, found.company, found.other_names) == ("booked", "alone", ())
    assert "partner_left" in {each.kind for each in await notices_of(office, MIKA)}
    assert "partner_left_one" in {each.kind for each in await notices_of(office, NADIA)}
    assert await how_many(office) == (2, 1, 0)


async def test_what_a_legal_hold_keeps_of_an_erased_partner_is_in_nobodys_way(
    registry: Registry, clinic: Clinic
) -> None:
    office = registry.office
    appointment_id = await joined(office)
    await holding.hold(office, ADMIN, MIKA.id, cls="booking", reason="File 17")
    await privacy.erase(registry, MIKA, MIKA.id)
    found = await appointments.appointment(office, ROSA, appointment_id)
    assert (found.company, found.client_ids, found.may_cancel) == ("alone", (ROSA.id,), True)
    off = Dated(found.starts_at.date(), "off", 0, 1440)
    change, shown = Change(b"new-hours-......", off, is_new=True), [appointment_id]
    await hours.save(office, NADIA, change, choice="offer", shown=shown, key=new_key())
    assert hours.OFFER in {each.kind for each in await notices_of(office, ROSA)}
    assert not await couples.leave(office, ROSA, appointment_id, new_key())
    assert (await appointments.appointment(office, ROSA, appointment_id)).state == "cancelled"


async def test_who_is_erased_is_asked_by_nobody(registry: Registry, clinic: Clinic) -> None:
    office = registry.office
    await joined(office)
    await privacy.erase(registry, MIKA, MIKA.id)
    made = await book_for_two(office, start=AFTERWARDS, same_partner=True)
    assert made.company == "waiting"


async def test_old_cases_go_with_their_last_appointment(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    await joined(registry.office)
    clock.advance(timedelta(days=1400))
    await retention.run(registry, DAYS)
    assert await how_many(registry.office) == (1, 2, 1)
    clock.advance(timedelta(days=100))
    await retention.run(registry, DAYS)
    assert await how_many(registry.office) == (0, 0, 0)


async def test_a_link_that_nobody_used_goes_in_the_night_after(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    made = await book_for_two(registry.office)
    await a_link(registry.office, made.id)
    clock.advance(timedelta(days=1))
    await retention.run(registry, DAYS)
    assert await how_many(registry.office) == (1, 1, 1)
    clock.advance(timedelta(days=2))
    await retention.run(registry, DAYS)
    assert await how_many(registry.office) == (1, 1, 0)


async def test_a_copy_says_that_there_is_a_case_and_nothing_of_the_partner(
    registry: Registry, clinic: Clinic
) -> None:
    await joined(registry.office)
    made = await export(registry.office, None, ROSA.id, practice="Linden Practice", zone=BERLIN)
    (case,) = made.values["couples"]
    assert case["left"] is None
    assert [link["used"] for link in case["links_you_made"]] == ["2026-11-23T08:00:00Z"]
    assert "Mika" not in str(made.values)


@pytest.mark.parametrize(("gone", "left"), [(ROSA, MIKA), (MIKA, ROSA)])
async def test_when_one_is_erased_before_the_other_agreed_to_a_new_time_it_goes_on(
    registry: Registry, clinic: Clinic, gone: Person, left: Person
) -> None:
    office = registry.office
    both = await a_couple(office)
    await appointments.move(office, ROSA, both.id, start=AFTERWARDS, key=new_key())
    await privacy.erase(registry, gone, gone.id)
    found = await appointments.appointment(office, left, both.id)
    assert (found.state, found.asks_me) == ("booked", left == MIKA)
    assert "partner_left" in [each.kind for each in await notices_of(office, left)]
