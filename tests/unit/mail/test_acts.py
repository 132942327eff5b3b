"""What is due is sent once; what fails is tried again or given up; the administrator sees to that."""

import re

import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.models import audit_leaves
from telehealth.audit.office import Office
from telehealth.errors import NotFound
from telehealth.keys.keyring import Keyring
from telehealth.keys.models import record_keys
from telehealth.mail import acts, store
from telehealth.mail.post import NotDelivered
from telehealth.mail.store import Recipient
from telehealth.notices.models import outbox
from telehealth.notices.rules import ATTEMPTS, LEASE, STALE
from telehealth.person import Person
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import book, new_key
from tests.unit.mail.scene import (
    ADDRESSES,
    BERLIN,
    SENDER,
    Kept,
    calendar_in,
    deliver,
    give_addresses,
    tell,
    text_in,
)

pytestmark = pytest.mark.usefixtures("clinic")


@pytest.fixture(autouse=True)
async def addresses(office: Office, clinic: Clinic) -> None:
    await give_addresses(office)


async def types(office: Office) -> set[str]:
    async with office.database.reading() as connection:
        return set((await connection.execute(select(audit_leaves.c.type))).scalars())


async def test_each_is_sent_once_and_on_record(office: Office, clock: FakeClock) -> None:
    for person in (ROSA, MIKA):
        await tell(office, person)
    post = await deliver(office)
    assert sorted(mail["To"] for mail in post.mails) == [ADDRESSES[MIKA], ADDRESSES[ROSA]]
    assert "notice.mail" in await types(office)
    clock.advance(LEASE * 2)
    assert len((await deliver(office, post)).mails) == 2


async def test_a_mail_carries_no_id_and_no_words_of_its_notice(office: Office) -> None:
    made = await book(office, ROSA, reason="planted-reason")
    notice_id = await tell(office, ROSA, made.id)
    post = await deliver(office)
    mails = [f"{mail}{text_in(mail)}{calendar_in(mail)}" for mail in post.to(ROSA)]
    assert mails
    for text in mails:
        for secret in (notice_id, made.id, ROSA.id, NADIA.id):
            assert secret.hex() not in text
        assert "planted" not in text
        assert "Rosa" not in text.replace("rosa@", "")
        assert set(re.findall(r"https?://\S+", text)) == {"https://clinic.example/auth/sign-in"}


async def test_a_failure_is_tried_again_later_under_the_same_name(office: Office, clock: FakeClock) -> None:
    await tell(office, ROSA)
    refusing = await deliver(office, Kept(refusal=NotDelivered("smtp_451")))
    async with office.database.reading() as connection:
        row = (await connection.execute(select(outbox))).one()
    assert (row.attempts, row.failure, row.dead_at) == (1, "smtp_451", None)
    assert clock() < row.due_at
    clock.now = row.due_at
    refusing.refusal = None
    (mail,) = (await deliver(office, refusing)).mails
    assert re.fullmatch(r"<[0-9a-f]{32}@clinic\.example>", mail["Message-ID"])


async def test_what_fails_for_ever_is_given_up(office: Office, clock: FakeClock) -> None:
    await tell(office, ROSA)
    await tell(office, MIKA)
    post = Kept(refusal=NotDelivered("smtp_550", permanent=True))
    await deliver(office, post)
    dead, waiting = await acts.dead_letters(office, ADMIN)
    assert [(each.failure, each.attempts) for each in dead] == [("smtp_550", 1)] * 2
    assert waiting.count == 0
    await acts.drop(office, ADMIN, dead[0].notice_id, new_key())
    key = new_key()
    for _ in range(2):
        await acts.retry(office, ADMIN, dead[1].notice_id, key)
    assert (await acts.dead_letters(office, ADMIN))[0] == []
    post.refusal = None
    assert len((await deliver(office, post)).mails) == 1


async def test_after_many_attempts_it_is_given_up(office: Office, clock: FakeClock) -> None:
    await tell(office, ROSA)
    for _ in range(ATTEMPTS):
        await deliver(office, Kept(refusal=NotDelivered("connection")))
        clock.advance(minutes=241)
    ((dead,), _) = await acts.dead_letters(office, ADMIN)
    assert (dead.failure, dead.attempts) == ("connection", ATTEMPTS)


@pytest.mark.parametrize("person", [ROSA, NADIA, DESK])
async def test_the_dead_letters_are_the_administrators(office: Office, person: Person) -> None:
    notice_id = await tell(office, ROSA)
    await deliver(office, Kept(refusal=NotDelivered("smtp_550", permanent=True)))
    with pytest.raises(NotFound):
        await acts.dead_letters(office, person)
    for act in (acts.retry, acts.drop):
        with pytest.raises(NotFound):
            await act(office, person, notice_id, new_key())
    assert len((await acts.dead_letters(office, ADMIN))[0]) == 1


async def test_one_that_nobody_foresaw_keeps_no_other_waiting(
    office: Office, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(office, ROSA)
    await tell(office, MIKA)
    recipient = store.recipient

    async def fails_for_rosa(c: AsyncConnection, ring: Keyring, person_id: bytes) -> Recipient | None:
        if person_id == ROSA.id:
            raise RuntimeError("nobody foresaw this")
        return await recipient(c, ring, person_id)

    monkeypatch.setattr(store, "recipient", fails_for_rosa)
    assert [mail["To"] for mail in (await deliver(office)).mails] == [ADDRESSES[MIKA]]


async def test_old_news_and_what_has_no_key_any_more_stay_here(office: Office, clock: FakeClock) -> None:
    await tell(office, ROSA)
    clock.advance(STALE)
    clock.advance(seconds=1)
    gone = await tell(office, MIKA)
    async with office.database.transaction() as connection:
        await connection.execute(delete(record_keys).where(record_keys.c.record_id == gone))
    assert (await deliver(office)).mails == []
    async with office.database.reading() as connection:
        assert (await connection.execute(select(outbox))).all() == []


async def test_without_a_server_nothing_is_kept_for_later(office: Office) -> None:
    await tell(office, ROSA)
    assert await acts.turn(office, None, SENDER, BERLIN) == 0
    assert (await deliver(office)).mails == []
