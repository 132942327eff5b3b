"""Step-up: what cannot be undone or gives much away needs somebody who proved just now who they are."""

from starlette.requests import Request

from telehealth.audit.office import Office
from telehealth.errors import SignInNeeded, StepUpNeeded
from telehealth.people import rules
from telehealth.people.store import LoginSession
from telehealth.person import Person

SENTENCE = "Before this we ask you once more who you are. It takes a moment, and you come back to this page."


def fresh(request: Request) -> Person:
    """The person of this request, who signed in or stepped up within the last five minutes.

    SignInNeeded when nobody is signed in, StepUpNeeded when that is longer ago (security.md, section 4).
    """
    session = request.state.session
    if request.state.person is None or session is None:
        raise SignInNeeded("sign_in_needed", "Please sign in first; afterwards you come back to this page.")
    office: Office = request.app.state.office
    if not rules.is_fresh(session.proven_at, office.clock()):
        raise StepUpNeeded("step_up_needed", SENTENCE)
    person: Person = request.state.person
    return person


async def fresh_about(request: Request, about: tuple[str, bytes]) -> Person:
    """The same where it concerns somebody's record, (entity type, id): there, a refusal goes on record."""
    try:
        return fresh(request)
    except StepUpNeeded as refusal:
        office: Office = request.app.state.office
        async with office.work(request.state.person):
            raise StepUpNeeded(refusal.code, refusal.sentence, about=about) from None


def can_confirm(request: Request, session: LoginSession) -> bool:
    """Whether the provider of this session can tell that it asked once more who somebody is."""
    provider = request.app.state.providers.all.get(session.provider)
    return provider is not None and not provider.lacks_auth_time


def is_newly_in(request: Request, session: LoginSession) -> bool:
    """Whether a new sign-in stands in for the step-up of a client whose provider can confirm nothing: for five minutes,
    and only to make a first passkey, with which they confirm from then on."""
    provider = request.app.state.providers.all.get(session.provider)
    lacks = provider is not None and provider.lacks_auth_time
    office: Office = request.app.state.office
    is_client = session.person.role == session.role == "client"
    return lacks and is_client and rules.is_fresh(session.created_at, office.clock())
