"""What people do with passkeys: sign in, confirm that it is them, and add one. Keeping them in order: `keeping.py`."""

from typing import Any

from telehealth.audit.office import Office, Work
from telehealth.errors import Conflict, Forbidden, Refusal, StepUpNeeded
from telehealth.notices.acts import announce
from telehealth.passkeys import ceremony, rules, store, vouching
from telehealth.passkeys.ceremony import REFUSED, Answer, Site
from telehealth.passkeys.rules import Purpose
from telehealth.passkeys.store import Passkey
from telehealth.people import devices, sessions
from telehealth.people import store as people
from telehealth.people.acts import DISABLED
from telehealth.people.stepping_up import SENTENCE
from telehealth.people.store import LoginSession
from telehealth.person import Person
from telehealth.web.cookies import hash_of

CHALLENGE_BYTES = 32
PROVIDER = "passkey"  # where a session was opened that no provider opened

OVER = "This was open for too long, or was answered already. Please start it again."
UNKNOWN = "We do not know this passkey. Perhaps it was removed here. Please choose another way to sign in."
COPIED = (
    "This passkey may have been copied, so it was not accepted. Please sign in another way, remove it from your list "
    "of passkeys, and tell the practice."
)
NOT_ALONE = (
    "Staff sign in with the practice's account first; the passkey is the second step. Please start there."
)
NOT_VOUCHED = "This passkey does not count as a second step. Ask an administrator for a code and add it anew."
NO_CODE = "This code is not right, or it has run out. Please check it, or ask an administrator for a new one."
NONE_OF_YOURS = "You have no passkey that counts here. Please choose another way."
ENOUGH = (
    f"You have {rules.MAX_PASSKEYS} passkeys. Please remove one that you no longer use, then add this one."
)
KNOWN = "This device has a passkey here already, so no second one was made."


async def start_sign_in(office: Office, site: Site, visit: bytes) -> dict[str, Any]:
    """What the browser of this visit needs to sign somebody in; it offers every passkey it has for us."""
    challenge = await _challenge(office, "sign_in", of_visit(visit), None)
    return ceremony.options_to_use(site, challenge=challenge, allowed=[])


async def start_confirming(
    office: Office, site: Site, session: LoginSession, *, staff_factor: bool
) -> dict[str, Any]:
    """What the browser of this session needs to prove one of its person's own passkeys. Conflict without one."""
    person = session.person
    async with office.database.reading() as connection:
        known = await store.passkeys_of(connection, office.ring, person.id)
    allowed = [
        passkey.credential
        for passkey in known
        if rules.counts(person.role, vouched=passkey.vouched, staff_factor=staff_factor)
    ]
    if not allowed:
        raise Conflict("passkey_none", NONE_OF_YOURS)
    challenge = await _challenge(office, "confirm", of_session(session), person)
    return ceremony.options_to_use(site, challenge=challenge, allowed=allowed)


async def start_adding(
    office: Office, site: Site, session: LoginSession, *, code: str, first: bool = False
) -> dict[str, Any]:
    """What the browser needs to make a passkey; a code that is needed is looked at before the person is asked.

    `first`: StepUpNeeded where there is one already.
    """
    person = session.person
    async with office.database.reading() as connection:
        known = await store.passkeys_of(connection, office.ring, person.id)
        if rules.needs_code(pending=session.pending):
            hashed = vouching.hash_of_code(code)
            if not await vouching.is_open(connection, hashed, person.id, office.clock()):
                raise Forbidden("passkey_code", NO_CODE)
    _check_number(len(known), first=first)
    return ceremony.options_to_add(
        site,
        challenge=await _challenge(office, "add", of_session(session), person),
        user_id=person.id,
        user_name=session.name or site.name,
        known=[passkey.credential for passkey in known],
    )


async def sign_in(
    office: Office,
    site: Site,
    answer: Answer,
    *,
    visit: bytes,
    session_hash: bytes,
    device: str = devices.SOMETHING,
) -> Person:
    """Open a login session for the client whose passkey this is; staff begin at the provider, who says their role."""
    challenge = await _take(office, answer, "sign_in", of_visit(visit))

    async def act(work: Work) -> Person:
        credential_id = ceremony.credential_id_of(answer)
        found = await store.passkey_behind(work.connection, work.ring, credential_id)
        if found is None:
            raise Forbidden("passkey_unknown", UNKNOWN)
        passkey, person, disabled = found
        about = ("person", person.id)
        if ceremony.user_of(answer) != person.id:
            raise Forbidden("passkey_refused", REFUSED, about=about)
        await _prove(work, site, answer, challenge, passkey)
        if disabled:
            raise Forbidden("account_disabled", DISABLED, about=about)
        if person.role != "client":
            raise Forbidden("passkey_not_alone", NOT_ALONE, about=about)
        work.actor = await _open_session(work, person, session_hash, device)
        await work.audit("session.open", "E", entity="person", entity_id=person.id, subjects=[person.id])
        return work.actor

    return await office.act(None, act)


async def confirm(
    office: Office,
    site: Site,
    answer: Answer,
    session: LoginSession,
    *,
    session_hash: bytes,
    staff_factor: bool,
) -> list[bytes]:
    """The second step of a sign-in that is pending, or the step-up of one that stands: a new cookie opens it.

    Returns what `sessions.renew` does: the ids of sessions that ended by it.
    """
    challenge = await _take(office, answer, "confirm", of_session(session))
    person = session.person

    async def act(work: Work) -> list[bytes]:
        credential_id = ceremony.credential_id_of(answer)
        found = await store.passkey_behind(work.connection, work.ring, credential_id)
        if found is None or found[1].id != person.id:
            raise Forbidden("passkey_unknown", UNKNOWN, about=("person", person.id))
        passkey = found[0]
        await _prove(work, site, answer, challenge, passkey)
        if not rules.counts(person.role, vouched=passkey.vouched, staff_factor=staff_factor):
            raise Forbidden("passkey_not_vouched", NOT_VOUCHED, about=("person", person.id))
        ended = await sessions.renew(work, session, session_hash, strong=True)
        await work.audit("session.confirm", "E", entity="person", entity_id=person.id, subjects=[person.id])
        return ended

    return await office.act(person, act)


