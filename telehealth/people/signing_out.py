"""The pages of signing out: here, at the provider, and from there."""

import hmac

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from telehealth.errors import Invalid, Refusal
from telehealth.people import ending_by_provider
from telehealth.people.ending import end_here, hang_up
from telehealth.people.pages import HOME
from telehealth.people.store import LoginSession
from telehealth.web import cookies, csrf, errors
from telehealth.web.forms import form_of
from telehealth.web.templating import page

MAX_TOKEN_BODY = 20_000
FORM = "application/x-www-form-urlencoded"
NOT_OURS = (
    "This did not come from your own signing out, so we cannot say whether the sign-in service knows you still. "
    "Here nobody is signed in in this browser."
)


async def sign_out(request: Request) -> Response:
    """POST /auth/sign-out: end the session here, then at the provider.

    Where it has ended by itself meanwhile, the page's token has ended with it, so the origin alone is checked.
    """
    if request.state.session is None:
        csrf.check_origin(request)
        hint = _left_behind(request)
    else:
        await form_of(request)
        hint = await end_here(request)
    response = await end_at_provider(request, hint)
    response = response or RedirectResponse("/signed-out", 303)
    for cookie in (cookies.SESSION, cookies.INVITED):
        cookies.clear(response, cookie, secure=request.app.state.settings.secure)
    return response


def _left_behind(request: Request) -> tuple[str, str | None] | None:
    """Where the session of this browser's cookie was opened, if there is only one provider: it may know them still."""
    known = list(request.app.state.providers.all)
    return (known[0], None) if cookies.read(request, cookies.SESSION) and len(known) == 1 else None


async def end_at_provider(request: Request, hint: tuple[str, str | None] | None) -> Response | None:
    """On to the provider's own sign-out, with (provider id, ID token) from a session; None where it has none.

    It leads back to /signed-out with the state that this browser keeps meanwhile.
    """
    if hint is None:
        return None
    settings = request.app.state.settings
    state = cookies.text_of(cookies.new_secret())
    target = await request.app.state.providers.logout_url(*hint, f"{settings.public_url}/signed-out", state)
    if target is None:
        return None
    response = RedirectResponse(target, 303)
    cookies.write(response, cookies.LEAVING, state, secure=settings.secure, max_age=cookies.LEAVING_SECONDS)
    return response


async def signed_out(request: Request) -> Response:
    """GET /signed-out: the end of one's own signing out; who is signed in is not told otherwise."""
    state, kept = request.query_params.get("state"), cookies.read(request, cookies.LEAVING)
    session: LoginSession | None = request.state.session
    if session is not None:
        way = "/auth/second-step" if session.pending else HOME[session.role]
        return RedirectResponse(way, 303)
    if state is not None and not (kept and hmac.compare_digest(state.encode(), kept.encode())):
        heading = "This was not your signing out"
        return errors.refused(request, 403, heading, "logout_state", NOT_OURS, [("Sign in", "/auth/sign-in")])
    response = page(request, "people/signed_out.html", {"everywhere": state is not None})
    cookies.clear(response, cookies.LEAVING, secure=request.app.state.settings.secure)
    return response


async def back_channel(request: Request) -> Response:
    """POST /auth/back-channel/{provider}: a provider ends sessions (Back-Channel Logout 1.0, section 2.5).

    No browser sends this, so there is neither cookie nor origin to look at: the signed token decides.
    """
    state = request.app.state
    provider = state.providers.all.get(request.path_params["provider"])
    if provider is None:
        raise HTTPException(404)
    try:
        asked = await state.providers.ending(provider, await _logout_token(request), state.office.clock())
        hang_up(request, await ending_by_provider.end_sessions(state.office, provider, asked))
    except Invalid as refusal:
        errors.trace(request, refusal)
        return _said(request, 400, refusal)
    return Response(status_code=200)


async def _logout_token(request: Request) -> str:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != FORM:
        raise Invalid("logout_token", "A logout token comes in a form.")
    async with request.form(max_files=0, max_fields=4, max_part_size=MAX_TOKEN_BODY) as form:
        token = form.getlist("logout_token")
    if len(token) != 1 or not isinstance(token[0], str):
        raise Invalid("logout_token", "A form with one logout_token is asked for.")
    return token[0]


def _said(request: Request, status: int, refusal: Refusal) -> Response:
    """The error of OAuth 2.0 that section 2.8 asks for, and the number by which our log knows it."""
    said = {"error": "invalid_request", "error_description": refusal.sentence}
    return JSONResponse({**said, "request_id": request.state.request_id}, status)
