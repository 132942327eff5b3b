"""Pages of private notes: those about one session, saved by a form or as they are typed, and the list of them."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from telehealth.appointments.pages import signed_in_as
from telehealth.audit.office import Office
from telehealth.errors import Invalid
from telehealth.notes import acts, rules
from telehealth.notes.acts import Note, Saved
from telehealth.people.pages import signed_in
from telehealth.web import csrf
from telehealth.web.forms import form_of, id_of, instant_of
from telehealth.web.templating import page, zone_of


async def notes(request: Request) -> Response:
    """GET /appointments/{id}/notes: one's own notes about a session; for a script JSON {"words", "number", "token"},
    with the token that a form needs, so that a page left open goes on after signing in again."""
    person, office = signed_in(request), request.app.state.office
    found = await acts.note(office, person, id_of(request.path_params["id"]))
    if _is_script(request):
        said = {"words": found.words, "number": found.number, "token": csrf.token_of(request)}
        return JSONResponse(said)
    shown = _shown(request, found) | {"is_saved": request.query_params.get("saved") == "1"}
    return page(request, "notes/notes.html", shown)


async def save(request: Request) -> Response:
    """POST /appointments/{id}/notes: a form, or for a script JSON {"number"} of what is kept now; where another page
    wrote meanwhile 409 with that page's words, and what was typed still in the form."""
    form, person = await form_of(request), signed_in(request)
    await request.app.state.limits.notes.take(request)
    office: Office = request.app.state.office
    appointment_id = id_of(request.path_params["id"])
    try:
        saved = await acts.save(office, person, appointment_id, rules.typed_from(form))
    except Invalid as refusal:
        if _is_script(request) or not refusal.fields:
            raise
        found = await acts.note(office, person, appointment_id)
        shown = _shown(request, found, form.get("words", ""))
        return page(request, "notes/notes.html", {**shown, "errors": refusal.fields}, 422)
    return _said(request, saved) if _is_script(request) else _answer(request, saved, form.get("words", ""))


def _said(request: Request, saved: Saved) -> Response:
    number = {"number": saved.note.number}
    return (
        JSONResponse({**number, "words": saved.note.words}, 409) if saved.is_apart else JSONResponse(number)
    )


def _answer(request: Request, saved: Saved, typed: str) -> Response:
    if saved.is_apart:
        shown = _shown(request, saved.note, typed)
        return page(request, "notes/notes.html", {**shown, "others": saved.note.words}, 409)
    return RedirectResponse(f"/appointments/{saved.note.appointment_id.hex()}/notes?saved=1", 303)


async def overview(request: Request) -> Response:
    """GET /notes: the sessions one has notes about, the latest first; `before` is a time to go on from."""
    person = signed_in_as(request, "therapist")
    office, zone = request.app.state.office, zone_of(request)
    before = request.query_params.get("before")
    found, rest = await acts.mine(office, person, None if before is None else instant_of(before))
    listed = [(each.appointment_id, each.held_at.astimezone(zone), each.names) for each in found]
    return page(request, "notes/overview.html", {"listed": listed, "rest": rest, "is_first": before is None})


def _is_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _shown(request: Request, found: Note, typed: str | None = None) -> dict[str, Any]:
    return {
        "held_at": found.held_at.astimezone(zone_of(request)),
        "names": found.names,
        "parted": found.parted_at is not None,
        "notes": blank(found.appointment_id)
        | {"words": found.words if typed is None else typed, "number": found.number},
        "is_saved": False,
        "others": None,
        "errors": {},
    }


def blank(appointment_id: bytes) -> dict[str, Any]:
    """What the form of notes needs; as it is here, the words are fetched when it is opened."""
    return {
        "appointment_id": appointment_id.hex(),
        "words": "",
        "number": None,
        "writer": secrets.token_hex(16),
        "most": rules.MAX_WORDS,
    }
