"""Pages to book for a client: an open time, a time outside the hours, or a series; what clashes is said first."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments import acts, clients, offering
from telehealth.appointments.acts import Order, Planned
from telehealth.appointments.own_time import NO_TIME, OUTSIDE, PAST, own_time_of
from telehealth.audit.office import Office
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.errors import Conflict, Invalid, Refusal
from telehealth.people.pages import signed_in
from telehealth.person import Person
from telehealth.web.forms import choice_of, form_of, id_of
from telehealth.web.templating import page, zone_of

SHOWN_DAYS = 7
UNTYPED: Mapping[str, str] = {
    "choice": "",
    "day": "",
    "at": "",
    "therapist_id": "",
    "agreed": "",
    "every": "0",
    "times": "6",
    "message": "",
}
MALFORMED = ("malformed_time", "malformed_key", "malformed_choice")
CLASHES: Mapping[str, str] = {
    "past": PAST,
    "clocks": "Clocks change on that day, so there is no such time.",
    "client_busy": "The client has something else then.",
    "therapist_busy": "It is taken.",
    "not_open": OUTSIDE,
}


@dataclass(frozen=True)
class Wish:
    """What is looked for: a service, with one therapist or anyone who offers it, from a day on."""

    service: Service
    therapist: Therapist | None
    first: date

    def url(self, client_id: bytes, first: date | None = None) -> str:
        """The page of the same wish, from another day on."""
        query = {"service": self.service.slug, "from": (first or self.first).isoformat()}
        if self.therapist is not None:
            query["therapist"] = self.therapist.slug
        return f"/clients/{client_id.hex()}/booking?{urlencode(query)}"


async def booking(request: Request) -> Response:
    """GET /clients/{id}/booking?service=&therapist=&from="""
    return await _booking(request, None, {})


async def book(request: Request) -> Response:
    """POST /clients/{id}/booking: books one time; of a series it shows first which dates are free, then books those."""
    person, form = signed_in(request), await form_of(request)
    await request.app.state.limits.booking.take(request)
    office, client_id = _office(request), id_of(request.path_params["id"])
    await clients.check(office, person, client_id)
    try:
        order = _order(request, form, client_id)
        if order.times > 1 and form.get("sure") != "1":
            return await _series(request, order, form)
        made = await acts.place_for(
            office, person, order, key=form.get("key", ""), message=form.get("message", "")
        )
    except (Invalid, Conflict) as refusal:
        if refusal.code in MALFORMED and not refusal.fields:
            raise
        if refusal.code == "none_free" and order.times == 1:
            refusal = Conflict("none_free", await _why(office, person, order))
        return await _booking(request, refusal, form)
    count = sum(each.appointment_id is not None for each in made)
    return RedirectResponse(f"/clients/{client_id.hex()}?booked={count}&of={order.times}", 303)


async def _series(request: Request, order: Order, form: dict[str, str]) -> Response:
    """Which dates of a series are free, which clash and why; nothing is booked yet."""
    person, office, zone = signed_in(request), _office(request), zone_of(request)
    card = await clients.client(office, person, order.client_ids[0])
    planned = await acts.plan(office, person, order)
    async with office.database.reading() as connection:
        service = await clinic.service(connection, order.service_id)
        therapist = await clinic.therapist(connection, order.therapist_id)
    kept = ("choice", "day", "at", "agreed", "therapist_id", "service_id", "every", "times", "message")
    context = {
        "client": card,
        "service": service,
        "therapist": therapist,
        "planned": [(each.start.astimezone(zone), each.clash) for each in planned],
        "length": timedelta(minutes=service.minutes),
        "free": sum(_is_booked(each, order) for each in planned),
        "anyway": order.anyway,
        "outside": any(each.clash == "not_open" for each in planned),
        "kept": {name: form[name] for name in kept if name in form},
        "key": form.get("key", ""),
        "here": f"{request.url.path}?{request.url.query}",
    }
    return page(request, "appointments/series.html", context)


async def _booking(request: Request, refusal: Refusal | None, form: dict[str, str]) -> Response:
    person, office, zone = signed_in(request), _office(request), zone_of(request)
    client_id = id_of(request.path_params["id"])
    card = await clients.client(office, person, client_id)
    async with office.database.reading() as connection:
        services = await clinic.services(connection)
        therapists = await clinic.therapists(connection)
    if person.role == "therapist":
        services = [each for each in services if person.id in each.therapist_ids]
        therapists = [each for each in therapists if each.id == person.id]
    if not services:
        return page(request, "appointments/booking.html", {"client": card, "wish": None})
    today = office.clock().astimezone(zone).date()
    wish = _wish(request, services, therapists, today)
    found = await _times(request, person, client_id, wish)
    after = wish.first + timedelta(days=SHOWN_DAYS)
    shown = [each for each in found if each[0].date() < after]
    beyond = [each for each in found if each[0].date() >= after]
    context = {
        "client": card,
        "wish": wish,
        "services": services,
        "therapists": [each for each in therapists if each.id in wish.service.therapist_ids],
        "everybody": therapists,
        "days": [list(day) for _, day in groupby(shown, key=lambda each: each[0].date())],
        "length": timedelta(minutes=wish.service.minutes),
        "first": _noon(wish.first, request),
        "last": _noon(after - timedelta(days=1), request),
        "here": wish.url(client_id),
        "earlier": wish.url(client_id, max(today, wish.first - timedelta(days=SHOWN_DAYS)))
        if wish.first > today
        else None,
        "later": wish.url(client_id, after) if beyond else None,
        "next_open": beyond[0][0] if beyond and not shown else None,
        "next_url": wish.url(client_id, beyond[0][0].date()) if beyond and not shown else None,
        "refusal": refusal,
        "values": {**UNTYPED, **form},
        "key": secrets.token_hex(16),
    }
    status = 200 if refusal is None else 409 if isinstance(refusal, Conflict) else 422
    return page(request, "appointments/booking.html", context, status)


async def _times(
    request: Request, person: Person, client_id: bytes, wish: Wish
) -> list[tuple[datetime, str, str]]:
    """The open times in the shown zone: start, who is there, and the value of its button."""
    office, zone = _office(request), zone_of(request)
    async with office.database.reading() as connection:
        everybody = await clinic.therapists(connection)
    all_names = {each.id: each.name for each in everybody}
    found = await offering.times_to_book(
        office,
        person,
        client_id,
        wish.service,
        [each for each in everybody if each.id in wish.service.therapist_ids],
        named=None if wish.therapist is None else [wish.therapist.id],
        first=wish.first,
        days=max(SHOWN_DAYS, wish.service.horizon_days + 1),
        zone=zone.key,
    )
    return [
        (
            each.start.astimezone(zone),
            " and ".join(all_names[id_] for id_ in (each.therapist_id, each.co_therapist_id) if id_),
            " ".join(
                [each.service_id.hex(), each.therapist_id.hex(), each.start.isoformat()]
                + ([each.co_therapist_id.hex()] if each.co_therapist_id else [])
            ),
        )
        for each in found
    ]


def _wish(request: Request, services: list[Service], therapists: list[Therapist], today: date) -> Wish:
    """What the address says, read leniently."""
    query = request.query_params
    service = next((each for each in services if each.slug == query.get("service")), services[0])
    offering_it = [each for each in therapists if each.id in service.therapist_ids]
    therapist = next((each for each in offering_it if each.slug == query.get("therapist")), None)
    if therapist is None and len(therapists) == 1 and offering_it:
        therapist = offering_it[0]
    try:
        first = date.fromisoformat(query.get("from", ""))
    except ValueError:
        first = today
    return Wish(service, therapist, min(max(first, today), today + timedelta(days=366)))


def _order(request: Request, form: Mapping[str, str], client_id: bytes) -> Order:
    """What the form asks for; Invalid "no_time" where no time is chosen."""
    times = form.get("times", "")
    every = int(form["every"]) if form.get("every") in ("1", "2") else 0
    count = int(times) if every and times.isascii() and times.isdigit() and len(times) <= 2 else 1
    if every and count < 2:
        count = 0  # refused with what a series is
    own = own_time_of(form, zone_of(request))
    if own is not None:
        service_id, therapist_id = id_of(form.get("service_id", "")), id_of(form.get("therapist_id", ""))
        start, co_id = own, None
    else:
        if not form.get("choice"):
            raise Invalid("no_time", NO_TIME, fields={"choice": NO_TIME})
        service_id, therapist_id, start, co_id = choice_of(form["choice"])
    anyway = form.get("agreed") == "1"
    return Order(service_id, therapist_id, (client_id,), start, co_id, every, count, anyway)


async def _why(office: Office, person: Person, order: Order) -> str:
    """Why one time cannot be booked, in a sentence."""
    clash = (await acts.plan(office, person, order))[0].clash
    return CLASHES[clash or "therapist_busy"]


def _is_booked(each: Planned, order: Order) -> bool:
    """Whether a start of a series would be booked as things stand."""
    return each.clash is None or (order.anyway and each.clash == "not_open")


def _noon(day: date, request: Request) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone_of(request))


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
