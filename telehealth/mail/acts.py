"""What is done with mails: send what is due, and see to what was given up."""

import logging
from email.message import EmailMessage

from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound, Unavailable
from telehealth.mail import preparing
from telehealth.mail.letters import Sender
from telehealth.mail.post import NotDelivered, Post
from telehealth.notices import acts as notices
from telehealth.notices import outbox
from telehealth.notices.outbox import Claim, DeadLetter, Waiting
from telehealth.notices.rules import retry_at
from telehealth.person import Person
from telehealth.repeats import answers

BATCH = 50  # in one turn, so that a worker that is to stop is not kept for long
NOT_THERE = "There is nothing at this address. Perhaps it is not yours to see."
NOT_DEAD = "This message is not among those that could not be sent. The list shows which are."
_log = logging.getLogger(__name__)


async def turn(office: Office, post: Post | None, sender: Sender, zone: str) -> int:
    """Send what is due, one after another; returns how many the server took. Safe beside other workers.

    At least once: killed between the server's yes and ours, it is sent again when the lease is over, under the same
    Message-ID. Without a post nothing is kept for later: old news would come in a heap once there is one.
    """
    if post is None:
        await office.act(None, lambda work: outbox.drop_due(work.connection, work.now))
        return 0
    sent = 0
    for _ in range(BATCH):
        claimed = await office.act(None, lambda work: outbox.claim(work.connection, work.now))
        if claimed is None:
            break
        sent += await _send(office, post, sender, zone, claimed)
    return sent


async def _send(office: Office, post: Post, sender: Sender, zone: str, claimed: Claim) -> bool:
    async def prepared(work: Work) -> EmailMessage | None:
        return await preparing.prepare(work, claimed.notice_id, sender, zone)

    try:
        mail = await office.act(None, prepared)
        if mail is None:
            await office.act(None, lambda work: outbox.drop(work.connection, claimed))
            return False
        await post.deliver(claimed.notice_id, mail)
    except NotDelivered as refused:
        await _failed(office, claimed, refused)
        return False
    except Unavailable as refused:
        await _failed(office, claimed, NotDelivered(refused.code))
        return False
    except Exception as error:  # one mail that nobody foresaw must not keep the others waiting
        _log.error("A mail could not be made: %s", type(error).__name__)
        await _failed(office, claimed, NotDelivered("unexpected"))
        return False
    await office.act(None, lambda work: _sent(work, claimed))
    return True


async def _sent(work: Work, claimed: Claim) -> None:
    await outbox.note_sent(work.connection, claimed, work.now)
    subjects = await notices.subjects_of(work.connection, claimed.notice_id)
    await work.audit("notice.mail", "E", entity="notice", entity_id=claimed.notice_id, subjects=subjects)


async def _failed(office: Office, claimed: Claim, refused: NotDelivered) -> None:
    async def act(work: Work) -> None:
        again_at = None if refused.permanent else retry_at(work.now, claimed.attempts, work.chance(1))
        await outbox.note_failed(work.connection, claimed, refused.code, again_at, work.now)
        if again_at is None:
            _log.warning("A mail was given up after %d attempts: %s", claimed.attempts, refused.code)

    await office.act(None, act)


async def dead_letters(office: Office, person: Person) -> tuple[list[DeadLetter], Waiting]:
    """What was given up, the latest first, and how much waits; for the administrator."""
    _check(person)
    async with office.database.reading() as connection:
        return await outbox.dead_letters(connection), await outbox.waiting(connection)


async def retry(office: Office, person: Person, notice_id: bytes, key: str) -> None:
    """Try a dead letter again from the beginning. NotFound when it is none, and for whoever is no administrator."""
    await _settle(office, person, notice_id, key, "notice.retry")


async def drop(office: Office, person: Person, notice_id: bytes, key: str) -> None:
    """Let go of a dead letter: the message stays on the person's own page. NotFound as above."""
    await _settle(office, person, notice_id, key, "notice.drop")


async def _settle(office: Office, person: Person, notice_id: bytes, key: str, what: str) -> None:
    claimed = answers.key_from(key)

    async def act(work: Work) -> None:
        if person.role != "administrator":
            raise NotFound("not_found", NOT_THERE, about=("notice", notice_id))
        if await answers.claim(work, person, claimed, [what, notice_id.hex()]) is not None:
            return
        subjects = await notices.subjects_of(work.connection, notice_id)
        if what == "notice.retry":
            done = await outbox.revive(work.connection, notice_id, work.now)
        else:
            done = await outbox.bury(work.connection, notice_id)
        if not done:
            raise NotFound("not_a_dead_letter", NOT_DEAD, about=("notice", notice_id))
        await work.audit(what, "U", entity="notice", entity_id=notice_id, subjects=subjects)
        await answers.keep(work, person, claimed, notice_id)

    await office.act(person, act)


def _check(person: Person) -> None:
    if person.role != "administrator":
        raise NotFound("not_found", NOT_THERE)
