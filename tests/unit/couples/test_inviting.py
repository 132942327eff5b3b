"""The link: one that works, once, for a week, kept nowhere."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from telehealth.appointments.models import appointments
from telehealth.audit.office import Office
from telehealth.couples import acts
from telehealth.couples.acts import Link
from telehealth.couples.models import invitations
from telehealth.errors import Conflict, NotFound
from telehealth.person import Person
from telehealth.web.cookies import new_secret
from tests.clock import FakeClock
from tests.people import MIKA, NADIA, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN, book, entries, new_key
from tests.unit.couples.scene import a_couple, a_link, asked, book_for_two, come_along, invited


async def test_only_the_hash_of_a_link_is_kept(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await invited(office, made.id)
    assert len(link.token) == 43
    async with office.database.reading() as c:
        (row,) = (await c.execute(select(invitations))).all()
    assert len(row.hash) == 32
    assert link.token.encode() not in b"".join(value for value in row if isinstance(value, bytes))
    assert await entries(office, ["partner.invite"]) == {"partner.invite": 1}


async def test_a_link_leads_until_it_begins_at_most(office: Office, clinic: Clinic, clock: FakeClock) -> None:
    made = await book_for_two(office)
    assert (await invited(office, made.id)).expires_at == TEN
    late = await book_for_two(office, start=TEN + timedelta(days=14))
    link = await a_link(office, late.id)
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert (await asked(office, MIKA, link)).appointment_id == late.id
    clock.advance(timedelta(seconds=1))
    with pytest.raises(NotFound):
        await asked(office, MIKA, link)


async def test_the_same_form_again_is_the_same_link_while_it_leads_somewhere(
    office: Office, clinic: Clinic
) -> None:
    made = await book_for_two(office)
    secret, key = new_secret(), new_key()
    first, again = [await acts.invite(office, ROSA, made.id, secret=secret, key=key) for _ in range(2)]
    assert first is not None
    assert again == first
    assert await entries(office, ["partner.invite"]) == {"partner.invite": 1}
    await invited(office, made.id)
    assert await acts.invite(office, ROSA, made.id, secret=secret, key=key) is None


async def test_a_new_link_withdraws_the_old_one(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    old, new = await a_link(office, made.id), await a_link(office, made.id)
    with pytest.raises(NotFound):
        await asked(office, MIKA, old)
    assert (await asked(office, MIKA, new)).appointment_id == made.id


async def test_a_withdrawn_link_answers_as_one_that_never_was(office: Office, clinic: Clinic) -> None:
    made = await book_for_two(office)
    link = await a_link(office, made.id)
    await acts.withdraw(office, ROSA, made.id)
    assert (await acts.company(office, ROSA, made.id)).invitation is None
    said = []
    for each in (link, bytes(32)):
        with pytest.raises(NotFound) as refused:
            await asked(office, MIKA, each)
        said.append((refused.value.code, refused.value.sentence, refused.value.about))
    assert said[0] == said[1]


async def invited_by(office: Office, person: Person, appointment_id: bytes) -> Link:
    return await invited(office, appointment_id, person)


@pytest.mark.parametrize("person", [MIKA, STRANGER, NADIA])
async def test_nobody_else_makes_or_withdraws_a_link(office: Office, clinic: Clinic, person: Person) -> None:
    made = await book_for_two(office)
    for act in (invited_by, acts.withdraw, acts.company):
        with pytest.raises(NotFound):
            await act(office, person, made.id)


async def test_where_nobody_is_missing_nobody_is_invited(office: Office, clinic: Clinic) -> None:
    both = await a_couple(office)
    with pytest.raises(Conflict) as refused:
        await invited(office, both.id)
    assert refused.value.code == "nobody_missing"
    alone = await book(office, ROSA, TEN + timedelta(days=2))
    with pytest.raises(NotFound):
        await invited(office, alone.id)


async def test_a_partner_of_before_is_said_to_be_asked(office: Office, clinic: Clinic) -> None:
    await a_couple(office)
    made = await book_for_two(office, start=TEN + timedelta(days=2), same_partner=True)
    found = await acts.company(office, ROSA, made.id)
    assert (found.is_asked, found.appointment.company) == (True, "waiting")
    await come_along(office, made.id)
    found = await acts.company(office, ROSA, made.id)
    assert (found.is_asked, found.may_invite, found.appointment.company) == (False, False, "together")
    assert found.appointment.other_names == ("Mika Example",)


async def test_a_time_booked_before_there_were_cases_begins_one_with_its_first_link(
    office: Office, clinic: Clinic
) -> None:
    made = await book_for_two(office)
    async with office.database.transaction() as c:
        await c.execute(update(appointments).values(case_id=None))
    link = await a_link(office, made.id)
    assert await come_along(office, made.id, link=link) == made.id
    assert (await acts.company(office, MIKA, made.id)).appointment.company == "together"
