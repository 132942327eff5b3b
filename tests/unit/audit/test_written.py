"""Entries as text: every line complete, nothing sealed in it, and new ones as they come."""

from collections.abc import Awaitable, Callable

import pytest

from telehealth.audit import written
from telehealth.audit.chain import append_once
from telehealth.audit.office import Office
from tests.unit.audit.scene import ANN, THERAPIST, VISIT, write


async def _never() -> bool:
    return False


async def test_a_line_says_who_by_pseudonym_and_nothing_of_the_detail(office: Office) -> None:
    async with office.work(THERAPIST) as work:
        detail = {"code": "told-in-confidence"}
        await work.audit(
            "visit.look", "R", entity="person", entity_id=ANN.id, subjects=[ANN.id], detail=detail
        )
        await work.audit(
            "visit.look",
            "R",
            entity="visit",
            entity_id=VISIT,
            subjects=[],
            purpose="ETREAT",
            outcome="refused",
        )
    async with office.database.transaction() as connection:
        await append_once(connection)
    found = [each async for each in written.following(office.database, after=0, wait=_never)]
    text = "\n".join(
        written.line(each) + written.json_line(each) + "".join(written.row(each)) for each in found
    )
    for secret in ("confidence", ANN.id.hex(), THERAPIST.id.hex(), ANN.id.decode()):
        assert secret not in text
    emergency = next(written.line(each) for each in found if each.entry.patient is None)
    assert emergency.endswith("about --------  ETREAT")
    assert "refused" in emergency


async def test_a_row_has_a_value_for_every_column(office: Office) -> None:
    await write(office, 1)
    (each,) = [each async for each in written.in_batches(office.database, after=0)]
    values = dict(zip(written.COLUMNS, written.row(each), strict=True))
    assert (values["seq"], values["type"], values["detail_sha256"]) == ("1", "note.write", "")
    assert values["leaf"] == each.entry.leaf.hex()


@pytest.mark.parametrize(
    ("after", "last", "seqs"), [(0, None, [1, 2, 3, 4, 5]), (2, 4, [3, 4]), (4, 4, []), (9, None, [])]
)
async def test_batches_join_without_a_gap(
    office: Office, monkeypatch: pytest.MonkeyPatch, after: int, last: int | None, seqs: list[int]
) -> None:
    monkeypatch.setattr(written, "BATCH", 2)
    await write(office, 5)
    assert [each.seq async for each in written.in_batches(office.database, after=after, last=last)] == seqs


async def test_following_shows_what_is_new_until_it_is_told_to_end(office: Office) -> None:
    await write(office, 2)
    waited: list[int] = []

    async def one_more() -> bool:
        waited.append(1)
        if len(waited) == 1:
            await write(office, 1)
        return len(waited) < 3

    wait: Callable[[], Awaitable[bool]] = one_more
    seen = [each.seq async for each in written.following(office.database, after=1, wait=wait)]
    assert (seen, len(waited)) == ([2, 3], 3)
