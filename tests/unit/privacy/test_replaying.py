"""A database restored from before an erasure forgets again, before it serves."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from telehealth.audit.office import Office
from telehealth.keys.models import erasures
from telehealth.notices.models import notices
from telehealth.people.models import people
from telehealth.people.store import names_of
from telehealth.privacy import acts, holding
from telehealth.privacy.acts import Registry
from telehealth.privacy.replaying import SHORTENED, replay
from telehealth.privacy.tombstones import BadTombstones
from tests.clock import FakeClock
from tests.people import MIKA, ROSA, Clinic
from tests.unit.privacy.backups import backup_of, restored
from tests.unit.privacy.scene import keys_of, live, types_about, wraps_of

ALL = {"account", "booking", "clinical", "correspondence"}


async def names(office: Office) -> set[str]:
    async with office.database.reading() as c:
        return set((await names_of(c, office.ring, [ROSA.id, MIKA.id])).values())


async def test_a_restored_database_knows_an_erased_person_until_the_tombstones_are_replayed(
    registry: Registry, clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    await live(registry.office)
    async with backup_of(registry.office) as backup:
        await acts.erase(registry, ROSA, ROSA.id)
        async with restored(registry, backup) as again:
            assert await names(again.office) == {"Rosa Example-Lindqvist", "Mika Example"}
            assert await keys_of(again.office, ROSA.id) == ALL
            assert await replay(again) == [ROSA.id]
            assert await names(again.office) == {"Mika Example"}
            assert await keys_of(again.office, ROSA.id) == set()
            assert await wraps_of(again.office, ROSA.id) == 0
            assert (await types_about(again.office, ROSA.id))[-1] in (
                "person.erase_again",
                "appointment.cancel",
            )
    assert "1 erased people were in this database again" in caplog.text


async def test_the_tombstone_is_in_a_restored_database_as_it_was_first_written(
    registry: Registry, clinic: Clinic, clock: FakeClock
) -> None:
    async with backup_of(registry.office) as backup:
        first = (await acts.erase(registry, ROSA, ROSA.id)).certificate
        clock.advance(timedelta(days=2))
        async with restored(registry, backup) as again:
            await replay(again)
            async with again.office.database.reading() as c:
                row = (await c.execute(select(erasures))).one()
    assert (row.requested_at, row.done_at, row.basis) == (first.asked_at, first.done_at, "request")
    assert registry.tombstones.read() == [first]


async def test_a_replay_does_nothing_more_the_second_time(registry: Registry, clinic: Clinic) -> None:
    async with backup_of(registry.office) as backup:
        await acts.erase(registry, ROSA, ROSA.id)
        async with restored(registry, backup) as again:
            assert await replay(again) == [ROSA.id]
            assert await replay(again) == []
            assert (await types_about(again.office, ROSA.id)).count("person.erase_again") == 1
    assert await replay(registry) == []


async def test_who_came_after_the_backup_is_noted_all_the_same(registry: Registry, clinic: Clinic) -> None:
    await acts.erase(registry, ROSA, ROSA.id)
    async with registry.office.database.transaction() as c:
        await c.execute(delete(erasures))
        await c.execute(update(people).where(people.c.id == ROSA.id).values(disabled_at=None))
    assert await replay(registry) == [ROSA.id]
    async with registry.office.database.reading() as c:
        assert (await c.execute(select(erasures.c.subject_id))).scalars().all() == [ROSA.id]


async def test_what_a_hold_kept_is_kept_in_a_restored_database_too(
    registry: Registry, clinic: Clinic
) -> None:
    await holding.hold(registry.office, None, ROSA.id, cls="booking", reason="File 17")
    async with backup_of(registry.office) as backup:
        await acts.erase(registry, ROSA, ROSA.id)
        async with restored(registry, backup) as again:
            await replay(again)
            assert await keys_of(again.office, ROSA.id) == {"booking"}
            async with again.office.database.reading() as c:
                assert (await c.execute(select(erasures.c.done_at))).scalar_one() is None


async def test_what_was_released_later_goes_although_the_restored_database_holds_it(
    registry: Registry, clinic: Clinic
) -> None:
    hold_id = await holding.hold(registry.office, None, ROSA.id, cls="booking", reason="File 17")
    async with backup_of(registry.office) as backup:
        await acts.erase(registry, ROSA, ROSA.id)
        await holding.release(registry, None, hold_id)
        async with restored(registry, backup) as again:
            await replay(again)
            assert await keys_of(again.office, ROSA.id) == set()


async def test_a_lost_file_is_told_and_written_anew_from_the_database(
    registry: Registry, clinic: Clinic, caplog: pytest.LogCaptureFixture
) -> None:
    made = (await acts.erase(registry, ROSA, ROSA.id)).certificate
    await replay(registry)
    assert caplog.messages == []
    registry.tombstones.file.unlink()
    assert await replay(registry) == []
    assert told(caplog) == [1]
    (stone,) = registry.tombstones.read()
    assert (stone.subject_id, stone.erased, stone.asked_at) == (ROSA.id, made.erased, made.asked_at)
    await replay(registry)
    assert len(registry.tombstones.read()) == 1
    assert told(caplog) == [1]


@pytest.mark.parametrize("cut", [100, None])
async def test_a_shortened_file_is_told_and_made_whole_even_where_somebody_is_in_it_still(
    registry: Registry, clinic: Clinic, caplog: pytest.LogCaptureFixture, cut: int | None
) -> None:
    """What goes missing is a person's second tombstone, and that of the next one whom it is written over."""
    hold_id = await holding.hold(registry.office, None, ROSA.id, cls="booking", reason="File 17")
    await acts.erase(registry, ROSA, ROSA.id)
    first = registry.tombstones.file.read_bytes()
    await holding.release(registry, None, hold_id)
    second = registry.tombstones.file.read_bytes()
    registry.tombstones.file.write_bytes(first if cut is None else second[:-cut])
    await acts.erase(
        registry, MIKA, MIKA.id
    )  # while the service runs on, it is numbered as the one that is missing
    assert await replay(registry) == []
    assert told(caplog) == [1]
    stones = registry.tombstones.read()
    assert [stone.subject_id for stone in stones] == [ROSA.id, MIKA.id, ROSA.id]
    assert set(stones[2].erased) == ALL
    await replay(registry)
    assert (told(caplog), len(registry.tombstones.read())) == ([1], 3)


