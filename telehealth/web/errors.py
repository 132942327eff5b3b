"""The one place where a refusal's family becomes a status and a page."""

from collections.abc import Sequence
from urllib.parse import quote

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from telehealth.db.engine import is_away
from telehealth.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    SignInNeeded,
    StepUpNeeded,
    TooLarge,
    TooMany,
    Unavailable,
)
from telehealth.web.forms import local_path_of
from telehealth.web.headings import HEADINGS as OF_CODE
from telehealth.web.templating import page
from telehealth.web.written import written_in

log = structlog.get_logger()
STEP_UP = "/auth/step-up"
TRACED = ("login_", "step_up_", "passkey_", "invitation_", "logout_token")

FAMILIES: tuple[tuple[type[Refusal], int, str], ...] = (
    (SignInNeeded, 401, "Please sign in"),
    (StepUpNeeded, 403, "Please confirm that it is you"),
    (Forbidden, 403, "That is not possible here"),
    (NotFound, 404, "Nothing here"),
    (Conflict, 409, "Something changed meanwhile"),
    (TooLarge, 413, "That is too much at once"),
    (Invalid, 422, "That did not work"),
    (TooMany, 429, "A short pause, please"),
    (Unavailable, 503, "Back in a moment"),
)
OF_STATUS = {
    400: ("malformed_request", "This request did not arrive whole. Go back and try again."),
    404: ("not_found", "There is nothing at this address. Perhaps it has moved, or it is not yours to see."),
    405: (
        "method_not_allowed",
        "This address cannot be used in this way. Go back and use the page's own buttons.",
    ),
    413: ("too_large", "That is more than we can take at once. Please shorten it and send it again."),
}
HEADINGS = {
    400: "That did not work",
    404: "Nothing here",
    405: "Not in this way",
    413: "That is too much at once",
}


def status_of(refusal: Refusal) -> tuple[int, str]:
    """The HTTP status of a refusal's family, and the heading that fits: its code's own, else the family's."""
    for family, status, heading in FAMILIES:
        if isinstance(refusal, family):
            return status, OF_CODE.get(refusal.code, heading)
    return 500, "Our mistake"


def trace(request: Request, refusal: Refusal) -> None:
    """Leave in the log what a person's request id leads to: the code and what lay behind it, never a value."""
    unavailable = isinstance(refusal, Unavailable)
    if unavailable or refusal.code.startswith(TRACED):
        level = log.warning if unavailable else log.info
        level("refused", request_id=request.state.request_id, code=refusal.code, cause=_cause(refusal))


def _cause(refusal: Refusal) -> str | None:
    """The type of what lay behind a refusal, itself no refusal."""
    behind = refusal.__cause__
    while isinstance(behind, Refusal):
        behind = behind.__cause__
    return None if behind is None else type(behind).__name__


async def on_refusal(request: Request, refusal: Exception) -> Response:
    """Answer a refusal as a page, or as JSON where a script asked."""
    assert isinstance(refusal, Refusal)  # noqa: S101 - registered for this family alone
    status, heading = status_of(refusal)
    if isinstance(refusal, SignInNeeded) and request.method == "GET" and not _wants_json(request):
        return _on_to("/auth/sign-in", request)
    if isinstance(refusal, StepUpNeeded) and request.method == "GET" and not _wants_json(request):
        return _on_to(STEP_UP, request)
    trace(request, refusal)
    before = _page_before(request)
    ways = (
        [("Confirm that it is me", _by_way_of(STEP_UP, before))] if isinstance(refusal, StepUpNeeded) else []
    )
    written = await written_in(request)
    return refused(request, status, heading, refusal.code, refusal.sentence, ways, written)


def _on_to(path: str, request: Request) -> Response:
    """There first, then back to this page."""
    return RedirectResponse(_by_way_of(path, str(request.scope["path"])), status_code=303)


def _by_way_of(path: str, then: str | None) -> str:
    """`path`, and from there on to `then`; whatever stands in its address stays one value."""
    return path if then is None else f"{path}?next={quote(then, safe='/')}"


async def on_http_exception(request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown address, wrong method, body too large."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    code, sentence = OF_STATUS.get(status, OF_STATUS[400])
    response = refused(request, status, HEADINGS.get(status, HEADINGS[400]), code, sentence)
    allowed = (error.headers or {}).get("Allow") if isinstance(error, HTTPException) else None
    if allowed is not None:
        response.headers["Allow"] = allowed  # RFC 9110, section 15.5.6
    return response


async def on_crash(request: Request, error: Exception) -> Response:
    """Unknown errors show a request id and no detail; the log gets the type and place, never the values."""
    if is_away(error):
        sentence = "A part of this service is starting again. Please try once more in a few seconds."
        away = Unavailable("database_unavailable", sentence)
        away.__cause__ = error
        return await on_refusal(request, away)
    log.error("crash", request_id=request.state.request_id, error=type(error).__name__, at=_place(error))
    sentence = "Something went wrong on our side. Nothing you did caused it. Please try again in a moment."
    return refused(request, 500, "Our mistake", "internal_error", sentence, written=await written_in(request))


def refused(
    request: Request,
    status: int,
    heading: str,
    code: str,
    sentence: str,
    ways: Sequence[tuple[str, str]] = (),
    written: Sequence[str] = (),
) -> Response:
    """One refusal, in the form that was asked for; `ways` are (label, path) of what to do first, `written` is what
    somebody may want to copy."""
    request.state.refused_as = code
    if _wants_json(request):
        body = {"error": {"code": code, "text": sentence, "request_id": request.state.request_id}}
        response: Response = JSONResponse(body, status)
    else:
        context = {
            "status": status,
            "heading": heading,
            "sentence": sentence,
            "code": code,
            "written": written,
            "ways": [*(ways or _way_back(request, status, code)), *_ways(request, status)],
        }
        response = page(request, "errors/refusal.html", context, status)
    if status in (429, 503):
        response.headers["Retry-After"] = "5"
    return response


def _page_before(request: Request) -> str | None:
    """The page whose form was refused; None where the browser does not name one of ours."""
    ours, before = f"{request.app.state.settings.origin}/", request.headers.get("referer", "")
    if request.method != "POST" or not before.startswith(ours):
        return None
    return local_path_of("/" + before.removeprefix(ours))


def _way_back(request: Request, status: int, code: str) -> Sequence[tuple[str, str]]:
    before = _page_before(request)
    if before is None or status == 401:
        return []
    return [("Load the page again" if code.startswith("csrf_") else "Back to where you were", before)]


def _ways(request: Request, status: int) -> Sequence[tuple[str, str]]:
    person = getattr(request.state, "person", None)
    if person is None:
        ways = [("To the first page", "/"), ("Find a time", "/times")]
        sign_in = ("Sign in", _by_way_of("/auth/sign-in", _page_before(request)))
        return [sign_in, *ways] if status == 401 else ways
    home = {"client": "/appointments", "therapist": "/today", "front_desk": "/desk"}.get(
        person.role, "/clinic"
    )
    return [("Back to your page", home), ("To the first page", "/")]


def _wants_json(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "unknown"