async def add(
    office: Office,
    site: Site,
    answer: Answer,
    session: LoginSession,
    *,
    name: str,
    code: str,
    session_hash: bytes,
    first: bool = False,
) -> tuple[Passkey, list[bytes]]:
    """Keep a new passkey, `first` as in `start_adding`.

    In a pending session the code vouches for it, and the second step is done with it: then `sessions.renew` says which
    sessions ended by it.
    """
    challenge = await _take(office, answer, "add", of_session(session))
    person, called = session.person, rules.name_from(name)

    async def act(work: Work) -> tuple[Passkey, list[bytes]]:
        with_code = await _with_code(work, session, code)
        await people.lock_role(work.connection, person.id)  # of two at once one is the first
        try:
            credential, sign_count = ceremony.made(site, answer, challenge)
        except Forbidden as refusal:
            raise _about(refusal, person.id) from refusal
        if await store.is_known(work.connection, credential.id):
            raise Conflict("passkey_known", KNOWN)
        _check_number(len(await store.passkeys_of(work.connection, work.ring, person.id)), first=first)
        vouched = rules.is_vouched(person.role, strong=session.strong, with_code=with_code)
        passkey = Passkey(
            id=work.chance(16),
            person_id=person.id,
            name=called,
            credential=credential,
            revision=0,
            sign_count=sign_count,
            vouched=vouched,
            created_at=work.now,
            used_at=None,
        )
        await store.add_passkey(work.connection, work.ring, passkey)
        await work.audit("passkey.add", "C", entity="passkey", entity_id=passkey.id, subjects=[person.id])
        await announce(work, person.id, "passkey_added", {"name": called, "at": work.now.isoformat()})
        if not session.pending:
            return passkey, []
        ended = await sessions.renew(work, session, session_hash, strong=True)
        await work.audit("session.confirm", "E", entity="person", entity_id=person.id, subjects=[person.id])
        return passkey, ended

    return await office.act(person, act)


def of_visit(visit: bytes) -> bytes:
    """What binds a challenge to a browser that nobody is signed in at."""
    return hash_of(visit, "passkey-visit")


def of_session(session: LoginSession) -> bytes:
    """What binds a challenge to one login session."""
    return hash_of(session.id, "passkey-session")


async def _challenge(office: Office, purpose: Purpose, binding: bytes, person: Person | None) -> bytes:
    challenge, now = office.chance(CHALLENGE_BYTES), office.clock()
    person_id = None if person is None else person.id
    async with office.database.transaction() as connection:
        await store.forget_challenges(connection, now)
        expires_at = now + rules.CHALLENGE_LIVES
        await store.add_challenge(
            connection, challenge, purpose, binding, person_id=person_id, expires_at=expires_at
        )
    return challenge


async def _take(office: Office, answer: Answer, purpose: Purpose, binding: bytes) -> bytes:
    """The challenge this answers, used up for good whatever comes of it."""
    challenge = ceremony.challenge_of(answer)
    async with office.database.transaction() as connection:
        if not await store.take_challenge(connection, challenge, purpose, binding, office.clock()):
            raise Conflict("passkey_challenge", OVER)
    return challenge


async def _prove(work: Work, site: Site, answer: Answer, challenge: bytes, passkey: Passkey) -> None:
    """Refused, with the refusal on the person's record, unless this passkey signed and its counter moved on."""
    try:
        said = ceremony.proven(site, answer, challenge, passkey.credential)
    except Refusal as refusal:
        raise _about(refusal, passkey.person_id) from refusal
    if rules.has_gone_back(kept=passkey.sign_count, said=said):
        raise Forbidden("passkey_copied", COPIED, about=("person", passkey.person_id))
    if not await store.used(work.connection, passkey, said, work.now):
        raise Conflict("passkey_challenge", OVER)


async def _with_code(work: Work, session: LoginSession, code: str) -> bool:
    if not rules.needs_code(pending=session.pending):
        return False
    hashed = vouching.hash_of_code(code)
    if not await vouching.take_code(work.connection, hashed, session.person.id, work.now):
        raise Forbidden("passkey_code", NO_CODE, about=("person", session.person.id))
    return True


def _check_number(known: int, *, first: bool) -> None:
    if first and known:
        raise StepUpNeeded("step_up_needed", SENTENCE)
    if known >= rules.MAX_PASSKEYS:
        raise Conflict("passkeys_enough", ENOUGH)


def _about(refusal: Refusal, person_id: bytes) -> Refusal:
    return type(refusal)(refusal.code, refusal.sentence, about=("person", person_id))


async def _open_session(work: Work, person: Person, session_hash: bytes, device: str) -> Person:
    session_id = work.chance(16)
    key = await work.ring.record(work.connection, person.id)
    await people.open_session(
        work.connection,
        {
            "hash": session_hash,
            "id": session_id,
            "person_id": person.id,
            "role": person.role,
            "provider": PROVIDER,
            "device": key.seal("sessions", people.device_column(session_id), 0, device),
            "strong": True,
            "pending": False,
            "created_at": work.now,
            "seen_at": work.now,
            "signed_in_at": work.now,
        },
    )
    return Person(person.id, person.role, session_id)
