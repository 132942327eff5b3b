"""The administrator's pages about accounts. Each asks for a proof of who one is that is at most five minutes old."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.audit.office import Office
from telehealth.errors import NotFound
from telehealth.people import inviting, roster
from telehealth.people.accounts import Member
from telehealth.people.ending import hang_up
from telehealth.people.pages import signed_in
from telehealth.people.session_pages import step_up_about, step_up_first
from telehealth.person import Person
from telehealth.repeats.once import once
from telehealth.web import cookies
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of

HERE = "/clinic/people"
ROLE_WORDS = {
    "client": "Client",
    "therapist": "Therapist",
    "front_desk": "Front desk",
    "administrator": "Administrator",
}
DONE = {
    "made": "They are in the list. Make an invitation now, so that they can tie their own account.",
    "ended": "Every session of this account has ended.",
    "closed": "The account is closed, and every session of it has ended.",
    "role": "The role is changed, and they are told. They sign in again with it.",
    "opened": "The account is open again. Its owner can sign in.",
    "everybody": "Everybody but you is signed out.",
}
WORD = "everybody"  # typed, so that it does not happen by a slip of the hand
NOT_TYPED = f"Nobody was signed out. Please type the word {WORD} to do it."


async def people(request: Request) -> Response:
    """GET /clinic/people: the staff; with ?id=… on to the one account of that id."""
    person = await _administrator(request, None)
    if (step := step_up_first(request, HERE)) is not None:
        return step
    wanted = request.query_params.get("id", "").strip().lower().replace("-", "").replace(" ", "")
    if wanted:
        return await _looked_for(request, person, wanted)
    return await _list(request, person, {})


async def member(request: Request) -> Response:
    """GET /clinic/people/{id}"""
    person_id = id_of(request.path_params["id"])
    person = await _administrator(request, person_id)
    if (step := await step_up_about(request, _of(person_id), person_id)) is not None:
        return step
    return await _member(request, person, person_id)


async def invite(request: Request) -> Response:
    """POST /clinic/people/{id}/invitations: a code with which they tie their own account; it is shown once."""
    person_id = id_of(request.path_params["id"])
    person, form = await _asked(request, person_id)
    if (step := await step_up_about(request, _of(person_id), person_id)) is not None:
        return step
    await request.app.state.limits.staff.take(request)
    secret = cookies.secret_of_form(request, form.get("key", ""), person_id)
    async with once(request, person, form) as office:
        await inviting.invite(office, person, person_id, secret)
    code, until = await inviting.open_code(request.app.state.office, secret)
    return await _member(request, person, person_id, code, until)


async def end_sessions(request: Request) -> Response:
    """POST /clinic/people/{id}/sessions/ending"""
    person_id = id_of(request.path_params["id"])
    person, form = await _asked(request, person_id)
    if (step := await step_up_about(request, _of(person_id), person_id)) is not None:
        return step
    async with once(request, person, form) as office:
        hang_up(request, await roster.end_sessions(office, person, person_id))
    return RedirectResponse(f"{_of(person_id)}?done=ended", 303)


async def close_account(request: Request) -> Response:
    """POST /clinic/people/{id}/closing"""
    person_id = id_of(request.path_params["id"])
    person, form = await _asked(request, person_id)
    if (step := await step_up_about(request, _of(person_id), person_id)) is not None:
        return step
    async with once(request, person, form) as office:
        hang_up(request, await roster.close_account(office, person, person_id))
    return RedirectResponse(f"{_of(person_id)}?done=closed", 303)


async def open_account(request: Request) -> Response:
    """POST /clinic/people/{id}/opening"""
    person_id = id_of(request.path_params["id"])
    person, form = await _asked(request, person_id)
    if (step := await step_up_about(request, _of(person_id), person_id)) is not None:
        return step
    async with once(request, person, form) as office:
        await roster.open_account(office, person, person_id)
    return RedirectResponse(f"{_of(person_id)}?done=opened", 303)


async def end_everybodys(request: Request) -> Response:
    """POST /clinic/sessions/ending: everybody's sessions but one's own, for an incident."""
    person = await _administrator(request, None)
    form = await form_of(request)
    if (step := step_up_first(request, HERE)) is not None:
        return step
    if form.get("word", "").lower() != WORD:
        return await _list(request, person, {"word": NOT_TYPED}, 422)
    async with once(request, person, form) as office:
        hang_up(request, await roster.end_everybodys(office, person))
    return RedirectResponse(f"{HERE}?done=everybody", 303)


async def _administrator(request: Request, person_id: bytes | None) -> Person:
    """Whoever else asks gets "not found", which goes on the record of whom they asked about."""
    person = signed_in(request)
    await roster.check_administrator(request.app.state.office, person, person_id)
    return person


async def _member(
    request: Request, person: Person, person_id: bytes, code: str = "", until: datetime | None = None
) -> Response:
    found = await roster.member(request.app.state.office, person, person_id)
    settings = request.app.state.settings
    context = {
        "member": _shown(request, found),
        "own": found.id == person.id,
        "roles": {name: words for name, words in ROLE_WORDS.items() if name != "client"},
        "code": code,
        "until": None if until is None else until.astimezone(zone_of(request)),
        "entrance": f"{settings.public_url}/auth/invitation",
        "done": DONE.get(request.query_params.get("done", ""), "") if request.method == "GET" else "",
    }
    return page(request, "people/member.html", context)


async def _asked(request: Request, person_id: bytes) -> tuple[Person, dict[str, str]]:
    person = await _administrator(request, person_id)
    return person, await form_of(request)


async def _looked_for(request: Request, person: Person, wanted: str) -> Response:
    try:
        found = await roster.member(request.app.state.office, person, id_of(wanted))
    except NotFound:
        return await _list(request, person, {"id": roster.NOBODY}, 404)
    return RedirectResponse(_of(found.id), 303)


async def _list(request: Request, person: Person, errors: dict[str, str], status: int = 200) -> Response:
    office: Office = request.app.state.office
    found = await roster.staff(office, person)
    context = {
        "staff": [_shown(request, each) for each in found],
        "errors": errors,
        "word": WORD,
        "wanted": request.query_params.get("id", "") if "id" in errors else "",
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return page(request, "people/people.html", context, status)


def _shown(request: Request, member: Member) -> dict[str, object]:
    def local(moment: datetime | None) -> datetime | None:
        return None if moment is None else moment.astimezone(zone_of(request))

    return {
        "id": member.id,
        "role": ROLE_WORDS[member.role],
        "role_now": member.role,
        "name": member.name,
        "is_therapist": member.role == "therapist",
        "tied": member.tied,
        "created_at": local(member.created_at),
        "disabled_at": local(member.disabled_at),
        "sessions": member.sessions,
        "seen_at": local(member.seen_at),
    }


def _of(person_id: bytes) -> str:
    return f"{HERE}/{person_id.hex()}"
