"""What people do: come in, and say what to call them. Coming back and going: `sessions.py`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from telehealth.audit.office import Office, Work
from telehealth.errors import Forbidden
from telehealth.people import devices, finding, inviting, roles, rules, store
from telehealth.people.finding import Account
from telehealth.person import Person, Role

DISABLED = "This account cannot be used here at the moment. Please write to the practice."


@dataclass(frozen=True)
class Identity:
    """What a validated ID token said. `email` is given only where the provider verified it.

    `strong`: the provider proved a second factor; `proven_at`: when it asked the person, None where it does not say.
    `first_administrator`: the settings name this account as the one that begins.
    """

    provider: str
    issuer: str
    subject: str
    role: Role  # what the clinic's own list says, else what the provider may confer
    email: str | None
    session: str | None
    id_token: str
    strong: bool
    acr: str | None = None
    proven_at: datetime | None = None
    first_administrator: bool = False


@dataclass(frozen=True)
class Arrival:
    """What a sign-in came to: for which role, whether the second step is to come, and the ids of sessions it ended."""

    person: Person
    pending: bool
    ended: list[bytes]


async def sign_in(
    office: Office,
    identity: Identity,
    session_hash: bytes,
    *,
    staff_factor: bool = True,
    device: str = devices.SOMETHING,
    invitation: bytes = b"",
) -> Arrival:
    """Open a login session; who comes for the first time is made known under a new id, or with the hash of an
    `invitation` tied to whom that is for.

    Where the provider did not prove the second factor of whoever is staff, or is staff no more, the session is pending
    until their passkey does; the demo alone turns `staff_factor` off. `device` is what `devices.words_for` made of the
    browser.
    """

    async def act(work: Work) -> Arrival:
        known = await _known(work, identity, invitation)
        role = await _role(work, known, identity)
        strongest = rules.stronger(known.role, role)
        pending = rules.is_pending(strongest, strong=identity.strong, staff_factor=staff_factor)
        work.actor = Person(known.person_id, role, work.chance(16))
        ended = []
        if rules.changes_role(known.role, pending=pending):
            ended = await roles.become(work, known.person_id, known.role, role)
        await _keep_address(work, known.person_id, identity.email)
        await _open_session(work, work.actor, identity, session_hash, device, pending=pending)
        what = "session.begin" if pending else "session.open"
        subjects = [known.person_id]
        await work.audit(what, "E", entity="person", entity_id=known.person_id, subjects=subjects)
        return Arrival(work.actor, pending, ended)

    return await office.act(None, act)


async def _role(work: Work, known: Account, identity: Identity) -> Role:
    """The role that this sign-in is for."""
    if identity.first_administrator and await roles.nobody_else_administers(work, known.person_id):
        await finding.give_role_here(work.connection, work.ring, identity.issuer, identity.subject)
        return "administrator"
    return await roles.meant(work, known, identity.role)


async def _known(work: Work, identity: Identity, invitation: bytes) -> Account:
    """Whose account this is, as it was before this sign-in."""
    if invitation:
        return await inviting.accept(work, invitation, identity.issuer, identity.subject)
    found = await finding.account_of(work.connection, work.ring, identity.issuer, identity.subject)
    if found is None:
        try:
            return Account(await _new_person(work, identity), identity.role, disabled=False)
        except IntegrityError:  # another window of theirs came in first, at this very moment
            found = await finding.account_of(work.connection, work.ring, identity.issuer, identity.subject)
            if found is None:
                raise
    if found.disabled:
        raise Forbidden("account_disabled", DISABLED, about=("person", found.person_id))
    return found


async def _new_person(work: Work, identity: Identity) -> bytes:
    """The id of a new person with this account; IntegrityError, with nothing written, where somebody has it."""
    person_id = work.chance(16)
    async with work.connection.begin_nested():
        await store.add_person(work.connection, work.ring, person_id, identity.role, work.now)
        await finding.add_account(
            work.connection, work.ring, identity.issuer, identity.subject, person_id, work.now
        )
    return person_id


async def _keep_address(work: Work, person_id: bytes, email: str | None) -> None:
    name, known = await store.profile_of(work.connection, work.ring, person_id)
    if email is not None and email != known:
        await store.keep_profile(work.connection, work.ring, person_id, name=name, email=email)


async def _open_session(
    work: Work, person: Person, identity: Identity, session_hash: bytes, device: str, *, pending: bool
) -> None:
    key = await work.ring.record(work.connection, person.id)
    at_provider = await finding.provider_session_columns(
        work.connection, work.ring, identity.issuer, identity.session
    )
    await store.open_session(
        work.connection,
        {
            "hash": session_hash,
            "id": person.session,
            "person_id": person.id,
            "role": person.role,
            "provider": identity.provider,
            **at_provider,
            "id_token": key.seal("sessions", store.token_column(person.session), 0, identity.id_token),
            "device": key.seal("sessions", store.device_column(person.session), 0, device),
            "acr": identity.acr,
            "strong": identity.strong,
            "pending": pending,
            "created_at": work.now,
            "seen_at": work.now,
            "signed_in_at": rules.proof_of(identity.proven_at, work.now),
        },
    )


async def see_own_name(office: Office, person: Person) -> None:
    """The name that a page shows to whom it belongs stands sealed, so showing it is a look."""
    async with office.work(person) as work:
        await work.looked(entity="person", entity_id=person.id, subjects=[person.id])


async def rename(office: Office, person: Person, text: str) -> str:
    """Keep the name this person wants to be called."""
    name = rules.name_from(text)

    async def act(work: Work) -> str:
        await store.rename(work.connection, work.ring, person.id, name)
        await work.audit("profile.change", "U", entity="person", entity_id=person.id, subjects=[person.id])
        return name

    return await office.act(person, act)


async def make_known(
    office: Office, *, issuer: str, subject: str, role: Role, name: str, email: str | None = None
) -> Person:
    """A person the clinic knows before their first sign-in (staff, and the demo's people)."""

    async def act(work: Work) -> Person:
        found = await finding.account_of(work.connection, work.ring, issuer, subject)
        if found is not None:
            return Person(found.person_id, found.role)
        person_id = work.chance(16)
        await store.add_person(work.connection, work.ring, person_id, role, work.now)
        await finding.add_account(work.connection, work.ring, issuer, subject, person_id, work.now)
        await store.keep_profile(work.connection, work.ring, person_id, name=name, email=email)
        await work.audit("person.create", "C", entity="person", entity_id=person_id, subjects=[person_id])
        return Person(person_id, role)

    return await office.act(None, act)
