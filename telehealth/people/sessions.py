"""Login sessions: opened at a sign-in, kept while somebody is there, renewed when they prove more, ended."""

from dataclasses import replace
from datetime import datetime

from telehealth.audit.office import Office, Work
from telehealth.errors import Forbidden, NotFound
from telehealth.people import roles, rules, store
from telehealth.people.store import LoginSession, OpenSession
from telehealth.person import Person

ENDED = "The session you wanted to confirm has ended meanwhile. Please sign in again, then repeat the step."
NO_SUCH = "This session has ended already, or it is not one of yours."


async def come_back(office: Office, session_hash: bytes, *, counts: bool = True) -> LoginSession | None:
    """The session behind a cookie, its person's name opened; None when it ended or was idle too long.

    `counts`: whether this is activity; a page that only asks how long it has left is not.
    """
    async with office.database.reading() as connection:
        session = await store.session_of(connection, office.ring, session_hash)
    now = office.clock()
    if session is None:
        return None
    if not rules.is_live(
        session.person.role, created_at=session.created_at, seen_at=session.seen_at, now=now
    ):
        await close(office, session.person)
        return None
    if counts and now - session.seen_at >= rules.SEEN_EVERY:
        await stay(office, session.id, now)
        return replace(session, seen_at=now)
    return session


async def stay(office: Office, session_id: bytes, now: datetime) -> None:
    """Count this as activity; a seat in a room does so every minute."""
    async with office.database.transaction() as connection:
        await store.touch(connection, session_id, now)


async def renew(work: Work, session: LoginSession, session_hash: bytes, *, strong: bool) -> list[bytes]:
    """The person proved anew who they are: a new cookie, the second step done, stepped up from now on.

    The session keeps its id, so that a seat it holds and what stands on record go on. Returns the ids of those that
    ended, because the second step gave the person the role that this one was opened for.

    Forbidden where the session has ended meanwhile.
    """
    role, ended = await roles.settle(work, session) if session.pending else (session.role, [])
    if not await store.renew_session(
        work.connection, session.id, session_hash, role=role, strong=strong, now=work.now
    ):
        raise Forbidden("step_up_session", ENDED, about=("person", session.person.id))
    return ended


async def close(office: Office, person: Person) -> tuple[str, str] | None:
    """End this login session; returns (provider id, ID token) for the logout at the provider, or None."""
    async with office.work(person) as work:
        session = await store.session_by_id(work.connection, person.session)
        if session is None:
            return None
        hint = None
        if session.id_token is not None:
            key = await work.ring.record(work.connection, person.id)
            hint = key.open("sessions", store.token_column(session.id), 0, session.id_token)
        await store.end_session(work.connection, session.id)
        await _on_record(work, person.id)
        return None if hint is None else (session.provider, hint)


async def own(office: Office, person: Person) -> list[OpenSession]:
    """Where this person is signed in, this browser included; the latest first."""
    async with office.work(person) as work:
        found = await store.sessions_of(work.connection, work.ring, person, work.now)
        await work.looked(entity="person", entity_id=person.id, subjects=[person.id])
    return found


async def end_one(office: Office, person: Person, session_id: bytes) -> None:
    """End one of one's own sessions; NotFound for everybody else's, which goes on their record."""

    async def act(work: Work) -> None:
        session = await store.session_by_id(work.connection, session_id)
        if session is None or session.person.id != person.id:
            whose = None if session is None else ("person", session.person.id)
            raise NotFound("session_not_found", NO_SUCH, about=whose)
        await store.end_session(work.connection, session_id)
        await _on_record(work, person.id)

    await office.act(person, act)


async def end_others(office: Office, person: Person) -> list[bytes]:
    """End every session of this person but the one that asks; returns the ids of those that ended."""

    async def act(work: Work) -> list[bytes]:
        ended = await store.end_sessions(work.connection, person_id=person.id, but=person.session)
        if ended:
            await _on_record(work, person.id)
        return [session_id for session_id, _ in ended]

    return await office.act(person, act)


async def _on_record(work: Work, person_id: bytes) -> None:
    await work.audit("session.close", "E", entity="person", entity_id=person_id, subjects=[person_id])
