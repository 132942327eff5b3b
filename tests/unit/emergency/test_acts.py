"""Asking, withdrawing and closing; nothing an asker gets tells whether such a client exists."""

import pytest
from sqlalchemy import select

from telehealth.audit.office import Office
from telehealth.emergency import acts, deciding, store
from telehealth.emergency.models import emergency_grants
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.keys.models import record_keys
from telehealth.notices import acts as notices
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, Clinic
from tests.unit.emergency.scene import NAME, REASON, asked, entries, opened


async def _row(office: Office, grant_id: bytes) -> store.Grant:
    async with office.database.reading() as connection:
        found = await store.grant_of(DESK, connection, grant_id)
    assert found is not None
    return found


async def _words_open_for(office: Office, grant: store.Grant) -> set[bytes]:
    query = select(record_keys.c.subject_id).where(record_keys.c.record_id == grant.record_id)
    async with office.database.reading() as connection:
        return set((await connection.execute(query)).scalars())


async def test_a_request_waits_with_its_words_sealed_for_the_asker(office: Office, clinic: Clinic) -> None:
    grant_id = await asked(office)
    found = await acts.own_request(office, OMAR, grant_id)
    assert (found.state, found.name, found.reason) == ("waiting", NAME, REASON)
    assert (found.asked_by, found.confirmed_by, found.ends_at) == ("Omar Fassbinder", "", None)
    row = await _row(office, grant_id)
    assert row.subject_id is None
    assert row.reason is not None
    assert row.name is not None
    assert b"planted" not in bytes(row.reason)
    assert b"Rosa" not in bytes(row.name)
    assert await _words_open_for(office, row) == {OMAR.id}
    assert ("emergency.ask", "success", "ETREAT") in await entries(office, None)


@pytest.mark.parametrize("person", [ROSA, DESK, ADMIN])
async def test_only_therapists_ask(office: Office, clinic: Clinic, person: Person) -> None:
    with pytest.raises(NotFound):
        await asked(office, person)
    async with office.database.reading() as connection:
        assert (await connection.execute(select(emergency_grants.c.id))).all() == []


async def test_a_client_that_does_not_exist_gets_the_same_answer(office: Office, clinic: Clinic) -> None:
    known, unknown = await asked(office), await asked(office, name="Nobody Here")
    answers = [await acts.own_request(office, OMAR, grant_id) for grant_id in (known, unknown)]
    assert len({(each.state, each.reason, each.lapses_at, each.confirmed_by) for each in answers}) == 1
    assert [kind for kind, *_ in await entries(office, None)].count("emergency.ask") == 2
    assert not [kind for kind, *_ in await entries(office, ROSA) if kind.startswith("emergency")]


async def test_bad_words_are_refused_and_nothing_is_written(office: Office, clinic: Clinic) -> None:
    for name, reason in (("", REASON), (NAME, "soon")):
        with pytest.raises(Invalid):
            await asked(office, name=name, reason=reason)
    assert await acts.requests(office, OMAR) == []


async def test_sent_twice_it_is_asked_once(office: Office, clinic: Clinic) -> None:
    assert await asked(office) == await asked(office)
    assert await asked(office, reason="Something else has happened") != await asked(office)
    assert await asked(office, NADIA) != await asked(office)


