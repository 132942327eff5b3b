"""Index entries that do not fit are made anew from the sealed values beside them, and everybody is found again."""

from typing import Any

import pytest
from sqlalchemy import update

from telehealth.audit.office import Office
from telehealth.crypto.index import FULL_BITS
from telehealth.db.alone import alone
from telehealth.errors import Conflict
from telehealth.keys import repairing
from telehealth.keys.indexes import ACCOUNTS_KEY, INDEXES, PEOPLE_EMAIL, account_value
from telehealth.keys.models import index_keys
from telehealth.keys.repairing import Repaired, repair_index
from telehealth.keys.store import KeyVersion
from telehealth.keys.verification import verify
from telehealth.office import SEALED_TABLES
from telehealth.people.models import accounts, people
from tests.people import Clinic
from tests.unit.keys.scene import ISSUER, Seen, begin_in, on_record, sign_in

NAMES = ("one", "two", "three")


@pytest.fixture
async def known(office: Office, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Three who signed in, and batches so small that there are several."""
    monkeypatch.setattr(repairing, "BATCH", 2)
    return {name: await sign_in(office, name, sid=name) for name in NAMES}


async def repair(office: Office) -> list[Repaired]:
    return [await repair_index(begin_in(office), index, SEALED_TABLES) for index in INDEXES]


async def findings(office: Office) -> list[str]:
    return (await verify(office.database, office.ring, SEALED_TABLES, INDEXES, Seen())).findings


async def change(office: Office, statement: Any) -> None:
    async with office.database.transaction() as c:
        await c.execute(statement)


def key(office: Office, name: str, version: int = 1) -> bytes:
    return ACCOUNTS_KEY.tag(office.ring, account_value(ISSUER, name), KeyVersion(version, FULL_BITS))


async def test_where_everything_fits_nothing_is_written(office: Office, known: dict[str, bytes]) -> None:
    assert await repair(office) == [Repaired(0, ())] * len(INDEXES)
    assert await on_record(office) == []


async def test_tags_of_a_version_that_is_not_in_use_are_made_anew(
    office: Office, known: dict[str, bytes]
) -> None:
    """What two rotations at once could do: the tags of version 2 under the number of another one."""
    mine = index_keys.c.name == ACCOUNTS_KEY.name
    values = {"version": 3, "check_value": ACCOUNTS_KEY.check_value(office.ring, 3)}
    await change(office, update(index_keys).where(mine).values(**values))
    assert len(await findings(office)) == len(NAMES)
    assert [done.rows for done in await repair(office)] == [0, len(NAMES), 0]
    assert await findings(office) == []
    assert {name: await sign_in(office, name) for name in NAMES} == known
    assert await on_record(office) == ["keys.repair.index.accounts"]


async def test_two_whose_entries_were_exchanged_get_their_own_back(
    office: Office, known: dict[str, bytes]
) -> None:
    one, two = key(office, "one"), key(office, "two")
    for was, becomes in ((one, b"x" * 32), (two, one), (b"x" * 32, two)):
        await change(office, update(accounts).where(accounts.c.key == was).values(key=becomes))
    assert (await repair(office))[1].rows == 2
    assert await findings(office) == []
    assert {name: await sign_in(office, name) for name in NAMES} == known


async def test_an_entry_that_is_missing_is_found_and_filled(office: Office, known: dict[str, bytes]) -> None:
    await change(office, update(people).values(email_index=None))
    told = await findings(office)
    assert len(told) == len(NAMES)
    assert told[0].startswith("An entry of the index people.email is missing beside its value (row ")
    assert (await repair(office))[0].rows == len(NAMES)
    assert await findings(office) == []


async def test_while_the_key_rotates_both_entries_are_made_anew(
    office: Office, known: dict[str, bytes]
) -> None:
    mine = index_keys.c.name == PEOPLE_EMAIL.name
    await change(office, update(index_keys).where(mine).values(next_version=2, next_bits=10))
    await change(office, update(people).values(email_index_next=b"\xff"))
    assert len(await findings(office)) == len(NAMES)
    assert (await repair(office))[0].rows == len(NAMES)
    assert await findings(office) == []


async def test_an_account_that_is_there_twice_is_left_to_a_person(
    office: Office, known: dict[str, bytes]
) -> None:
    """Somebody who was not found at sign-in was given a second account."""
    await change(office, update(accounts).where(accounts.c.key == key(office, "one")).values(key=b"x" * 32))
    second = await sign_in(office, "one")
    assert second != known["one"]
    (_, done, _) = await repair(office)
    assert done.rows == 0
    (sentence,) = done.twice
    assert sentence.index(second.hex()) < sentence.index(known["one"].hex())
    assert await sign_in(office, "one") == second


async def test_no_index_is_repaired_while_it_rotates(office: Office, known: dict[str, bytes]) -> None:
    async with alone(office.database.engine, "rotate-index"):
        with pytest.raises(Conflict):
            await repair(office)


async def test_a_row_that_does_not_say_what_it_is_found_by_is_left_as_it_is(
    office: Office, known: dict[str, bytes]
) -> None:
    mine = accounts.c.key == key(office, "one")
    await change(office, update(accounts).where(mine).values(key=b"x" * 32, identity=None))
    assert (await repair(office))[1].rows == 0
