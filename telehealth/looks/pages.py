"""The two pages of the record: everybody's own, and the administrator's."""

from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from telehealth.audit.office import Office
from telehealth.errors import NotFound
from telehealth.looks import acts
from telehealth.looks.record import Asked, Page, record
from telehealth.looks.wording import words_about
from telehealth.people.pages import signed_in
from telehealth.web.forms import id_of
from telehealth.web.templating import page, zone_of

OUTCOMES = {"success": "Done", "refused": "Refused"}
KINDS = {
    "record.look": "Looks",
    "session": "Signing in and out",
    "appointment": "Appointments",
    "partner": "Coming together",
    "room": "Rooms",
    "note": "Private notes",
    "person": "Accounts",
    "profile": "Profiles",
    "passkey": "Passkeys",
    "emergency": "Emergency access",
    "hours": "Hours",
    "waiting": "Waiting list",
    "calendar": "Other calendars",
    "feed": "Calendar addresses",
    "notice": "Messages",
    "preferences": "How people are told",
    "hold": "Legal holds",
    "service": "Services",
    "policy": "Policies",
    "number": "Emergency numbers",
    "retention": "Clearing away",
    "backup": "Backups",
    "keys": "Keys",
}
YEARS = range(2000, 3000)  # far from where dates and zones end
NO_DAY = "Write a day as year, month and day, such as 2026-11-24."
NO_ID = "An id has 32 letters and digits. You find it on the page of an account."


async def looks(request: Request) -> Response:
    """GET /looks: who opened one's own record."""
    person = signed_in(request)
    office: Office = request.app.state.office
    before = request.query_params.get("before")
    found = await acts.looks(office, person, zone_of(request), None if before is None else id_of(before))
    earlier = None if found.earlier is None else f"/looks?before={found.earlier.hex()}"
    context = {"days": found.days, "earlier": earlier, "is_first": before is None}
    return page(request, "looks/looks.html", context)


async def audit(request: Request) -> Response:
    """GET /audit: the whole record with filters, for the administrator."""
    person = signed_in(request)
    query, errors = request.query_params, dict[str, str]()
    asked = _asked(request, errors)
    before = query.get("before")
    office: Office = request.app.state.office
    found = await record(office, person, asked, None if before is None else id_of(before))
    if found.nobody:
        errors["person"] = "Nobody here has this id. Please check that it is whole."
    context = {
        "page": _without(found, errors),
        "values": {
            name: query.get(name, "") for name in ("kind", "outcome", "from", "to", "agent", "person")
        },
        "is_filtered": any(query.get(name) for name in ("kind", "outcome", "from", "to", "agent", "person")),
        "errors": errors,
        "kinds": KINDS,
        "outcomes": OUTCOMES,
        "words_about": words_about,
        "earlier": None if found.earlier is None else _earlier(query, found.earlier),
        "is_first": before is None,
    }
    return page(request, "looks/audit.html", context, 422 if errors else 200)


def _asked(request: Request, errors: dict[str, str]) -> Asked:
    """The filters; what cannot be understood is left out and said in `errors`."""
    query = request.query_params
    since, last = _midnight(request, "from", errors), _midnight(request, "to", errors)
    return Asked(
        kind=query.get("kind", "") if query.get("kind") in KINDS else "",
        outcome=query.get("outcome", "") if query.get("outcome") in OUTCOMES else "",
        since=since,
        until=None if last is None else last + timedelta(days=1),  # wall clock: the next local midnight
        agent=_id(query, "agent", errors),
        person=_id(query, "person", errors),
    )


def _midnight(request: Request, name: str, errors: dict[str, str]) -> datetime | None:
    text = request.query_params.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        if day.year not in YEARS:
            raise ValueError(text)
        return datetime(day.year, day.month, day.day, tzinfo=zone_of(request))
    except ValueError:
        errors[name] = NO_DAY
        return None


def _id(query: QueryParams, name: str, errors: dict[str, str]) -> bytes | None:
    text = query.get(name, "").strip().lower()
    if not text:
        return None
    try:
        return id_of(text)
    except NotFound:
        errors[name] = NO_ID
        return None


def _without(found: Page, errors: dict[str, str]) -> Page:
    """Nothing is shown under a filter that was not understood: it would look like its answer."""
    return Page([], found.staff, None, found.nobody) if errors else found


def _earlier(query: QueryParams, last: bytes) -> str:
    kept = {name: value for name, value in query.items() if name != "before" and value}
    return f"/audit?{urlencode({**kept, 'before': last.hex()})}"