async def test_three_may_wait_at_once(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    for name in ("One", "Two", "Three"):
        await asked(office, name=name)
    with pytest.raises(Conflict) as refused:
        await asked(office, name="Four")
    assert refused.value.code == "enough_requests"
    await asked(office, name="Two")  # sent again
    await asked(office, NADIA, name="Four")
    clock.advance(minutes=60)
    await asked(office, name="Four")


async def test_the_list_shows_ones_own_or_all_and_never_a_word(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    of_omar = await asked(office)
    clock.advance(minutes=1)
    of_nadia = await asked(office, NADIA)
    seen = {person: await acts.requests(office, person) for person in (OMAR, NADIA, DESK, ADMIN)}
    assert [each.id for each in seen[OMAR]] == [of_omar]
    assert [each.id for each in seen[NADIA]] == [of_nadia]
    assert [each.id for each in seen[DESK]] == [each.id for each in seen[ADMIN]] == [of_nadia, of_omar]
    assert {(each.name, each.reason) for each in seen[DESK] + seen[OMAR]} == {("", "")}
    with pytest.raises(NotFound):
        await acts.requests(office, ROSA)
    clock.advance(minutes=60 * 24 * 30)
    assert await acts.requests(office, DESK) == []


@pytest.mark.parametrize("person", [NADIA, DESK, ADMIN, ROSA])
async def test_nobody_else_sees_it_as_an_asker_does(office: Office, clinic: Clinic, person: Person) -> None:
    grant_id = await opened(office)
    with pytest.raises(NotFound):
        await acts.own_request(office, person, grant_id)
    assert ("emergency.refused", "refused", "TREAT") in await entries(office, ROSA)


async def test_withdrawn_it_is_over_and_its_words_are_gone(office: Office, clinic: Clinic) -> None:
    grant_id = await asked(office)
    before = await _row(office, grant_id)
    for person in (NADIA, DESK):
        with pytest.raises(NotFound):
            await acts.withdraw(office, person, grant_id)
    await acts.withdraw(office, OMAR, grant_id)
    after = await _row(office, grant_id)
    assert (after.name, after.reason) == (None, None)
    assert await _words_open_for(office, before) == set()
    found = await acts.own_request(office, OMAR, grant_id)
    assert (found.state, found.name, found.reason) == ("withdrawn", "", "")
    with pytest.raises(Conflict) as refused:
        await acts.withdraw(office, OMAR, grant_id)
    assert refused.value.code == "already_decided"
    with pytest.raises(Conflict):
        await deciding.confirm(office, DESK, grant_id, ROSA.id)


async def test_an_open_request_says_whose_record_it_is_and_counts_as_a_look(
    office: Office, clinic: Clinic
) -> None:
    grant_id = await opened(office)
    found = await acts.own_request(office, OMAR, grant_id)
    assert (found.state, found.name, found.confirmed_by) == ("open", "Rosa Example-Lindqvist", "Dora Desk")
    assert await _words_open_for(office, await _row(office, grant_id)) == {ROSA.id}
    assert ("record.look", "success", "ETREAT") in await entries(office, ROSA)


@pytest.mark.parametrize("person", [OMAR, DESK, ADMIN])
async def test_it_may_be_closed_early_and_the_client_is_told(
    office: Office, clinic: Clinic, clock: FakeClock, person: Person
) -> None:
    grant_id = await opened(office)
    clock.advance(minutes=20)
    await acts.end(office, person, grant_id)
    found = await acts.own_request(office, OMAR, grant_id)
    assert (found.state, found.name, found.reason, found.ended_at) == ("ended", "", "", clock())
    latest = (await notices.mine(office, ROSA))[0]
    assert (latest.kind, latest.body["who"]) == ("emergency_end", "Omar Fassbinder")
    assert ("emergency.end", "success", "ETREAT") in await entries(office, ROSA)
    with pytest.raises(Conflict) as refused:
        await acts.end(office, person, grant_id)
    assert refused.value.code == "not_open"
    assert len(await notices.mine(office, ROSA)) == 2


@pytest.mark.parametrize("person", [NADIA, ROSA, MIKA])
async def test_nobody_else_closes_it(office: Office, clinic: Clinic, person: Person) -> None:
    grant_id = await opened(office)
    with pytest.raises(NotFound):
        await acts.end(office, person, grant_id)
    assert (await _row(office, grant_id)).ended_at is None


async def test_what_is_not_open_cannot_be_closed(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    waiting, open_ = await asked(office), await opened(office)
    clock.advance(minutes=120)
    for grant_id in (waiting, open_):
        with pytest.raises(Conflict) as refused:
            await acts.end(office, OMAR, grant_id)
        assert refused.value.code == "not_open"
    assert (await acts.own_request(office, OMAR, open_)).state == "over"


async def test_a_request_that_lapsed_loses_its_words_with_the_next(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    lapsed, kept = await asked(office), await opened(office)
    before = await _row(office, lapsed)
    clock.advance(minutes=59)
    await asked(office, NADIA)
    assert (await _row(office, lapsed)).reason is not None
    clock.advance(minutes=1)
    assert (await acts.own_request(office, OMAR, lapsed)).reason == ""
    await asked(office, NADIA, name="Somebody")
    after = await _row(office, lapsed)
    assert (after.name, after.reason) == (None, None)
    assert await _words_open_for(office, before) == set()
    assert (await _row(office, kept)).reason is not None


async def test_who_decides_is_told_that_somebody_waits(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    assert await acts.announcements(office, DESK) == []
    grant_id = await asked(office)
    for person in (DESK, ADMIN):
        told = await acts.announcements(office, person)
        assert [(each.url, each.urgent) for each in told] == [("/emergency", True)]
    assert await acts.announcements(office, OMAR) == await acts.announcements(office, ROSA) == []
    await deciding.decline(office, ADMIN, grant_id)
    assert await acts.announcements(office, DESK) == []
    await asked(office)
    clock.advance(minutes=60)
    assert await acts.announcements(office, DESK) == []


async def test_an_unknown_request_concerns_nobody(office: Office, clinic: Clinic) -> None:
    waiting, open_ = await asked(office), await opened(office)
    async with office.database.reading() as connection:
        for grant_id, whom in ((b"?" * 16, []), (waiting, []), (open_, [ROSA.id])):
            assert await acts.subjects_of(connection, grant_id) == whom
