"""Step-up: what cannot be undone or gives much away needs somebody who proved just now who they are."""

from starlette.requests import Request

from telehealth.audit.office import Office
from telehealth.errors import SignInNeeded, StepUpNeeded
from telehealth.people import rules
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
