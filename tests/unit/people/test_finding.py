"""What a blind index finds is only a candidate: it is opened and compared before anybody relies on it."""

import pytest
from sqlalchemy import delete, select, update

from telehealth.audit.office import Office
from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.index import FULL_BITS, NotIndexable
from telehealth.errors import Forbidden
from telehealth.keys.indexes import ACCOUNTS_KEY, PEOPLE_EMAIL, account_value
from telehealth.keys.models import record_keys
from telehealth.keys.store import KeyVersion
from telehealth.people import acts, finding, store
from telehealth.people.models import accounts, people, sessions
from tests.people import MIKA, ROSA, STRANGER, Clinic
from tests.unit.keys.scene import ISSUER, sign_in

SAME = "partners@example.org"


async def give_address(office: Office, person_id: bytes, email: str | None) -> None:
    async with office.database.transaction() as c:
        await store.keep_profile(c, office.ring, person_id, name=None, email=email)


async def at(office: Office, email: str) -> set[bytes]:
    async with office.database.reading() as c:
        return set(await finding.people_at(c, office.ring, email))


async def test_an_account_is_found_by_issuer_and_subject_together(office: Office) -> None:
    person = await sign_in(office, "ann")
    async with office.database.transaction() as c:
        found = await finding.account_of(c, office.ring, ISSUER, "ann")
        assert found == finding.Account(person, "client", disabled=False)
        assert await finding.account_of(c, office.ring, ISSUER, "Ann") is None
        assert await finding.account_of(c, office.ring, ISSUER + "/", "ann") is None


async def test_an_account_whose_row_was_exchanged_lets_nobody_in(office: Office) -> None:
    ann, ben = await sign_in(office, "ann"), await sign_in(office, "ben")
    stands = ACCOUNTS_KEY.tag(office.ring, account_value(ISSUER, "ann"), KeyVersion(1, FULL_BITS))
    async with office.database.transaction() as c:
        await c.execute(delete(accounts).where(accounts.c.person_id == ann))
        await c.execute(update(accounts).where(accounts.c.person_id == ben).values(key=stands))
    with pytest.raises(Forbidden) as refused:
        await sign_in(office, "ann")
    assert refused.value.code == "account_not_theirs"


async def test_an_identity_that_was_moved_to_another_account_of_the_same_person_does_not_open(
    office: Office,
) -> None:
    ann = await sign_in(office, "ann")
    async with office.database.transaction() as c:
        await finding.add_account(c, office.ring, ISSUER, "ann-at-work", ann, office.clock())
    async with office.database.transaction() as c:
        rows = (await c.execute(select(accounts).order_by(accounts.c.created_at, accounts.c.id))).all()
        one, other = rows
        for row, identity in ((one, other.identity), (other, one.identity)):
            await c.execute(update(accounts).where(accounts.c.id == row.id).values(identity=identity))
    for subject in ("ann", "ann-at-work"):
        async with office.database.transaction() as c:
            with pytest.raises(CannotOpen):
                await finding.account_of(c, office.ring, ISSUER, subject)


async def test_partners_who_share_an_address_are_both_found(office: Office, clinic: Clinic) -> None:
    for person in (ROSA, MIKA):
        await give_address(office, person.id, SAME)
    await give_address(office, STRANGER.id, "stranger@example.org")
    assert await at(office, " PARTNERS@example.org") == {ROSA.id, MIKA.id}
    assert await at(office, "nobody@example.org") == set()


async def test_another_address_under_the_same_short_tag_is_not_a_hit(office: Office, clinic: Clinic) -> None:
    tag = PEOPLE_EMAIL.tag(office.ring, SAME, KeyVersion(1, 6))
    other = next(
        address
        for address in (f"somebody{n}@example.org" for n in range(10_000))
        if PEOPLE_EMAIL.tag(office.ring, address, KeyVersion(1, 6)) == tag
    )
    await give_address(office, ROSA.id, other)
    assert await at(office, SAME) == set()
    assert await at(office, other) == {ROSA.id}


async def test_an_address_that_was_taken_back_is_not_found(office: Office, clinic: Clinic) -> None:
    await give_address(office, ROSA.id, SAME)
    await give_address(office, ROSA.id, None)
    assert await at(office, SAME) == set()
    async with office.database.reading() as c:
        assert (
            await c.execute(select(people.c.email_index).where(people.c.id == ROSA.id))
        ).scalar_one() is None


async def test_somebody_whose_keys_are_gone_is_not_found(office: Office, clinic: Clinic) -> None:
    await give_address(office, ROSA.id, SAME)
    async with office.database.transaction() as c:
        await c.execute(delete(record_keys).where(record_keys.c.record_id == ROSA.id))
    assert await at(office, SAME) == set()


async def test_what_is_no_address_is_kept_without_an_index_and_cannot_be_asked_for(
    office: Office, clinic: Clinic
) -> None:
    await give_address(office, ROSA.id, "no address")
    with pytest.raises(NotIndexable):
        await at(office, "no address")


async def test_a_session_is_found_by_the_one_at_its_provider(office: Office) -> None:
    await sign_in(office, "ann", sid="one")
    await sign_in(office, "ann", sid="two")
    await sign_in(office, "ben")
    async with office.database.reading() as c:
        (found,) = await finding.sessions_at(c, office.ring, ISSUER, "one")
        assert await finding.sessions_at(c, office.ring, "https://other.example", "one") == []
        assert await finding.sessions_at(c, office.ring, ISSUER, "three") == []
    async with office.database.transaction() as c:
        await c.execute(update(sessions).where(sessions.c.id == found).values(id_token=None))
        assert await finding.sessions_at(c, office.ring, ISSUER, "one") == []


async def test_who_is_made_known_is_found_at_the_first_sign_in(office: Office) -> None:
    known = await acts.make_known(
        office, issuer=ISSUER, subject="mara", role="therapist", name="Mara", email=None
    )
    again = await acts.make_known(office, issuer=ISSUER, subject="mara", role="therapist", name="Mara")
    assert known.id == again.id
