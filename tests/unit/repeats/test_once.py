"""An act of a page, done once for the key of its form, in the transaction that claims the key."""

from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import func, select
from starlette.requests import Request

from telehealth.audit.office import Office
from telehealth.errors import Conflict, Invalid, NotFound
from telehealth.people import acts
from telehealth.person import Person
from telehealth.repeats.models import idempotency
from telehealth.repeats.once import once
from tests.people import MIKA, ROSA, Clinic
from tests.unit.appointments.scene import entries, new_key


def at(office: Office, path: str = "/profile") -> Request:
    """A request, as far as its key depends on it."""
    state = SimpleNamespace(office=office)
    return cast(Request, SimpleNamespace(app=SimpleNamespace(state=state), url=SimpleNamespace(path=path)))


async def rename(office: Office, key: str, name: str = "Rosa", person: Person = ROSA) -> list[str]:
    """What came of the form: its answer, or nothing where it was answered before."""
    said = []
    async with once(at(office), person, {"name": name, "key": key}) as keyed:
        said.append(await acts.rename(keyed, person, name))
    assert keyed.answer == person.id
    return said


async def test_the_same_form_again_is_left_at_the_act(office: Office, clinic: Clinic) -> None:
    key = new_key()
    assert await rename(office, key) == ["Rosa"]
    assert await rename(office, key) == []
    assert await rename(office, key, person=MIKA) == ["Rosa"]  # a key is one person's
    assert await entries(office, ["profile.change"]) == {"profile.change": 2}


async def test_a_key_with_something_else_in_its_form_or_none_is_refused(
    office: Office, clinic: Clinic
) -> None:
    key = new_key()
    await rename(office, key)
    with pytest.raises(Conflict):
        await rename(office, key, "Somebody else")
    with pytest.raises(Invalid):
        await rename(office, "")


async def test_an_act_that_is_refused_leaves_its_key(office: Office, clinic: Clinic) -> None:
    key = new_key()
    with pytest.raises(NotFound):
        async with once(at(office), ROSA, {"name": "Rosa", "key": key}) as keyed:
            await keyed.act(ROSA, refusing)
    async with office.database.reading() as connection:
        assert (await connection.execute(select(func.count()).select_from(idempotency))).scalar_one() == 0
    assert await rename(office, key) == ["Rosa"]


async def refusing(_: object) -> None:
    raise NotFound("not_found", "There is nothing at this address.")


async def nothing(_: object) -> None:
    return


async def test_an_act_of_no_transaction_or_of_two_is_a_mistake_of_ours(
    office: Office, clinic: Clinic
) -> None:
    with pytest.raises(RuntimeError, match="nothing was done"):
        async with once(at(office), ROSA, {"key": new_key()}):
            pass
    async with once(at(office), ROSA, {"key": new_key()}) as keyed:
        await keyed.act(ROSA, nothing)
        with pytest.raises(RuntimeError, match="one transaction"):
            await keyed.act(ROSA, nothing)
