"""Verification: what is whole is whole, and every kind of harm is found and named by id."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office
from telehealth.keys import verification
from telehealth.keys.indexes import INDEXES, ensure
from telehealth.keys.models import erasures, index_keys, keks, record_keys, subject_keys
from telehealth.keys.verification import Report, verify
from telehealth.office import SEALED_TABLES
from telehealth.people import store as people
from telehealth.people.models import people as people_table
from tests.people import EVERYBODY, MIKA, NAMES, ROSA, Clinic
from tests.unit.keys.scene import Seen

EMAIL = "rosa@example.org"
Harm = Callable[[AsyncConnection], Awaitable[None]]


@pytest.fixture
async def whole(office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Everybody with keys, most with a name, Rosa with an address; pages so small that there are several."""
    monkeypatch.setattr(verification, "PAGE", 3)
    async with office.database.transaction() as c:
        await people.keep_profile(c, office.ring, ROSA.id, name=NAMES[ROSA], email=EMAIL)
        await ensure(c, office.ring, INDEXES)
    return office


async def look(office: Office, seen: Seen | None = None) -> Report:
    return await verify(office.database, office.ring, SEALED_TABLES, INDEXES, seen or Seen())


async def test_what_is_whole_is_said_to_be_with_its_counts(whole: Office) -> None:
    seen = Seen()
    report = await look(whole, seen)
    assert report.is_whole
    assert report.findings == []
    assert report.subject_keys == 4 * len(EVERYBODY)
    assert report.record_keys == len(EVERYBODY)
    assert report.values == len(NAMES) + 1
    assert report.tags == 1
    assert seen.said[-1][0] == seen.said[-1][1] == 4 * len(EVERYBODY) + 2 * len(EVERYBODY)


async def exchange_subject_keys(c: AsyncConnection) -> None:
    of_rosa = subject_keys.c.subject_id == ROSA.id, subject_keys.c.cls == "account"
    of_mika = subject_keys.c.subject_id == MIKA.id, subject_keys.c.cls == "account"
    theirs = (await c.execute(select(subject_keys.c.wrapped).where(*of_mika))).scalar_one()
    await c.execute(update(subject_keys).where(*of_rosa).values(wrapped=theirs))


async def exchange_record_keys(c: AsyncConnection) -> None:
    theirs = (
        await c.execute(select(record_keys.c.wrapped).where(record_keys.c.record_id == MIKA.id))
    ).scalar_one()
    await c.execute(update(record_keys).where(record_keys.c.record_id == ROSA.id).values(wrapped=theirs))


async def exchange_names(c: AsyncConnection) -> None:
    theirs = (await c.execute(select(people_table.c.name).where(people_table.c.id == MIKA.id))).scalar_one()
    await c.execute(update(people_table).where(people_table.c.id == ROSA.id).values(name=theirs))


async def roll_back_a_revision(c: AsyncConnection) -> None:
    await c.execute(update(people_table).where(people_table.c.id == ROSA.id).values(revision=1))


async def change_an_index_entry(c: AsyncConnection) -> None:
    await c.execute(update(people_table).where(people_table.c.id == ROSA.id).values(email_index=b"\x00"))


async def change_the_check_of_an_index(c: AsyncConnection) -> None:
    await c.execute(
        update(index_keys).where(index_keys.c.name == "people.email").values(check_value=bytes(8))
    )


async def lose_an_epoch(c: AsyncConnection) -> None:
    await c.execute(update(keks).values(state="destroyed"))


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (exchange_subject_keys, f"The account key of person {ROSA.id.hex()}"),
        (exchange_record_keys, f"The key of record {ROSA.id.hex()}"),
        (exchange_names, f"people.name of record {ROSA.id.hex()}"),
        (roll_back_a_revision, f"people.email of record {ROSA.id.hex()}"),
        (change_an_index_entry, "An entry of the index people.email"),
        (change_the_check_of_an_index, "INDEX_ROOT is not the root"),
        (lose_an_epoch, "hangs on a destroyed epoch"),
    ],
)
async def test_harm_is_found_and_named_by_id(whole: Office, harm: Harm, named: str) -> None:
    async with whole.database.transaction() as c:
        await harm(c)
    report = await look(whole)
    assert not report.is_whole
    assert any(named in sentence for sentence in report.findings)
    assert not any(NAMES[ROSA] in sentence or EMAIL in sentence for sentence in report.findings)


async def test_fields_without_a_key_are_only_right_where_their_own_person_was_erased(whole: Office) -> None:
    async with whole.database.transaction() as c:
        await c.execute(delete(record_keys).where(record_keys.c.record_id == ROSA.id))
    report = await look(whole)
    assert (report.keyless, report.is_whole) == (2, False)
    async with whole.database.transaction() as c:
        now = whole.clock()
        values = {"requested_at": now, "done_at": now, "basis": "request"}
        await c.execute(insert(erasures).values(subject_id=MIKA.id, **values))
    report = await look(whole)
    assert (report.keyless, report.erased, report.is_whole) == (2, 1, False)
    assert report.findings[0].startswith(f"people.name of record {ROSA.id.hex()} has no key")
    async with whole.database.transaction() as c:
        await c.execute(insert(erasures).values(subject_id=ROSA.id, **values))
    report = await look(whole)
    assert (report.keyless, report.erased, report.is_whole) == (2, 2, True)


async def test_many_findings_are_counted_and_only_the_first_are_told(
    whole: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "MOST", 2)
    async with whole.database.transaction() as c:
        await c.execute(update(keks).values(kek_id="kek-209901-1"))
    report = await look(whole)
    assert report.wrong > 20
    assert len(report.findings) == 2
