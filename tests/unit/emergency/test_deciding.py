"""The second person: sees the request and whom it may mean, opens one record for two hours, or says no."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from telehealth.audit.office import Office
from telehealth.emergency import acts, deciding, store
from telehealth.emergency.models import emergency_grants
from telehealth.errors import Conflict, Forbidden, Invalid, NotFound
from telehealth.keys.models import record_keys, subject_keys
from telehealth.notices import acts as notices
from telehealth.people import store as people
from telehealth.person import Person, Role
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER, Clinic
from tests.unit.emergency.scene import NAME, REASON, asked, entries, opened


async def _clients_open_to(office: Office, person: Person) -> list[bytes | None]:
    async with office.database.reading() as connection:
        query = store.clients_open_to(person, office.clock())
        return [row.subject_id for row in await connection.execute(query)]


@pytest.mark.parametrize("person", [DESK, ADMIN])
async def test_the_second_person_sees_who_why_and_whom_it_may_mean(
    office: Office, clinic: Clinic, person: Person
) -> None:
    async with office.work(ROSA) as work:
        kept = {"name": "Rosa Example-Lindqvist", "email": "rosa@mail.example"}
        await people.keep_profile(work.connection, work.ring, ROSA.id, **kept)
    found = await deciding.question(office, person, await asked(office))
    request = found.request
    assert (request.asked_by, request.name, request.reason) == ("Omar Fassbinder", NAME, REASON)
    assert [(each.id, each.name, each.email) for each in found.matches] == [
        (ROSA.id, "Rosa Example-Lindqvist", "rosa@mail.example")
    ]
    assert ("record.look", "success", "ETREAT") in await entries(office, ROSA)
    assert not [each for each in await entries(office, MIKA) if each[0] == "record.look"]


async def test_staff_and_people_without_a_name_are_never_meant(office: Office, clinic: Clinic) -> None:
    for name in ("Nadia Behrens", "Dora Desk", "Stranger"):
        assert (await deciding.question(office, DESK, await asked(office, NADIA, name=name))).matches == ()


async def test_a_whole_address_finds_who_gave_no_name(office: Office, clinic: Clinic) -> None:
    async with office.work(None) as work:
        for person, name in ((STRANGER, None), (NADIA, "Nadia Behrens")):
            email = f"{person.role}@mail.example"
            await people.keep_profile(work.connection, work.ring, person.id, name=name, email=email)
    for typed, found in (
        ("Client@mail.example", [(STRANGER.id, "", "client@mail.example")]),
        ("client@mail.exam", []),
        ("client @ mail", []),
        ("therapist@mail.example", []),  # clients alone have a record to open
    ):
        grant_id = await asked(office, name=typed)
        question = await deciding.question(office, DESK, grant_id)
        assert [(each.id, each.name, each.email) for each in question.matches] == found
        await acts.withdraw(office, OMAR, grant_id)
    grant_id = await asked(office, name="client@mail.example")
    await deciding.confirm(office, DESK, grant_id, STRANGER.id)
    assert await _clients_open_to(office, OMAR) == [STRANGER.id]


@pytest.mark.parametrize("person", [OMAR, NADIA, ROSA, STRANGER])
async def test_nobody_else_decides(office: Office, clinic: Clinic, person: Person) -> None:
    grant_id = await asked(office)
    with pytest.raises(NotFound):
        await deciding.question(office, person, grant_id)
    with pytest.raises(NotFound):
        await deciding.confirm(office, person, grant_id, ROSA.id)
    with pytest.raises(NotFound):
        await deciding.decline(office, person, grant_id)
    assert await _clients_open_to(office, OMAR) == []
    assert [each[:2] for each in await entries(office, None)].count(("emergency.refused", "refused")) == 3


@pytest.mark.parametrize("role", ["front_desk", "administrator"])
async def test_nobody_confirms_their_own_request(office: Office, clinic: Clinic, role: Role) -> None:
    grant_id = await asked(office)
    promoted = replace(OMAR, role=role)  # the asker came to the front desk within the hour
    for act in (
        deciding.confirm(office, promoted, grant_id, ROSA.id),
        deciding.decline(office, promoted, grant_id),
        deciding.question(office, promoted, grant_id),
    ):
        with pytest.raises(Forbidden) as refused:
            await act
        assert refused.value.code == "own_request"
    assert (await acts.announcements(office, promoted)) == []
    assert await _clients_open_to(office, OMAR) == []


async def test_confirmed_it_stands_open_for_two_hours_to_the_asker_alone(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    grant_id = await asked(office)
    assert await _clients_open_to(office, OMAR) == []
    await deciding.confirm(office, DESK, grant_id, ROSA.id)
    assert await _clients_open_to(office, OMAR) == [ROSA.id]
    for person in (NADIA, DESK, ADMIN, replace(OMAR, role="client"), replace(OMAR, role="front_desk")):
        assert await _clients_open_to(office, person) == []
    clock.advance(timedelta(hours=2, seconds=-1))
    assert await _clients_open_to(office, OMAR) == [ROSA.id]
    clock.advance(seconds=1)
    assert await _clients_open_to(office, OMAR) == []


async def test_closed_early_it_opens_nothing(office: Office, clinic: Clinic) -> None:
    grant_id = await opened(office)
    await acts.end(office, OMAR, grant_id)
    assert await _clients_open_to(office, OMAR) == []


async def test_the_client_is_told_at_once_who_why_and_until_when(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    await deciding.confirm(office, DESK, await asked(office), ROSA.id)
    [notice] = await notices.mine(office, ROSA)
    assert (notice.kind, notice.read_at, notice.created_at) == ("emergency_open", None, clock())
    assert notice.body == {
        "who": "Omar Fassbinder",
        "confirmed_by": "Dora Desk",
        "why": REASON,
        "from": clock().isoformat(),
        "until": (clock() + timedelta(hours=2)).isoformat(),
    }
    assert await notices.mine(office, MIKA) == []
    assert {"emergency.confirm", "notice.announce"} <= {
        kind for kind, outcome, purpose in await entries(office, ROSA) if purpose == "ETREAT"
    }


async def test_from_then_on_only_the_clients_key_opens_the_words(office: Office, clinic: Clinic) -> None:
    grant_id = await asked(office)
    async with office.database.reading() as connection:
        before = await store.grant_of(DESK, connection, grant_id)
    await deciding.confirm(office, DESK, grant_id, ROSA.id)
    async with office.database.transaction() as connection:
        after = await store.grant_of(DESK, connection, grant_id)
        assert before is not None
        assert after is not None
        assert after.name is None
        wraps = select(record_keys.c.subject_id).where(
            record_keys.c.record_id.in_([before.record_id, after.record_id])
        )
        assert list((await connection.execute(wraps)).scalars()) == [ROSA.id]
        for table in (record_keys, subject_keys):  # what is clinical of Rosa's is erased
            theirs = table.c.subject_id == ROSA.id, table.c.cls == "clinical"
            await connection.execute(delete(table).where(*theirs))
    found = (await deciding.question(office, ADMIN, grant_id)).request
    assert (found.state, found.reason) == ("open", "")


@pytest.mark.parametrize("client", [None, MIKA.id, STRANGER.id, NADIA.id, b"?" * 16])
async def test_only_whom_the_name_may_mean_can_be_chosen(
    office: Office, clinic: Clinic, client: bytes | None
) -> None:
    grant_id = await asked(office)
    with pytest.raises(Invalid) as refused:
        await deciding.confirm(office, DESK, grant_id, client)
    assert (refused.value.code, list(refused.value.fields)) == ("choose_client", ["client"])
    async with office.database.reading() as connection:
        assert (await connection.execute(select(emergency_grants.c.confirmed_at))).scalars().all() == [None]
    assert await notices.mine(office, ROSA) == []


async def test_declined_nothing_is_opened_and_the_words_are_gone(office: Office, clinic: Clinic) -> None:
    grant_id = await asked(office)
    await deciding.decline(office, ADMIN, grant_id)
    async with office.database.reading() as connection:
        left = select(emergency_grants.c.name, emergency_grants.c.reason, record_keys.c.record_id).outerjoin(
            record_keys, record_keys.c.record_id == emergency_grants.c.record_id
        )
        assert (await connection.execute(left)).one() == (None, None, None)
    found = await acts.own_request(office, OMAR, grant_id)
    assert (found.state, found.name, found.reason) == ("declined", "", "")
    seen = await deciding.question(office, DESK, grant_id)
    assert (seen.request.state, seen.request.name, seen.matches) == ("declined", "", ())
    assert await _clients_open_to(office, OMAR) == []
    assert await notices.mine(office, ROSA) == []
    assert "emergency.decline" not in {kind for kind, *_ in await entries(office, ROSA)}


async def test_what_is_decided_stays_decided(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    confirmed, declined, lapsing = await opened(office), await asked(office), await asked(office, NADIA)
    await deciding.decline(office, DESK, declined)
    clock.advance(minutes=60)
    for grant_id in (confirmed, declined, lapsing):
        with pytest.raises(Conflict) as refused:
            await deciding.confirm(office, ADMIN, grant_id, ROSA.id)
        assert refused.value.code == "already_decided"
        with pytest.raises(Conflict):
            await deciding.decline(office, ADMIN, grant_id)
    assert await _clients_open_to(office, NADIA) == []
    assert len(await notices.mine(office, ROSA)) == 1


async def test_two_who_decide_at_once_open_it_once(office: Office, clinic: Clinic) -> None:
    grant_id = await asked(office)
    async with office.database.transaction() as connection:
        first = await store.decide(connection, grant_id, office.clock(), declined_at=office.clock())
        second = await store.decide(connection, grant_id, office.clock(), confirmed_at=office.clock())
    assert (first, second) == (True, False)


async def test_afterwards_it_can_be_seen_why_it_was_opened(
    office: Office, clinic: Clinic, clock: FakeClock
) -> None:
    grant_id = await opened(office)
    clock.advance(minutes=180)
    found = (await deciding.question(office, ADMIN, grant_id)).request
    assert (found.state, found.name, found.reason) == ("over", "Rosa Example-Lindqvist", REASON)
    assert found.confirmed_by == "Dora Desk"
