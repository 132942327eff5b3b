"""Pages of who works here: somebody begins, how clients see a therapist, and a therapist who goes."""

import secrets
from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.audit.office import Office
from telehealth.clinic import rules, staffing
from telehealth.clinic import store as clinic
from telehealth.clinic.once import must_be_administrator
from telehealth.clinic.pages import administrator
from telehealth.clinic.rules import newcomer_from, profile_from
from telehealth.clinic.store import Therapist
from telehealth.errors import Conflict, Invalid
from telehealth.people.pages import signed_in
from telehealth.people.session_pages import step_up_about, step_up_first
from telehealth.person import Person
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of

PEOPLE = "/clinic/people"
NEW = f"{PEOPLE}/new"
ROLES = {
    "therapist": ("Therapist", "Sees clients. Sees own appointments and own clients, and nobody else’s."),
    "front_desk": (
        "Front desk",
        "Sees who is booked when, and books and moves on behalf. Never why somebody comes.",
    ),
    "administrator": ("Administrator", "Sets up the practice as you do. Never sees what clients say."),
}
DONE = {
    "changed": "The profile is changed. Clients see it like this from now on.",
    "returned": "They are here again, with the services and hours as they were.",
}


@cache
def zone_names() -> tuple[str, ...]:
    """Every zone that has a place in its name, and UTC."""
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))


async def new(request: Request) -> Response:
    """GET /clinic/people/new"""
    administrator(request)
    if (step := step_up_first(request, NEW)) is not None:
        return step
    role = request.query_params.get("role", "therapist")
    return _new(
        request, {"name": "", "role": role if role in ROLES else "therapist"}, {}, secrets.token_hex(16)
    )


async def create(request: Request) -> Response:
    """POST /clinic/people: on to the account, where the invitation is made. After an old proof of who asks the form
    comes back as it was typed, with the way to a new one beside it."""
    person, form = administrator(request), await form_of(request)
    await request.app.state.limits.staff.take(request)
    typed = {"name": form.get("name", ""), "role": form.get("role", "")}
    if step_up_first(request, NEW) is not None:
        return _new(request, typed, {}, form.get("key", ""), 403)
    try:
        newcomer = newcomer_from(form)
    except Invalid as refusal:
        return _new(request, typed, refusal.fields, form.get("key", ""), 422)
    zone = request.app.state.settings.clinic_zone
    made = await staffing.create_staff(request.app.state.office, person, newcomer, zone, form.get("key", ""))
    return RedirectResponse(f"{PEOPLE}/{made.hex()}?done=made", 303)


def _new(
    request: Request, values: dict[str, str], errors: Mapping[str, str], key: str, status: int = 200
) -> Response:
    context = {
        "values": values,
        "errors": errors,
        "key": key,
        "roles": ROLES,
        "limits": rules,
        "confirm_first": status == 403,
    }
    return page(request, "clinic/newcomer.html", context, status)


async def profile(request: Request) -> Response:
    """GET /clinic/therapists/{id}: how clients see this therapist."""
    _, person_id = await asked_about(request)
    found, place = await _therapist(request, person_id)
    return await _profile(request, found, _typed(found, place), {}, secrets.token_hex(16))


async def change(request: Request) -> Response:
    """POST /clinic/therapists/{id}"""
    (person, person_id), form = await asked_about(request), await form_of(request)
    try:
        wanted = profile_from(form, zone_names())
    except Invalid as refusal:
        found, _ = await _therapist(request, person_id)
        return await _profile(request, found, form, refusal.fields, form.get("key", ""), 422)
    await staffing.change_profile(request.app.state.office, person, person_id, wanted, form.get("key", ""))
    return RedirectResponse(f"{_of(person_id)}?done=changed", 303)


async def retirement(request: Request) -> Response:
    """GET /clinic/therapists/{id}/retirement: what would happen, and what stands in the way."""
    person, person_id = await asked_about(request)
    if (step := await step_up_about(request, f"{_of(person_id)}/retirement", person_id)) is not None:
        return step
    return await _retirement(request, person, person_id, "")


async def retire(request: Request) -> Response:
    """POST /clinic/therapists/{id}/retirement"""
    (person, person_id), form = await asked_about(request), await form_of(request)
    if (step := await step_up_about(request, f"{_of(person_id)}/retirement", person_id)) is not None:
        return step
    office, elsewhere = request.app.state.office, request.app.state.elsewhere
    try:
        await staffing.retire_therapist(office, person, person_id, elsewhere, form.get("key", ""))
    except Conflict as refusal:
        if refusal.code != "clients_booked":
            raise
        return await _retirement(request, person, person_id, refusal.sentence)
    return RedirectResponse(f"{_of(person_id)}?done=retired", 303)


async def take_back(request: Request) -> Response:
    """POST /clinic/therapists/{id}/return"""
    (person, person_id), form = await asked_about(request), await form_of(request)
    if (step := await step_up_about(request, _of(person_id), person_id)) is not None:
        return step
    await staffing.take_back(request.app.state.office, person, person_id, form.get("key", ""))
    return RedirectResponse(f"{_of(person_id)}?done=returned", 303)


async def asked_about(request: Request) -> tuple[Person, bytes]:
    """The administrator who asks, and the id in the path: about whom. Whoever else asks gets "not found", which goes on
    the record of whom they asked about."""
    person, person_id = signed_in(request), id_of(request.path_params["id"])
    if person.role != "administrator":
        office: Office = request.app.state.office
        async with office.work(person):
            must_be_administrator(person, ("person", person_id))
    return person, person_id


async def _therapist(request: Request, person_id: bytes) -> tuple[Therapist, int]:
    """The therapist of that id, and their place among those who are here."""
    office: Office = request.app.state.office
    async with office.database.reading() as c:
        found = await clinic.therapist(c, person_id)
        ids = [each.id for each in await clinic.therapists(c)]
    return found, ids.index(person_id) + 1 if person_id in ids else len(ids) + 1


async def _profile(
    request: Request,
    found: Therapist,
    values: Mapping[str, str],
    errors: Mapping[str, str],
    key: str,
    status: int = 200,
) -> Response:
    context = {
        "therapist": found,
        "values": {**_typed(found, 1), **values},
        "errors": errors,
        "key": key,
        "ending_key": secrets.token_hex(16),
        "zone_names": zone_names(),
        "limits": rules,
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return page(request, "clinic/therapist.html", context, status)


async def _retirement(request: Request, person: Person, person_id: bytes, refused: str) -> Response:
    office, zone = request.app.state.office, zone_of(request)
    leaving = await staffing.leaving(office, person, person_id, request.app.state.elsewhere)
    names = {each.id: each.name for each in leaving.services}
    context = {
        "therapist": leaving.therapist,
        "ahead": [(each.starts_at.astimezone(zone), names[each.service_id], each) for each in leaving.ahead],
        "offers": [each.name for each in leaving.services if person_id in each.therapist_ids],
        "refused": refused,
        "key": secrets.token_hex(16),
    }
    return page(request, "clinic/retirement.html", context, 409 if refused else 200)


def _typed(found: Therapist, place: int) -> dict[str, Any]:
    """A profile as its form would have been typed."""
    names = ("name", "title", "pronouns", "about", "zone")
    lines = {name: "\n".join(getattr(found, name)) for name in ("specialties", "languages")}
    return {**{name: getattr(found, name) for name in names}, **lines, "place": str(place)}


def _of(person_id: bytes) -> str:
    return f"/clinic/therapists/{person_id.hex()}"
