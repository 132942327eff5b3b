"""The page of one's notices."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.audit.office import Office
from telehealth.errors import SignInNeeded
from telehealth.notices import acts
from telehealth.notices.wording import words_of
from telehealth.person import Person
from telehealth.repeats.once import once
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page, zone_of

HERE = "/notices"


async def notices(request: Request) -> Response:
    """GET /notices: what this person was told, the unread first."""
    person = _signed_in(request)
    office: Office = request.app.state.office
    zone, now = zone_of(request), office.clock()
    found = [
        {
            "id": each.id,
            "at": each.created_at.astimezone(zone),
            "read_at": each.read_at and each.read_at.astimezone(zone),
            "words": words_of(each.kind, each.body, zone, now),
        }
        for each in await acts.mine(office, person)
    ]
    context = {
        "unread": [each for each in found if each["read_at"] is None],
        "read": [each for each in found if each["read_at"] is not None],
    }
    return page(request, "notices/notices.html", context)


async def receipt(request: Request) -> Response:
    """POST /notices/{id}/receipt: read."""
    person = _signed_in(request)
    form = await form_of(request)
    async with once(request, person, form) as office:
        await acts.receive(office, person, id_of(request.path_params["id"]))
    return RedirectResponse(HERE, 303)


def _signed_in(request: Request) -> Person:
    person: Person | None = request.state.person
    if person is None:
        raise SignInNeeded("sign_in_needed", "Please sign in first; afterwards you come back to this page.")
    return person
