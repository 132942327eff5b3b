"""The key of a blind index made anew: nobody is lost on the way, and nothing is found under the key before."""

from typing import Any

import pytest
from sqlalchemy import select, update

from telehealth.audit.office import Office
from telehealth.crypto.index import FULL_BITS
from telehealth.errors import Unavailable
from telehealth.keys.indexes import (
    ACCOUNTS_KEY,
    INDEXES,
    PEOPLE_EMAIL,
    SESSIONS_SID,
    BlindIndex,
    account_value,
)
from telehealth.keys.models import index_keys
from telehealth.keys.rotation import indexes as rotation
from telehealth.keys.rotation.steps import Rotated
from telehealth.keys.store import KeyVersion
from telehealth.office import SEALED_TABLES
from telehealth.people import finding
from telehealth.people.models import accounts, people, sessions
from tests.people import ROSA
from tests.unit.keys.scene import EMAIL, ISSUER, Seen, begin_in, on_record, sign_in, token


async def rotate(office: Office, index: BlindIndex, seen: Seen | None = None) -> Rotated:
    return await rotation.rotate_index(begin_in(office), index, SEALED_TABLES, seen or Seen())


async def versions(office: Office) -> dict[str, tuple[int, int | None]]:
    async with office.database.reading() as c:
        rows = (await c.execute(select(index_keys))).all()
    return {row.name: (row.version, row.next_version) for row in rows}


async def both(office: Office, index: BlindIndex) -> list[tuple[Any, ...]]:
    async with office.database.reading() as c:
        return [tuple(row) for row in await c.execute(select(*index.columns))]


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: index.name)
async def test_everybody_is_found_under_the_new_key_alone(busy: Office, index: BlindIndex) -> None:
    for subject in ("one", "two", "three"):
        await sign_in(busy, subject, sid=f"sid of {subject}")
    before = [row[0] for row in await both(busy, index) if row[0] is not None]
    rotated = await rotate(busy, index)
    after = [row[0] for row in await both(busy, index) if row[0] is not None]
    assert (rotated.done, rotated.remaining) == (len(before), 0)
    assert len(after) == len(before)
    assert (await versions(busy))[index.name] == (2, None)
    assert [row[1] for row in await both(busy, index) if row[1] is not None] == []
    if index is not PEOPLE_EMAIL:  # its tags are so short that some may be equal by chance
        assert not set(before) & set(after)
    async with busy.database.transaction() as c:
        found = await finding.account_of(c, busy.ring, ISSUER, "two")
        assert found is not None
        assert found.person_id in await finding.people_at(c, busy.ring, "ann@example.org")
        assert len(await finding.people_at(c, busy.ring, "ann@example.org")) == 3
        assert len(await finding.sessions_at(c, busy.ring, ISSUER, "sid of two")) == 1


