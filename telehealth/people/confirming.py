"""Step-up at the provider: the person of a session that stands proves there once more who they are."""

from telehealth.audit.office import Office, Work
from telehealth.errors import Forbidden
from telehealth.people import finding, rules, sessions, store
from telehealth.people.acts import Identity
from telehealth.people.oidc import Login
from telehealth.people.store import LoginSession

AS_BEFORE = "Nothing has changed; you are signed in as before."
OTHER = f"You came back as somebody else than who is signed in here, so it was not confirmed. {AS_BEFORE}"
NOT_ASKED = (
    "The sign-in service did not ask you who you are, so it was not confirmed. Please try once more, or choose your "
    f"passkey where you have one. {AS_BEFORE}"
)
ONE_FACTOR = (
    "Staff confirm with two proofs, and the sign-in service gave only one. Please use your passkey. "
    f"{AS_BEFORE}"
)


async def confirm(
    office: Office,
    identity: Identity,
    login: Login,
    session: LoginSession | None,
    session_hash: bytes,
    *,
    staff_factor: bool,
) -> None:
    """From now on the session is stepped up, and opens to a new cookie whose hash is `session_hash`.

    Refused, with the session as it was: when it is not the one this began in, for another account, where the provider
    does not say that it asked in this very step, and for staff where it did not prove a second factor.
    """
    if session is None or session.pending or session.id.hex() != login.session:
        raise Forbidden("step_up_session", sessions.ENDED)
    person = session.person
    about = ("person", person.id)

    async def act(work: Work) -> None:
        found = await finding.account_of(work.connection, work.ring, identity.issuer, identity.subject)
        if found is None or found.person_id != person.id:
            raise Forbidden("step_up_other_account", OTHER, about=about)
        if rules.was_asked(identity.proven_at, login.started_at) is not True:
            raise Forbidden("step_up_not_asked", NOT_ASKED, about=about)
        if rules.is_pending(person.role, strong=identity.strong, staff_factor=staff_factor):
            raise Forbidden("step_up_one_factor", ONE_FACTOR, about=about)
        await sessions.renew(work, session, session_hash, strong=identity.strong or session.strong)
        await _tie_anew(work, session, identity)
        await work.audit("session.step_up", "E", entity="person", entity_id=person.id, subjects=[person.id])

    await office.act(person, act)


async def _tie_anew(work: Work, session: LoginSession, identity: Identity) -> None:
    """What the provider says of this session from now on: its end there must end it here."""
    key = await work.ring.record(work.connection, session.person.id)
    at_provider = await finding.provider_session_columns(
        work.connection, work.ring, identity.issuer, identity.session
    )
    token = key.seal("sessions", store.token_column(session.id), 0, identity.id_token)
    await store.tie_session(
        work.connection, session.id, {**at_provider, "id_token": token, "acr": identity.acr}
    )
