"""The two pages that ask once more who somebody is: the staff's second step, and the step-up."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.passkeys import store
from telehealth.passkeys.exchanges import session_of
from telehealth.people import stepping_up
from telehealth.people.pages import HOME
from telehealth.people.signing_in import staff_factor_of
from telehealth.people.store import LoginSession
from telehealth.web.forms import local_path_of
from telehealth.web.templating import page


async def second_step(request: Request) -> Response:
    """GET /auth/second-step: for staff whose provider proved one factor only; others are sent where they belong."""
    way = local_path_of(request.query_params.get("next", "/"))
    session: LoginSession | None = request.state.session
    if session is None:
        return RedirectResponse(f"/auth/sign-in?{urlencode({'next': way})}", 303)
    if not session.pending:
        return RedirectResponse(_way_of(session, way), 303)
    context = {"next": _way_of(session, way), "has_passkey": await _has_passkey(request, session)}
    return page(request, "passkeys/second_step.html", context)


async def step_up(request: Request) -> Response:
    """GET /auth/step-up: choose how to confirm; the passkey here, or the provider by POST to the same address.

    A client whose provider can confirm nothing, and who has no passkey yet, makes one here just after a sign-in.
    """
    way = local_path_of(request.query_params.get("next", "/"))
    session = session_of(request)
    if session.pending:
        return RedirectResponse(f"/auth/second-step?{urlencode({'next': way})}", 303)
    has_passkey, can_confirm = await _has_passkey(request, session), stepping_up.can_confirm(request, session)
    known = session.provider in request.app.state.providers.all
    context = {
        "next": _way_of(session, way),
        "back": HOME[session.person.role],
        "has_passkey": has_passkey,
        "provider": can_confirm,
        "needs_first": known and not can_confirm and not has_passkey and session.role == "client",
        "makes_first": not has_passkey and stepping_up.is_newly_in(request, session),
    }
    return page(request, "passkeys/step_up.html", context)


def _way_of(session: LoginSession, way: str) -> str:
    return HOME[session.role] if way == "/" else way


async def _has_passkey(request: Request, session: LoginSession) -> bool:
    person = session.person
    vouched_only = person.role != "client" and staff_factor_of(request)
    async with request.app.state.office.database.reading() as connection:
        return await store.has_counting(connection, person.id, vouched_only=vouched_only)
