"""The pages of passkeys: one's own list, and the codes that an administrator makes for staff."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.errors import Invalid, NotFound
from telehealth.passkeys import keeping, rules, vouching
from telehealth.passkeys.exchanges import HERE
from telehealth.passkeys.store import Passkey
from telehealth.people.signing_in import staff_factor_of
from telehealth.people.stepping_up import fresh, fresh_about
from telehealth.person import Person
from telehealth.repeats.once import once
from telehealth.web import cookies
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import day, page, zone_of

DONE = {
    "added": "Your passkey is kept. Try it at your next sign-in.",
    "renamed": "The new name is kept.",
    "removed": "The passkey is removed. It opens nothing here from now on.",
}
ROLE_WORDS = {"therapist": "Therapist", "front_desk": "Front desk", "administrator": "Administrator"}
NOT_YOURS = "There is nothing at this address. Perhaps it is not yours to see."


async def passkeys(request: Request) -> Response:
    """GET /passkeys: one's own, for somebody who proved just now who they are."""
    return await _list(request, fresh(request), {})


async def rename(request: Request) -> Response:
    """POST /passkeys/{id}/name"""
    person, form = fresh(request), await form_of(request)
    passkey_id = id_of(request.path_params["id"])
    try:
        async with once(request, person, form) as office:
            await keeping.rename(office, person, passkey_id, form.get("name", ""))
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _list(request, person, refusal.fields, 422)
    return RedirectResponse(f"{HERE}?done=renamed", 303)


async def remove(request: Request) -> Response:
    """POST /passkeys/{id}/removal"""
    person, form = fresh(request), await form_of(request)
    async with once(request, person, form) as office:
        await keeping.remove(office, person, id_of(request.path_params["id"]))
    return RedirectResponse(f"{HERE}?done=removed", 303)


async def codes(request: Request) -> Response:
    """GET and POST /clinic/passkey-codes: an administrator vouches for a member of staff; a code is shown once."""
    _not_for_others(request)
    office, made = request.app.state.office, None
    if request.method == "GET":
        person = fresh(request)
    else:
        form = await form_of(request)
        colleague_id = id_of(form.get("colleague", ""))
        person = await fresh_about(request, ("person", colleague_id))
        await request.app.state.limits.staff.take(request)
        secret = cookies.secret_of_form(request, form.get("key", ""), colleague_id)
        async with once(request, person, form) as keyed:
            await vouching.make_code(keyed, person, colleague_id, secret)
        code, until = await vouching.open_code(office, secret)
        made = {"code": code, "until": until} if code else None
    colleagues = await vouching.staff(office, person)
    if made is not None:
        made["name"] = next((each.name for each in colleagues if each.id == colleague_id), "")
    context = {"colleagues": colleagues, "made": made, "words": ROLE_WORDS}
    return page(request, "passkeys/codes.html", context)


def _not_for_others(request: Request) -> None:
    """Nothing is here for whoever is signed in as anything but an administrator."""
    person: Person | None = request.state.person
    if person is not None and person.role != "administrator":
        raise NotFound("not_found", NOT_YOURS)


async def _list(request: Request, person: Person, errors: dict[str, str], status: int = 200) -> Response:
    found = await keeping.own(request.app.state.office, person)
    shown = [_shown(request, person, passkey) for passkey in found]
    counting = [each for each in shown if each["counts"]]
    context = {
        "passkeys": shown,
        "errors": errors,
        "done": DONE.get(request.query_params.get("done", ""), "") if request.method == "GET" else "",
        "last_for_staff": person.role != "client" and len(counting) == 1,
    }
    return page(request, "passkeys/passkeys.html", context, status)


def _shown(request: Request, person: Person, passkey: Passkey) -> dict[str, object]:
    now, zone = request.app.state.office.clock(), zone_of(request)
    factor = staff_factor_of(request)
    return {
        "id": passkey.id,
        "name": passkey.name,
        "counts": rules.counts(person.role, vouched=passkey.vouched, staff_factor=factor),
        "added": since(passkey.created_at.astimezone(zone), now.astimezone(zone)),
        "used": ""
        if passkey.used_at is None
        else since(passkey.used_at.astimezone(zone), now.astimezone(zone)),
    }


def since(moment: datetime, now: datetime) -> str:
    """A day that has been, inside a sentence: today, yesterday, or on Wednesday 25 November (and its year)."""
    if moment.date() == now.date():
        return "today"
    if moment.date() == now.date() - timedelta(days=1):
        return "yesterday"
    return f"on {day(moment)}" if moment.year == now.year else f"on {day(moment)} {moment.year}"
