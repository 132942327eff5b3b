"""What a page's script and this service say to each other about a passkey: JSON there, JSON back.

`…/options` answers with what `navigator.credentials` needs; the address above it takes what that came to, as
`{"credential": …, "next": path}`, and answers `{"next": path}`. Refusals have the usual JSON form.
"""

import json
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from telehealth.errors import Invalid, SignInNeeded, StepUpNeeded
from telehealth.passkeys import acts
from telehealth.passkeys.ceremony import MALFORMED, Answer, Site
from telehealth.people import devices
from telehealth.people.ending import end_here, hang_up
from telehealth.people.pages import GONE, HOME
from telehealth.people.signing_in import staff_factor_of
from telehealth.people.stepping_up import fresh, is_newly_in
from telehealth.people.store import LoginSession
from telehealth.web import cookies, csrf
from telehealth.web.forms import local_path_of

HERE = "/passkeys"
STEP_UP = "/auth/step-up"


async def sign_in_options(request: Request) -> Response:
    """POST /auth/passkey/sign-in/options"""
    await _asked(request)
    state = request.app.state
    return JSONResponse(await acts.start_sign_in(state.office, site_of(request), request.state.visit))


async def sign_in(request: Request) -> Response:
    """POST /auth/passkey/sign-in: a client comes in; a session this browser had before ends."""
    asked = await _asked(request)
    office = request.app.state.office
    secret = cookies.new_secret()
    hashed = cookies.hash_of(secret, "session")
    answer = _credential(asked)
    person = await acts.sign_in(
        office,
        site_of(request),
        answer,
        visit=request.state.visit,
        session_hash=hashed,
        device=devices.words_for(request.headers.get("user-agent")),
    )
    await end_here(request)
    return _on_with(request, secret, _way(asked, HOME[person.role]))


async def confirmation_options(request: Request) -> Response:
    """POST /auth/passkey/confirmation/options"""
    await _asked(request)
    session, state = session_of(request), request.app.state
    factor = staff_factor_of(request)
    options = await acts.start_confirming(state.office, site_of(request), session, staff_factor=factor)
    return JSONResponse(options)


async def confirmation(request: Request) -> Response:
    """POST /auth/passkey/confirmation: the second step of a pending session, or the step-up of one that stands."""
    asked = await _asked(request)
    session, secret = session_of(request), cookies.new_secret()
    ended = await acts.confirm(
        request.app.state.office,
        site_of(request),
        _credential(asked),
        session,
        session_hash=cookies.hash_of(secret, "session"),
        staff_factor=staff_factor_of(request),
    )
    hang_up(request, ended)
    return _on_with(request, secret, _way(asked, HOME[session.role]))


async def new_options(request: Request) -> Response:
    """POST /auth/passkey/new/options: `{"code": …}` where one is needed."""
    asked = await _asked(request)
    session, first = _may_add(request)
    options = await acts.start_adding(
        request.app.state.office, site_of(request), session, code=_text(asked, "code"), first=first
    )
    return JSONResponse(options)


async def new(request: Request) -> Response:
    """POST /auth/passkey/new: `{"credential", "name", "code", "next"}`; a pending session is through with it.

    Whoever could confirm in no other way is led on to do it with the new passkey.
    """
    asked = await _asked(request)
    (session, first), secret = _may_add(request), cookies.new_secret()
    _, ended = await acts.add(
        request.app.state.office,
        site_of(request),
        _credential(asked),
        session,
        name=_text(asked, "name"),
        code=_text(asked, "code"),
        session_hash=cookies.hash_of(secret, "session"),
        first=first,
    )
    hang_up(request, ended)
    if first:
        way = urlencode({"next": _way(asked, HOME[session.role])})
        return JSONResponse({"next": f"{STEP_UP}?{way}"}, 201)
    if session.pending:
        return _on_with(request, secret, _way(asked, HOME[session.role]))
    return JSONResponse({"next": f"{HERE}?done=added"}, 201)


def site_of(request: Request) -> Site:
    """This service as browsers and authenticators know it."""
    settings = request.app.state.settings
    return Site(settings.clinic_name, settings.origin)


def session_of(request: Request) -> LoginSession:
    """The session of this browser, pending or not; SignInNeeded without one."""
    session: LoginSession | None = request.state.session
    if session is None:
        raise SignInNeeded("sign_in_needed", GONE)
    return session


def _may_add(request: Request) -> tuple[LoginSession, bool]:
    """A pending session, where the code decides, or one whose person proved just now who they are.

    And whether it is for a first passkey alone, because its person came in just now and can prove it in no other way.
    """
    session = session_of(request)
    if session.pending:
        return session, False
    try:
        fresh(request)
    except StepUpNeeded:
        if not is_newly_in(request, session):
            raise
        return session, True
    return session, False


async def _asked(request: Request) -> dict[str, Any]:
    """The JSON object that was sent, after origin, token and rate have been looked at."""
    csrf.check(request, request.headers.get("x-csrf-token", ""))
    await request.app.state.limits.sign_in.take(request)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Invalid("malformed_json", MALFORMED)
    try:
        asked = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Invalid("malformed_json", MALFORMED) from error
    if not isinstance(asked, dict):
        raise Invalid("malformed_json", MALFORMED)
    return asked


def _credential(asked: dict[str, Any]) -> Answer:
    credential = asked.get("credential")
    if not isinstance(credential, dict):
        raise Invalid("passkey_malformed", MALFORMED)
    return credential


def _text(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name, "")
    return value if isinstance(value, str) else ""


def _way(asked: dict[str, Any], home: str) -> str:
    wanted = local_path_of(_text(asked, "next") or "/")
    return home if wanted == "/" else wanted


def _on_with(request: Request, secret: bytes, way: str) -> Response:
    response = JSONResponse({"next": way})
    secure = request.app.state.settings.secure
    cookies.write(response, cookies.SESSION, cookies.text_of(secret), secure=secure)
    return response