def told(caplog: pytest.LogCaptureFixture) -> list[object]:
    """How many tombstones were missing, each time that this was said."""
    return [record.args[0] for record in caplog.records if record.msg == SHORTENED and record.args]  # type: ignore[index]


async def test_a_changed_file_stops_the_start_and_nobody_is_erased_by_it(
    registry: Registry, clinic: Clinic
) -> None:
    await acts.erase(registry, ROSA, ROSA.id)
    content = registry.tombstones.file.read_text()
    registry.tombstones.file.write_text(content.replace(ROSA.id.hex(), MIKA.id.hex()))
    with pytest.raises(BadTombstones, match=r"Tombstone 1 in .* is not as it was signed"):
        await replay(registry)
    assert await keys_of(registry.office, MIKA.id) == ALL


async def test_an_erasure_that_was_cut_off_before_its_commit_is_done_at_the_next_start(
    registry: Registry, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(registry.office)

    class Killed(Exception):
        pass

    async def cut_off(*args: object) -> str:
        registry.tombstones.append(args[1])  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(acts, "keep_outside", cut_off)
        with pytest.raises(Killed):
            await acts.erase(registry, ROSA, ROSA.id)
    assert await keys_of(registry.office, ROSA.id) == ALL
    assert await replay(registry) == [ROSA.id]
    assert await keys_of(registry.office, ROSA.id) == set()
    async with registry.office.database.reading() as c:
        assert (await c.execute(select(notices).where(notices.c.person_id == ROSA.id))).all() == []
