"""One's own login sessions: how long this one lasts, staying, and where else one is signed in."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from telehealth.audit.office import Office
from telehealth.errors import SignInNeeded, StepUpNeeded
from telehealth.people import rules, sessions
from telehealth.people.devices import SOMETHING
from telehealth.people.ending import hang_up
from telehealth.people.pages import GONE, signed_in
from telehealth.people.stepping_up import fresh, fresh_about
from telehealth.people.store import LoginSession, OpenSession
from telehealth.repeats.once import once
from telehealth.web.forms import form_of, id_of, local_path_of
from telehealth.web.templating import ends_of, iso, page, zone_of

HERE = "/sessions"
WITH_PASSKEY = "a passkey"
DONE = {
    "one": "That session has ended. Whoever was there is signed out.",
    "others": "You are signed out everywhere else.",
}


async def left(request: Request) -> Response:
    """GET /session: whose session this is and when it ends, as JSON; it is no activity itself, so that asking keeps
    nothing open."""
    return JSONResponse({"person": signed_in(request).id.hex(), **_ends(request)})


async def stay(request: Request) -> Response:
    """POST /session/stay: somebody is still here. JSON where a script asked, else back to the page it came from."""
    form = await form_of(request)
    ends = _ends(request)
    if request.headers.get("accept", "").startswith("application/json"):
        return JSONResponse(ends)
    return RedirectResponse(local_path_of(form.get("next", "/")), 303)


async def ended(request: Request) -> Response:
    """GET /session/ended: where a page leads whose session ended by itself; who is signed in goes on."""
    way = local_path_of(request.query_params.get("next", "/"))
    if request.state.person is not None:
        return RedirectResponse(way, 303)
    long = request.query_params.get("after") == "long"
    return page(request, "people/session_ended.html", {"next": urlencode({"next": way}), "long": long})


async def own(request: Request) -> Response:
    """GET /sessions: where this person is signed in."""
    person = signed_in(request)
    office: Office = request.app.state.office
    found = await sessions.own(office, person)
    context = {
        "sessions": [
            _shown(request, each) for each in sorted(found, key=lambda each: each.id != person.session)
        ],
        "done": DONE.get(request.query_params.get("done", ""), ""),
        "idle_minutes": rules.IDLE[person.role] // timedelta(minutes=1),
    }
    return page(request, "people/sessions.html", context)


async def end_one(request: Request) -> Response:
    """POST /sessions/{id}/ending: one of one's own; ending the one that asks is signing out."""
    person = signed_in(request)
    form = await form_of(request)
    session_id = id_of(request.path_params["id"])
    if (step := step_up_first(request, HERE)) is not None:
        return step
    async with once(request, person, form) as office:
        await sessions.end_one(office, person, session_id)
        hang_up(request, [session_id])
    return RedirectResponse(f"{HERE}?done=one", 303)


async def end_others(request: Request) -> Response:
    """POST /sessions/ending: all of one's own but the one that asks."""
    person = signed_in(request)
    form = await form_of(request)
    if (step := step_up_first(request, HERE)) is not None:
        return step
    async with once(request, person, form) as office:
        hang_up(request, await sessions.end_others(office, person))
    return RedirectResponse(f"{HERE}?done=others", 303)


def step_up_first(request: Request, back: str) -> Response | None:
    """The way to the step-up and back to this page, where the person's proof is older than it may be; else None.

    Ending sessions needs it, so that a stolen session cannot lock its owner out (OWASP ASVS 5.0, 7.5.2).
    """
    try:
        fresh(request)
    except StepUpNeeded:
        return RedirectResponse(f"/auth/step-up?{urlencode({'next': back})}", 303)
    return None


async def step_up_about(request: Request, back: str, person_id: bytes) -> Response | None:
    """The same where it concerns somebody else's account, on whose record an old proof is a refusal."""
    step = step_up_first(request, back)
    if step is not None:
        with suppress(StepUpNeeded):
            await fresh_about(request, ("person", person_id))
    return step


def _ends(request: Request) -> dict[str, str]:
    session: LoginSession | None = request.state.session
    ends = ends_of(request)
    if session is None or ends is None:
        raise SignInNeeded("sign_in_needed", GONE)
    return {name: iso(moment) for name, moment in ends.items()}


def _shown(request: Request, session: OpenSession) -> dict[str, object]:
    zone = zone_of(request)
    provider = request.app.state.providers.all.get(session.provider)
    return {
        "id": session.id,
        "device": session.device or SOMETHING,
        "here": session.id == request.state.person.session,
        "way": WITH_PASSKEY if provider is None else provider.name,
        "since": session.created_at.astimezone(zone),
        "seen": session.seen_at.astimezone(zone),
    }
