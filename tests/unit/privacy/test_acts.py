"""Erasing somebody: everything of theirs, nothing of anybody else's, and not without a tombstone."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select

from telehealth.appointments import acts as appointments
from telehealth.audit.models import audit_chain, audit_leaves
from telehealth.audit.office import Office
from telehealth.audit.rules import pseudonym
from telehealth.audit.verify import verify
from telehealth.availability.models import holds
from telehealth.crypto.note import public_keys
from telehealth.emergency.models import emergency_grants
from telehealth.errors import Conflict, Invalid, NotFound, Unavailable
from telehealth.keys import indexes
from telehealth.keys.models import erasures
from telehealth.keys.verification import verify as verify_keys
from telehealth.notices.models import notices
from telehealth.passkeys.models import passkey_challenges, passkeys
from telehealth.people.models import accounts, people, sessions
from telehealth.people.store import names_of
from telehealth.privacy import acts
from telehealth.privacy.acts import Registry
from telehealth.repeats.models import idempotency
from telehealth.rooms.acts import mint_ticket
from telehealth.rooms.models import seats, tickets, whereabouts
from telehealth.rooms.whereabouts import say
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, Clinic
from tests.unit.appointments.scene import HERE, TEN, book, hold, taken
from tests.unit.privacy.conftest import SEED
from tests.unit.privacy.scene import keys_of, live, shared_appointment, sign_in, types_about, wraps_of


async def rows_of(office: Office, table: Table, person_id: bytes = ROSA.id) -> int:
    """How many rows of a table name somebody."""
    found = select(func.count()).select_from(table).where(table.c.person_id == person_id)
    async with office.database.reading() as c:
        return int((await c.execute(found)).scalar_one())


async def test_nothing_of_an_erased_person_can_be_opened(registry: Registry, clinic: Clinic) -> None:
    office = registry.office
    await live(office)
    assert await keys_of(office, ROSA.id) == {"account", "booking", "clinical", "correspondence"}
    done = await acts.erase(registry, ROSA, ROSA.id)
    assert await keys_of(office, ROSA.id) == set()
    assert await wraps_of(office, ROSA.id) == 0
    assert done.certificate.erased == ("account", "booking", "clinical", "correspondence")
    async with office.database.reading() as c:
        assert await names_of(c, office.ring, [ROSA.id, MIKA.id]) == {MIKA.id: "Mika Example"}
    for table in (sessions, accounts, passkeys, passkey_challenges, notices, idempotency, holds):
        assert await rows_of(office, table) == 0, table.name


async def test_what_stood_beside_the_sealed_fields_is_gone_too(registry: Registry, clinic: Clinic) -> None:
    office = registry.office
    person = await sign_in(office)
    assert await rows_of(office, accounts, person_id=person.id) == 1
    await acts.erase(registry, person, person.id)
    async with office.database.reading() as c:
        row = (await c.execute(select(people).where(people.c.id == person.id))).one()
    assert (row.name, row.email, row.email_index, row.email_index_next) == (None, None, None, None)
    assert row.disabled_at is not None
    assert await rows_of(office, accounts, person_id=person.id) == 0
    assert (await sign_in(office)).id != person.id


async def test_a_ticket_to_a_room_lets_nobody_in_any_more_and_where_they_are_is_gone(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    office = registry.office
    made = await book(office, ROSA)
    clock.advance(made.starts_at - timedelta(minutes=5) - clock())
    await mint_ticket(office, ROSA, made.id)
    await say(office, ROSA, made.id, place="Birch Lane 4", contact="")
    assert await rows_of(office, seats) == 1
    assert len(await every(office, tickets)) == len(await every(office, whereabouts)) == 1
    await acts.erase(registry, ROSA, ROSA.id)
    assert await every(office, tickets) == await every(office, whereabouts) == []


async def every(office: Office, table: Table) -> list[object]:
    async with office.database.reading() as c:
        return list((await c.execute(select(table))).all())


async def test_the_certificate_counts_what_went(registry: Registry, clinic: Clinic) -> None:
    await live(registry.office)
    told = await rows_of(registry.office, notices)
    counts = (await acts.erase(registry, ROSA, ROSA.id)).certificate.counts
    assert counts["keys"] == 4
    assert (
        counts["passkeys"] == counts["appointments cancelled"] == counts["reasons of emergency access"] == 1
    )
    assert counts["messages"] == told >= 2
    assert counts["records that nobody can open"] >= 4
    assert counts["records that others share"] == 0


async def test_an_emergency_leaves_no_words_and_no_access(registry: Registry, clinic: Clinic) -> None:
    await live(registry.office)
    await acts.erase(registry, ROSA, ROSA.id)
    async with registry.office.database.reading() as c:
        row = (await c.execute(select(emergency_grants))).one()
    assert (row.name, row.reason) == (None, None)
    assert row.ended_at == registry.office.clock()


async def test_appointments_ahead_are_cancelled_and_their_time_is_free(
    registry: Registry, clinic: Clinic
) -> None:
    office = registry.office
    made = await book(office, ROSA)
    await acts.erase(registry, ROSA, ROSA.id)
    assert {state for _, _, state in await taken(office)} == {"cancelled"}
    again = await book(office, MIKA)
    assert (again.starts_at, again.therapist.id) == (made.starts_at, made.therapist.id)


async def test_held_times_are_free_again(registry: Registry, clinic: Clinic) -> None:
    await hold(registry.office, person=ROSA, browser=HERE)
    await acts.erase(registry, ROSA, ROSA.id)
    assert await taken(registry.office) == []


async def test_what_is_over_stays_in_the_calendar_without_a_name_or_a_word(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    made = await book(registry.office, ROSA, reason="planted-reason")
    clock.advance(timedelta(days=3))
    await acts.erase(registry, ROSA, ROSA.id)
    for reader in (NADIA, DESK):
        found = (await appointments.mine(registry.office, reader))[0]
        assert (found.id, found.state, found.client_names, found.reason) == (made.id, "booked", (), None)


async def test_a_partner_keeps_the_shared_appointment_and_every_word_of_their_own(
    registry: Registry, clinic: Clinic
) -> None:
    office = registry.office
    shared = await shared_appointment(office)
    await acts.erase(registry, ROSA, ROSA.id)
    left = await appointments.appointment(office, MIKA, shared)
    assert (left.state, left.client_names, left.reason) == (
        "booked",
        ("Mika Example",),
        "Words of Mika's own",
    )
    assert (await appointments.appointment(office, NADIA, shared)).reason == "Words of Mika's own"
    assert ROSA.id not in {party for party, _, _ in await taken(office)}
    assert "appointment.leave" in await types_about(office, MIKA.id)


async def test_the_record_of_who_looked_still_verifies_and_the_certificate_names_its_entry(
    registry: Registry, clinic: Clinic, tmp_path: Path
) -> None:
    office = registry.office
    await live(office)
    done = await acts.erase(registry, ROSA, ROSA.id)
    report = await verify(office.database, tmp_path / "none", public_keys(SEED))
    assert report.first_bad is None
    entry = select(audit_leaves.c.type, audit_leaves.c.patient).join(
        audit_chain, audit_chain.c.leaf == audit_leaves.c.leaf
    )
    async with office.database.reading() as c:
        row = (await c.execute(entry.where(audit_chain.c.seq == done.certificate.audit_seq))).one()
    assert tuple(row) == ("person.erase", pseudonym(office._pseudonym_key, ROSA.id))


async def test_everything_of_everybody_else_still_opens(registry: Registry, clinic: Clinic) -> None:
    office = registry.office
    await live(office)
    await book(office, MIKA, TEN + timedelta(hours=2), reason="Words of Mika's own")
    await acts.erase(registry, ROSA, ROSA.id)
    report = await verify_keys(
        office.database, office.ring, registry.tables, indexes.INDEXES, lambda _done, _all: None
    )
    assert report.is_whole
    assert (await appointments.mine(office, MIKA))[0].reason == "Words of Mika's own"


async def test_the_tombstone_stands_in_both_places(registry: Registry, clinic: Clinic) -> None:
    done = await acts.erase(registry, None, ROSA.id)
    assert registry.tombstones.read() == [done.certificate]
    async with registry.office.database.reading() as c:
        row = (await c.execute(select(erasures))).one()
    assert (row.subject_id, row.basis, row.audit_seq) == (ROSA.id, "request", done.certificate.audit_seq)
    assert row.requested_at == row.done_at == registry.office.clock()


async def test_nothing_is_erased_when_the_tombstone_cannot_be_written(
    registry: Registry, clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    registry.tombstones.file.mkdir(parents=True)
    with pytest.raises(Unavailable) as refused:
        await acts.erase(registry, ROSA, ROSA.id)
    assert refused.value.code == "tombstone_not_written"
    assert len(await keys_of(registry.office, ROSA.id)) == 4
    assert "cannot be written" in caplog.text


async def test_nobody_is_erased_twice(registry: Registry, clinic: Clinic) -> None:
    await acts.erase(registry, ROSA, ROSA.id)
    with pytest.raises(Conflict) as refused:
        await acts.erase(registry, None, ROSA.id)
    assert refused.value.code == "already_erased"
    assert len(registry.tombstones.read()) == 1


async def test_nobody_is_erased_who_is_not_there(registry: Registry, clinic: Clinic) -> None:
    with pytest.raises(NotFound) as refused:
        await acts.erase(registry, None, b"nobody..........")
    assert refused.value.code == "person_not_found"


async def test_the_only_administrator_stays(registry: Registry, clinic: Clinic) -> None:
    with pytest.raises(Conflict) as refused:
        await acts.erase(registry, None, ADMIN.id)
    assert refused.value.code == "last_administrator"
    assert len(await keys_of(registry.office, ADMIN.id)) == 4


async def test_a_therapist_goes_when_nobody_waits_for_them_any_more(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    await book(registry.office, ROSA)
    with pytest.raises(Conflict) as refused:
        await acts.erase(registry, None, NADIA.id)
    assert refused.value.code == "clients_ahead"
    clock.advance(timedelta(days=2))
    await acts.erase(registry, None, NADIA.id)
    mine = (await appointments.mine(registry.office, ROSA))[0]
    assert mine.therapist.name == "A former therapist"
    with pytest.raises(Invalid) as taken_off:
        await book(registry.office, MIKA, TEN + timedelta(days=7))
    await book(registry.office, MIKA, TEN + timedelta(days=7, hours=6), therapist_id=OMAR.id)
    assert taken_off.value.code == "not_offered"
