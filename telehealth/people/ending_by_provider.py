"""A provider ends sessions here: OpenID Connect Back-Channel Logout 1.0."""

from telehealth.audit.office import Office, Work
from telehealth.errors import Invalid
from telehealth.people import finding, store
from telehealth.people.spending import spend
from telehealth.people.tokens import Ending
from telehealth.providers import Provider

USED = "This logout token was used before."


async def end_sessions(office: Office, provider: Provider, asked: Ending) -> list[bytes]:
    """End the sessions that a good logout token names; returns their ids, none where they have ended already.

    A session of the provider where the token names one, else all of this account; never one that a passkey opened or
    another account did. Invalid when the token was used before.
    """

    async def act(work: Work) -> list[bytes]:
        first = await spend(
            work.connection, "logout", asked.issuer, asked.token_id, expires_at=asked.good_until, now=work.now
        )
        if not first:
            raise Invalid("logout_token", USED)
        ended = await _ended(work, provider, asked)
        for person_id in dict.fromkeys(person_id for _, person_id in ended):
            await work.audit("session.close", "E", entity="person", entity_id=person_id, subjects=[person_id])
        return [session_id for session_id, _ in ended]

    return await office.act(None, act)


async def _ended(work: Work, provider: Provider, asked: Ending) -> list[tuple[bytes, bytes]]:
    person_id = None
    if asked.subject is not None:
        account = await finding.account_of(work.connection, work.ring, asked.issuer, asked.subject)
        if account is None:
            return []
        person_id = account.person_id
    ids = None
    if asked.session is not None:
        ids = await finding.sessions_at(work.connection, work.ring, asked.issuer, asked.session)
    return await store.end_sessions_of(work.connection, provider.id, person_id=person_id, ids=ids)