async def test_who_signs_in_during_the_rotation_is_written_and_found_under_both_keys(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await sign_in(busy, "known", sid="1")

    def half_way(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    for index in INDEXES:
        with pytest.raises(KeyboardInterrupt):
            await rotation.rotate_index(begin_in(busy), index, SEALED_TABLES, half_way)
    assert set((await versions(busy)).values()) == {(1, 2)}
    assert await sign_in(busy, "known", email="other@example.org") == known
    fresh = await sign_in(busy, "fresh", sid="2", email="fresh@example.org")
    async with busy.database.reading() as c:
        row = (await c.execute(select(people).where(people.c.id == fresh))).one()
        assert row.email_index == PEOPLE_EMAIL.tag(busy.ring, "fresh@example.org", KeyVersion(1, 6))
        assert row.email_index_next == PEOPLE_EMAIL.tag(busy.ring, "fresh@example.org", KeyVersion(2, 6))
        row = (await c.execute(select(accounts).where(accounts.c.person_id == known))).one()
        assert row.key_next == ACCOUNTS_KEY.tag(
            busy.ring, account_value(ISSUER, "known"), KeyVersion(2, FULL_BITS)
        )
        row = (await c.execute(select(sessions).where(sessions.c.person_id == fresh))).one()
        assert None not in (row.provider_session, row.provider_session_next)
    for index in INDEXES:
        assert (await rotate(busy, index)).remaining == 0
    assert await sign_in(busy, "known", email="other@example.org") == known
    assert await sign_in(busy, "fresh", email="fresh@example.org") == fresh
    async with busy.database.reading() as c:
        assert await finding.people_at(c, busy.ring, "other@example.org") == [known]
        assert await finding.people_at(c, busy.ring, EMAIL) == []


async def test_one_that_was_killed_goes_on_where_it_stopped(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 1)
    for subject in ("one", "two", "three"):
        await sign_in(busy, subject)

    def killed(done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.rotate_index(begin_in(busy), ACCOUNTS_KEY, SEALED_TABLES, killed)
    total = len(await both(busy, ACCOUNTS_KEY))
    rotated = await rotate(busy, ACCOUNTS_KEY)
    assert (rotated.done, rotated.remaining) == (total - 2, 0)
    assert (await versions(busy))["accounts.key"] == (2, None)


async def test_another_number_of_planned_people_counts_from_the_next_rotation_on(busy: Office) -> None:
    """Meanwhile, and while both columns stand, everybody is found."""
    known = await sign_in(busy, "known")
    busy.ring.planned_people = 100_000
    fresh = await sign_in(busy, "fresh")

    async def found() -> list[bytes]:
        async with busy.database.reading() as c:
            return await finding.people_at(c, busy.ring, EMAIL)

    assert await found() == sorted([known, fresh])

    def half_way(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rotation.rotate_index(begin_in(busy), PEOPLE_EMAIL, SEALED_TABLES, half_way)
    busy.ring.planned_people = 1000
    assert await found() == sorted([known, fresh])
    await rotate(busy, PEOPLE_EMAIL)
    assert await found() == sorted([known, fresh])
    async with busy.database.reading() as c:
        row = (await c.execute(select(index_keys).where(index_keys.c.name == PEOPLE_EMAIL.name))).one()
    assert (row.version, row.bits, row.next_version, row.next_bits) == (2, 10, None, None)
    assert {len(tag) for tag, _ in await both(busy, PEOPLE_EMAIL) if tag} == {2}
    await rotate(busy, PEOPLE_EMAIL)
    assert {len(tag) for tag, _ in await both(busy, PEOPLE_EMAIL) if tag} == {1}


async def test_an_account_that_does_not_say_whose_it_is_keeps_both_keys_in_use(
    busy: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written by an older release; it completes itself at the next sign-in."""
    old = await sign_in(busy, "old")
    async with busy.database.transaction() as c:
        await c.execute(update(accounts).where(accounts.c.person_id == old).values(identity=None))
    rotated = await rotate(busy, ACCOUNTS_KEY)
    assert rotated.remaining == 1
    assert "next sign-in" in rotated.note
    assert (await versions(busy))["accounts.key"] == (1, 2)
    assert await sign_in(busy, "old") == old
    assert (await rotate(busy, ACCOUNTS_KEY)).remaining == 0
    assert (await versions(busy))["accounts.key"] == (2, None)
    assert await sign_in(busy, "old") == old


async def test_a_session_whose_token_names_none_is_not_waited_for(busy: Office) -> None:
    await sign_in(busy, "one", sid="1")
    odd = busy.ring.chance(32)
    async with busy.database.transaction() as c:
        key = await busy.ring.record(c, ROSA.id)
        now = busy.clock()
        token_ = key.seal("sessions", f"id_token:{odd[:16].hex()}", 0, token(None))
        row = {"hash": odd, "id": odd[:16], "person_id": ROSA.id, "provider": "practice", "id_token": token_}
        times = {"created_at": now, "seen_at": now, "signed_in_at": now}
        flags = {"role": "client", "strong": False, "pending": False, "provider_session": odd}
        await c.execute(sessions.insert().values(**row, **times, **flags))
    rotated = await rotate(busy, SESSIONS_SID)
    assert (rotated.done, rotated.remaining) == (1, 1)
    assert (await versions(busy))["sessions.sid"] == (1, 2)


async def test_an_entry_that_does_not_fit_its_value_stops_the_rotation(busy: Office) -> None:
    person = await sign_in(busy, "one")
    async with busy.database.transaction() as c:
        await c.execute(update(people).where(people.c.id == person).values(email_index=b"\x01"))
    with pytest.raises(Unavailable) as refused:
        await rotate(busy, PEOPLE_EMAIL)
    assert refused.value.code == "index_does_not_fit"
    assert (await versions(busy))["people.email"] == (1, 2)


async def test_the_rotation_is_on_record(busy: Office) -> None:
    await rotate(busy, ACCOUNTS_KEY)
    assert await on_record(busy) == ["keys.rotate.index.accounts.begin", "keys.rotate.index.accounts.end"]
