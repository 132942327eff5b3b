"""A colleague gets another role: by another administrator, on their record, told to them, and it lasts."""

import pytest
from sqlalchemy import select

from telehealth.audit.office import Office
from telehealth.clinic import roles, staffing, store
from telehealth.errors import Conflict, NotFound
from telehealth.notices import acts as notices
from telehealth.people.models import accounts, people
from telehealth.people.store import set_role
from telehealth.person import Person, Role
from tests.people import ADMIN, DESK, NADIA, OMAR, ROSA, Clinic
from tests.unit.appointments.scene import entries, new_key
from tests.unit.clinic.test_staffing import ELSEWHERE


async def change(office: Office, whom: Person, role: Role, by: Person = ADMIN) -> None:
    await roles.change_role(office, by, whom.id, role, zone="Europe/Berlin", key=new_key())


async def role_of(office: Office, person: Person) -> str:
    async with office.database.reading() as connection:
        query = select(people.c.role).where(people.c.id == person.id)
        return str((await connection.execute(query)).scalar_one())


async def test_another_role_is_on_record_told_and_lasts(office: Office, clinic: Clinic) -> None:
    await change(office, DESK, "administrator")
    assert await role_of(office, DESK) == "administrator"
    assert await entries(office, ["person.role"]) == {"person.role": 1}
    (told,) = await notices.mine(office, DESK)
    assert (told.kind, told.body["was"], told.body["role"]) == ("role_changed", "front_desk", "administrator")
    async with office.database.reading() as connection:
        query = select(accounts.c.role_here).where(accounts.c.person_id == DESK.id)
        assert set((await connection.execute(query)).scalars()) <= {True}
    await change(office, DESK, "administrator")  # the same again changes nothing
    assert len(await notices.mine(office, DESK)) == 1


async def test_a_new_therapist_can_be_shown_and_a_former_one_keeps_the_profile(
    office: Office, clinic: Clinic
) -> None:
    await change(office, DESK, "therapist")
    async with office.database.reading() as connection:
        assert (await store.therapist(connection, DESK.id)).retired_at is None
    await staffing.retire_therapist(office, ADMIN, DESK.id, ELSEWHERE, new_key())
    await change(office, DESK, "front_desk")
    await change(office, DESK, "therapist")
    async with office.database.reading() as connection:
        assert (await store.therapist(connection, DESK.id)).retired_at is not None


@pytest.mark.parametrize(
    ("whom", "role", "code"), [(ADMIN, "front_desk", "own_role"), (NADIA, "administrator", "still_seen")]
)
async def test_what_is_refused_changes_nothing(
    office: Office, clinic: Clinic, whom: Person, role: Role, code: str
) -> None:
    with pytest.raises(Conflict) as refused:
        await change(office, whom, role)
    assert (refused.value.code, refused.value.about) == (code, ("person", whom.id))
    assert await role_of(office, whom) == whom.role
    assert await entries(office, ["person.role", "person.refused"]) == {
        "person.role": 0,
        "person.refused": 1,
    }


@pytest.mark.parametrize(
    ("by", "whom"),
    [(DESK, OMAR), (NADIA, DESK), (ROSA, DESK), (ADMIN, ROSA), (ADMIN, Person(b"n" * 16, "client"))],
)
async def test_nobody_else_changes_roles_and_clients_have_none(
    office: Office, clinic: Clinic, by: Person, whom: Person
) -> None:
    with pytest.raises(NotFound):
        await change(office, whom, "therapist", by)


async def test_of_two_who_take_it_from_each_other_one_is_left(office: Office, clinic: Clinic) -> None:
    other = Person(DESK.id, "administrator", DESK.session)
    await change(office, DESK, "administrator")
    await change(office, DESK, "front_desk")  # the role is gone, and their session of before asks once more
    with pytest.raises(Conflict) as refused:
        await change(office, ADMIN, "front_desk", other)
    assert refused.value.code == "changed_meanwhile"
    async with office.database.transaction() as connection:
        await set_role(connection, DESK.id, "administrator")
    await change(office, ADMIN, "front_desk", other)
