"""Invitations of staff: a code that ties an account at the provider to who somebody already is here.

The role stands on the person, given by an administrator; an account tied by a code keeps it whatever the provider's
groups say. Pages that create staff call `invite` and show the code once.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from telehealth.audit.office import Office, Work
from telehealth.errors import Forbidden, NotFound, StepUpNeeded
from telehealth.people import codes, finding, rules, store
from telehealth.people.finding import Account
from telehealth.people.models import people, staff_invitations
from telehealth.people.stepping_up import SENTENCE
from telehealth.person import Person, Role
from telehealth.web.cookies import hash_of

LIVES = timedelta(days=7)
CODE_BYTES = 15  # 120 bits, so that a plain hash keeps it

NOBODY = "There is no member of staff with this id whose account may be used."
OVER = "This code is not right, or it has run out or was used. Please check it, or ask the practice for a new one."
KNOWN = (
    "The account you signed in with belongs to somebody here already, so it was not taken. Please sign in with another "
    "account, or ask the practice."
)


async def invite(office: Office, actor: Person, person_id: bytes, secret: bytes) -> str:
    """A new code for a member of staff, made of `secret`, good once and for 7 days; an earlier one ends now. It is kept
    as a hash alone.

    `actor` is an administrator who proved within the last five minutes who they are: NotFound for anybody else,
    StepUpNeeded where that is longer ago. NotFound, too, for clients, closed accounts and ids of nobody.
    """
    code = code_of(secret)

    async def act(work: Work) -> None:
        role = await _role_of(work, person_id)
        if actor.role != "administrator" or role in (None, "client"):
            raise NotFound(
                "colleague_not_found", NOBODY, about=None if role is None else ("person", person_id)
            )
        session = await store.session_by_id(work.connection, actor.session)
        if session is None or not rules.is_fresh(session.proven_at, work.now):
            raise StepUpNeeded("step_up_needed", SENTENCE)
        table = staff_invitations
        await work.connection.execute(delete(table).where(table.c.person_id == person_id))
        times = {"created_at": work.now, "expires_at": work.now + LIVES}
        values = {"hash": hash_of_code(code), "person_id": person_id, "made_by": actor.id}
        await work.connection.execute(insert(table).values(**values, **times))
        await work.audit("person.invite", "C", entity="person", entity_id=person_id, subjects=[person_id])

    await office.act(actor, act)
    return code


def code_of(secret: bytes) -> str:
    """The code made of the first of these random bytes."""
    return codes.code_of(secret[:CODE_BYTES])


async def open_code(office: Office, secret: bytes) -> tuple[str, datetime | None]:
    """The code made of this secret and until when it would be taken; empty and None when it would not."""
    code, table = code_of(secret), staff_invitations
    query = select(table.c.expires_at).where(
        table.c.hash == hash_of_code(code), table.c.expires_at > office.clock()
    )
    async with office.database.reading() as connection:
        until: datetime | None = (await connection.execute(query)).scalar_one_or_none()
    return ("", None) if until is None else (code, until)


def hash_of_code(code: str) -> bytes:
    """What the database keeps of a code, however it was typed."""
    return hash_of(codes.code_from(code).encode(), "staff-invitation")


async def is_open(office: Office, code_hash: bytes) -> bool:
    """Whether this code would be taken now."""
    table = staff_invitations
    query = select(table.c.hash).where(table.c.hash == code_hash, table.c.expires_at > office.clock())
    async with office.database.reading() as connection:
        return (await connection.execute(query)).first() is not None


async def accept(work: Work, code_hash: bytes, issuer: str, subject: str) -> Account:
    """Tie this account to whom the code is for; whose it is from now on. Part of the transaction of a sign-in.

    Forbidden, with the code as it was, for an account that is somebody's already and for a code that is not open.
    """
    known = await finding.account_of(work.connection, work.ring, issuer, subject)
    if known is not None:
        raise Forbidden("invitation_account_known", KNOWN, about=("person", known.person_id))
    table = staff_invitations
    taken = delete(table).where(table.c.hash == code_hash, table.c.expires_at > work.now)
    person_id = (await work.connection.execute(taken.returning(table.c.person_id))).scalar_one_or_none()
    role = None if person_id is None else await _role_of(work, person_id)
    if person_id is None or role is None or role == "client":
        raise Forbidden("invitation_over", OVER)
    try:
        async with work.connection.begin_nested():
            await finding.add_account(
                work.connection, work.ring, issuer, subject, person_id, work.now, role_here=True
            )
    except IntegrityError as error:  # they came in without the code at this very moment
        raise Forbidden("invitation_account_known", KNOWN) from error
    await work.audit("person.tie", "U", entity="person", entity_id=person_id, subjects=[person_id])
    return Account(person_id, role, disabled=False, role_here=True)


async def _role_of(work: Work, person_id: bytes) -> Role | None:
    """The role of somebody whose account may be used; until the transaction ends nobody else changes it."""
    query = select(people.c.role).where(people.c.id == person_id, people.c.disabled_at.is_(None))
    role: Role | None = (await work.connection.execute(query.with_for_update())).scalar_one_or_none()
    return role
