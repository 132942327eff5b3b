"""The pages of signing in: choosing a provider, the way there, the way back, and the step-up, which is the same way."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.errors import Conflict, Forbidden, Refusal, SignInNeeded, Unavailable
from telehealth.people import acts, confirming, devices, rules
from telehealth.people.acts import Identity
from telehealth.people.ending import end_here, hang_up
from telehealth.people.oidc import AGAIN, Login, login_of
from telehealth.people.pages import GONE, HOME
from telehealth.people.signing_out import end_at_provider
from telehealth.people.store import LoginSession
from telehealth.web import cookies, errors
from telehealth.web.forms import form_of, local_path_of
from telehealth.web.templating import page

SECOND_STEP = "/auth/second-step"
STEP_UP = "/auth/step-up"
CHOICE = "/auth/sign-in"
INVITATION = "/auth/invitation"
NO_PROVIDER = "You came in with a passkey, so only a passkey can confirm that it is you."
STILL_IN = (
    "The sign-in service still knows somebody who signed in there before, and did not ask who you are. Sign out there, "
    "or close this browser, then sign in again."
)
NOT_SAID = (
    "The sign-in service did not say when it asked who you are, so nobody was signed in. Please start again; if it "
    "happens again, write to the practice."
)


async def choice(request: Request) -> Response:
    """GET /auth/sign-in: choose a provider; with one there is nothing to choose, only a button to press."""
    context = {
        "providers": list(request.app.state.providers.all.values()),
        "next": local_path_of(request.query_params.get("next", "/")),
        "lapsed": request.state.session is None and cookies.read(request, cookies.SESSION) is not None,
    }
    if request.state.person is not None:
        return RedirectResponse(HOME[request.state.person.role], 303)
    return page(request, "people/choose.html", context)


async def sign_in(request: Request) -> Response:
    """POST /auth/sign-in: on to the provider; a time that is held for this browser waits a little longer."""
    form = await form_of(request)
    await request.app.state.limits.sign_in.take(request)
    providers = request.app.state.providers
    return_to = local_path_of(form.get("next", "/"))
    if not form.get("provider") and len(providers.all) > 1:
        return RedirectResponse(_with_next(CHOICE, return_to), 303)
    provider = providers.named(form.get("provider", ""))
    try:
        url = await providers.start(
            request, provider, return_to=return_to, register=form.get("register") == "1"
        )
    except Unavailable as refusal:
        return _not_signed_in(request, refusal, return_to)
    await request.app.state.keep_hold(request, return_to)
    return RedirectResponse(url, 303)


async def step_up(request: Request) -> Response:
    """POST /auth/step-up: on to the provider that opened this session, which asks once more who it is."""
    form = await form_of(request)
    await request.app.state.limits.sign_in.take(request)
    session: LoginSession | None = request.state.session
    if session is None:
        raise SignInNeeded("sign_in_needed", GONE)
    return_to = local_path_of(form.get("next", "/"))
    if session.pending:
        return RedirectResponse(_with_next(SECOND_STEP, return_to), 303)
    providers = request.app.state.providers
    if session.provider not in providers.all:
        raise Conflict("step_up_no_provider", NO_PROVIDER)
    try:
        url = await providers.start(
            request,
            providers.named(session.provider),
            return_to=return_to,
            step_up=session.id,
            strong=staff_factor_of(request) and session.person.role != "client",
        )
    except Unavailable as refusal:
        return _not_confirmed(request, refusal, return_to)
    return RedirectResponse(url, 303)


async def callback(request: Request) -> Response:
    """GET /auth/callback/{provider}: the way back from the provider, to where the person was."""
    login = login_of(request)
    if login is None:
        return _not_signed_in(request, Forbidden("login_state", AGAIN), "/")
    try:
        identity = await request.app.state.providers.finish(request, login)
        if login.session:
            return await _confirmed(request, login, identity)
        return await _signed_in(request, login, identity)
    except (Forbidden, Unavailable) as refusal:
        if login.invitation:
            return not_taken(request, refusal)
        refused = _not_confirmed if login.session else _not_signed_in
        return refused(request, refusal, login.next)


async def _signed_in(request: Request, login: Login, identity: Identity) -> Response:
    """A new session under a new cookie; whatever this browser had before ends."""
    asked = rules.was_asked(identity.proven_at, login.started_at)
    if asked is None and not request.app.state.providers.all[identity.provider].lacks_auth_time:
        raise Forbidden("login_not_asked", NOT_SAID)
    if asked is False:
        leaving = await end_at_provider(request, (identity.provider, identity.id_token))
        if leaving is None:
            raise Forbidden("login_not_fresh", STILL_IN)
        return leaving
    secret = cookies.new_secret()
    arrival = await acts.sign_in(
        request.app.state.office,
        identity,
        cookies.hash_of(secret, "session"),
        staff_factor=staff_factor_of(request),
        device=devices.words_for(request.headers.get("user-agent")),
        invitation=bytes.fromhex(login.invitation),
    )
    await end_here(request)
    hang_up(request, arrival.ended)
    way = HOME[arrival.person.role] if login.next == "/" else login.next
    if arrival.pending:
        way = _with_next(SECOND_STEP, way)
    return _on_with(request, secret, way)


async def _confirmed(request: Request, login: Login, identity: Identity) -> Response:
    """The same session under a new cookie, stepped up."""
    secret = cookies.new_secret()
    await confirming.confirm(
        request.app.state.office,
        identity,
        login,
        request.state.session,
        cookies.hash_of(secret, "session"),
        staff_factor=staff_factor_of(request),
    )
    way = HOME[request.state.session.person.role] if login.next == "/" else login.next
    return _on_with(request, secret, way)


def _on_with(request: Request, secret: bytes, way: str) -> Response:
    response = RedirectResponse(way, 303)
    secure = request.app.state.settings.secure
    cookies.write(response, cookies.SESSION, cookies.text_of(secret), secure=secure)
    return response


def staff_factor_of(request: Request) -> bool:
    """Whether staff need a second factor: always, but for the demo on loopback."""
    return not request.app.state.settings.demo


def _not_signed_in(request: Request, refusal: Refusal, way: str) -> Response:
    """What happened, and the way to try again; nothing of what the provider sent."""
    heading = "Nobody was signed in"
    return _refused(request, refusal, heading, ("Sign in", _with_next(CHOICE, way)))


def not_taken(request: Request, refusal: Refusal) -> Response:
    """An invitation that was not taken: nobody is signed in, and the code can be used again where it is good."""
    return _refused(request, refusal, "Nobody was signed in", ("Enter the code again", INVITATION))


def _not_confirmed(request: Request, refusal: Refusal, way: str) -> Response:
    again = ("Sign in", _with_next(CHOICE, way))
    if request.state.person is not None:
        again = ("Try once more", _with_next(STEP_UP, way))
    return _refused(request, refusal, "It was not confirmed", again)


def _refused(request: Request, refusal: Refusal, heading: str, way: tuple[str, str]) -> Response:
    errors.trace(request, refusal)
    status, usual = errors.status_of(refusal)
    heading = usual if isinstance(refusal, Unavailable) else heading
    return errors.refused(request, status, heading, refusal.code, refusal.sentence, [way])


def _with_next(path: str, way: str) -> str:
    return path if way == "/" else f"{path}?{urlencode({'next': way})}"
