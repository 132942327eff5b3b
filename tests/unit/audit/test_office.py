"""The office: an act and its entry stand or fall together, and refusals go on record alone."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from telehealth.audit.details import detail_keys, open_detail
from telehealth.audit.office import Office, Work
from telehealth.crypto.aead import CannotOpen
from telehealth.errors import Conflict, NotFound
from telehealth.keys.models import record_keys
from tests.clock import FakeClock
from tests.unit.audit.scene import ANN, BEN, PSEUDONYM_KEY, THERAPIST, VISIT, alias, entries


async def test_an_act_about_a_couple_is_on_each_partners_record(office: Office, clock: FakeClock) -> None:
    async with office.work(THERAPIST) as work:
        await work.audit(
            "visit.read", "R", entity="appointment", entity_id=VISIT, subjects=[ANN.id, BEN.id, ANN.id]
        )
    written = await entries(office)
    assert {row.patient for row in written} == {alias(ANN.id), alias(BEN.id)}
    assert len(written) == 2
    for row in written:
        assert (row.type, row.action, row.outcome, row.purpose) == ("visit.read", "R", "success", "TREAT")
        assert (row.entity_type, row.entity_id, row.ts) == ("appointment", VISIT, clock.now)
        assert row.agent == alias(THERAPIST.id)
        assert row.detail_ct is None


async def test_no_entry_names_a_person_or_a_session(office: Office) -> None:
    async with office.work(ANN) as work:
        await work.audit("profile.change", "U", entity="person", entity_id=ANN.id, subjects=[ANN.id])
    (row,) = await entries(office)
    assert row.session == alias(ANN.session)
    stored = b"".join(value for value in row if isinstance(value, bytes))
    assert ANN.id not in stored
    assert ANN.session not in stored


async def test_work_without_a_person_or_a_record_is_on_record_too(office: Office) -> None:
    async with office.work(None) as work:
        await work.audit("service.change", "U", entity="service", entity_id=VISIT, subjects=[])
    (row,) = await entries(office)
    assert (row.agent, row.session, row.patient) == (None, None, None)


async def test_a_detail_is_sealed_for_the_person_it_concerns(office: Office, clock: FakeClock) -> None:
    detail = {"what": "moved by phone"}
    async with office.work(THERAPIST) as work:
        await work.audit(
            "visit.move", "U", entity="appointment", entity_id=VISIT, subjects=[ANN.id, BEN.id], detail=detail
        )
    written = {row.patient: row for row in await entries(office)}
    async with office.database.transaction() as c:
        keys = await detail_keys(c, office.ring, PSEUDONYM_KEY, [ANN.id, BEN.id], clock.now)
    for person in (ANN, BEN):
        row = written[alias(person.id)]
        assert b"phone" not in row.detail_ct
        assert open_detail(keys[person.id], row.id, row.detail_ct) == detail
    with pytest.raises(CannotOpen):
        open_detail(keys[BEN.id], written[alias(ANN.id)].id, written[alias(ANN.id)].detail_ct)
    with pytest.raises(CannotOpen):
        open_detail(keys[ANN.id], written[alias(BEN.id)].id, written[alias(ANN.id)].detail_ct)


async def test_details_share_one_key_for_a_person_and_month(office: Office, clock: FakeClock) -> None:
    async def keys_after_an_act() -> int:
        async with office.work(THERAPIST) as work:
            await work.audit("x", "U", entity="note", entity_id=VISIT, subjects=[ANN.id], detail={"a": "b"})
            count = select(func.count()).select_from(record_keys)
            return int((await work.connection.execute(count)).scalar_one())

    assert await keys_after_an_act() == 1
    assert await keys_after_an_act() == 1
    clock.advance(timedelta(days=10))
    assert await keys_after_an_act() == 2


async def test_a_detail_about_nobody_is_sealed_for_who_acts(office: Office, clock: FakeClock) -> None:
    async with office.work(THERAPIST) as work:
        await work.audit("x", "U", entity="service", entity_id=VISIT, subjects=[], detail={"a": "b"})
    (row,) = await entries(office)
    async with office.database.transaction() as c:
        keys = await detail_keys(c, office.ring, PSEUDONYM_KEY, [THERAPIST.id], clock.now)
    assert open_detail(keys[THERAPIST.id], row.id, row.detail_ct) == {"a": "b"}


async def test_a_detail_that_nobody_could_open_is_refused(office: Office) -> None:
    with pytest.raises(ValueError, match="neither a subject nor an actor"):
        async with office.work(None) as work:
            await work.audit("x", "U", entity="service", entity_id=VISIT, subjects=[], detail={"a": "b"})
    assert await entries(office) == []


def written_then(error: Exception) -> Callable[[Work], Awaitable[None]]:
    """An act that writes, and then fails."""

    async def act(work: Work) -> None:
        await work.audit("visit.read", "R", entity="appointment", entity_id=VISIT, subjects=[ANN.id])
        raise error

    return act


async def test_a_refusal_leaves_a_refused_entry_and_no_other_write(office: Office, clock: FakeClock) -> None:
    refusal = NotFound("not_found", "Nothing here.", about=("appointment", VISIT))
    with pytest.raises(NotFound):
        await office.act(BEN, written_then(refusal))
    written = await entries(office)
    assert {row.outcome for row in written} == {"refused"}
    assert {row.type for row in written} == {"appointment.refused"}
    assert {row.patient for row in written} == {alias(ANN.id), alias(BEN.id)}
    assert {row.agent for row in written} == {alias(BEN.id)}
    async with office.database.transaction() as c:
        keys = await detail_keys(c, office.ring, PSEUDONYM_KEY, [ANN.id], clock.now)
    anns = next(row for row in written if row.patient == alias(ANN.id))
    assert open_detail(keys[ANN.id], anns.id, anns.detail_ct) == {"code": "not_found"}


async def test_a_refusal_about_nothing_leaves_nothing(office: Office) -> None:
    with pytest.raises(Conflict):
        await office.act(ANN, written_then(Conflict("time_taken", "Someone else was quicker.")))
    assert await entries(office) == []


@pytest.mark.parametrize("about", [("appointment", b"?" * 16), ("unheard-of", VISIT)])
async def test_a_refusal_about_an_unknown_record_names_who_asked(
    office: Office, about: tuple[str, bytes]
) -> None:
    with pytest.raises(NotFound):
        async with office.work(ANN):
            raise NotFound("not_found", "Nothing here.", about=about)
    (row,) = await entries(office)
    assert (row.entity_type, row.entity_id, row.patient) == (*about, None)
    assert row.agent == alias(ANN.id)


async def test_a_refusal_of_nobody_known_is_on_record_without_a_detail(office: Office) -> None:
    with pytest.raises(NotFound):
        async with office.work(None):
            raise NotFound("not_found", "Nothing here.", about=("unheard-of", VISIT))
    (row,) = await entries(office)
    assert (row.outcome, row.agent, row.detail_ct) == ("refused", None, None)


async def test_a_refusal_is_on_record_even_when_the_keys_are_away(office: Office, tmp_path: Path) -> None:
    (tmp_path / "keks" / "kek-202611-1").unlink()
    with pytest.raises(Conflict):
        async with office.work(ANN):
            raise Conflict("gone", "Gone.", about=("appointment", VISIT))
    written = await entries(office)
    assert {row.patient for row in written} == {alias(ANN.id), alias(BEN.id)}
    assert [row.detail_ct for row in written] == [None, None]


async def test_an_actor_found_out_during_the_act_is_named_in_its_refusal(office: Office) -> None:
    async def act(work: Work) -> None:
        work.actor = ANN
        raise Conflict("disabled", "Not now.", about=("unheard-of", VISIT))

    with pytest.raises(Conflict):
        await office.act(None, act)
    (row,) = await entries(office)
    assert row.agent == alias(ANN.id)


async def test_an_error_of_ours_leaves_nothing(office: Office) -> None:
    with pytest.raises(ZeroDivisionError):
        await office.act(ANN, written_then(ZeroDivisionError()))
    assert await entries(office) == []


def locked_for(times: int) -> Callable[[Work], Awaitable[str]]:
    """An act whose transaction is refused by the database the first `times` times."""
    tries: list[int] = []

    async def act(work: Work) -> str:
        await work.audit("x", "U", entity="note", entity_id=VISIT, subjects=[ANN.id])
        tries.append(1)
        if len(tries) <= times:
            raise OperationalError("INSERT", {}, Exception("database is locked"))
        return "done"

    return act


async def test_an_act_is_tried_again_and_written_once(office: Office) -> None:
    assert await office.act(ANN, locked_for(3)) == "done"
    assert len(await entries(office)) == 1


async def test_an_act_is_not_tried_for_ever(office: Office) -> None:
    with pytest.raises(OperationalError):
        await office.act(ANN, locked_for(4))
    assert await entries(office) == []


async def test_another_error_of_the_database_is_not_tried_again(office: Office) -> None:
    tries: list[int] = []

    async def act(_work: Work) -> None:
        tries.append(1)
        raise OperationalError("INSERT", {}, Exception("disk I/O error"))

    with pytest.raises(OperationalError):
        await office.act(ANN, act)
    assert len(tries) == 1


def test_a_short_pseudonym_key_is_refused(office: Office) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Office(office.database, office.ring, clock=office.clock, chance=office.chance, pseudonym_key=b"short")
