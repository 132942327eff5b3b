"""Every key is rotated while people book and sign in; the command is killed half-way each time, and goes on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telehealth.db.engine import Database
from telehealth.people import store as people
from tests.live.clinic_at_work import ClinicAtWork, clinic_at_work
from tests.people import NADIA, NAMES


@pytest.fixture
async def clinic(database: Database, tmp_path: Path) -> AsyncIterator[ClinicAtWork]:
    async with clinic_at_work(database, tmp_path) as made:
        yield made


async def test_every_key_rotates_under_traffic_and_through_kills_and_no_request_fails(
    clinic: ClinicAtWork,
) -> None:
    old = clinic.keks.ids()[0]
    async with clinic.traffic() as traffic:
        code, made = await clinic.keys("new")
        assert code == 0
        for what in ("kek", "subjects", "records", "index"):
            before = traffic.done
            _, killed_at, total = await clinic.killed("rotate", what)
            assert 0 < killed_at < total
            code, rotated = await clinic.keys("rotate", what)
            assert (code, [each["remaining"] for each in rotated]) == (0, [0] * len(rotated))
            if what in ("kek", "subjects"):  # it went on: what was done before the kill was not done again
                assert rotated[0]["done"] < total
            assert traffic.done > before
        code, gone = await clinic.keys("destroy", old, "--yes")
        assert (code, gone["kek_id"]) == (0, old)
    assert clinic.keks.ids() == [made["kek_id"]]
    await everything_opens(clinic, made["kek_id"])


async def everything_opens(clinic: ClinicAtWork, newest: str) -> None:
    """Nothing hangs on the key before, nothing is left over, and every field opens."""
    code, listed = await clinic.keys("list")
    wraps = {each["kek_id"]: each["wraps"] for each in listed["epochs"]}
    assert code == 0
    assert [kek_id for kek_id, wrapped in wraps.items() if wrapped] == [newest]
    assert wraps[newest] == listed["subject_keys"]
    assert listed["under_way"] == []
    assert {each["version"] for each in listed["indexes"]} == {2}
    code, report = await clinic.keys("verify")
    assert (code, report["findings"], report["keyless"]) == (0, [], 0)
    assert report["values"] > 500
    async with clinic.office.database.reading() as c:
        names = await people.names_of(c, clinic.office.ring, [NADIA.id])
    assert names == {NADIA.id: NAMES[NADIA]}
