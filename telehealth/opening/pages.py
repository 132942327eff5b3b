"""The opening page and what to expect."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from telehealth.audit.office import Office
from telehealth.availability import acts as availability
from telehealth.clinic import store as clinic
from telehealth.errors import NotFound
from telehealth.web.templating import page, zone_of

SHOWN = 4
DAYS_AHEAD = 14
CONTACT_GOOD_FOR = timedelta(days=180)  # RFC 9116 asks for less than a year


async def index(request: Request) -> Response:
    """GET /"""
    office: Office = request.app.state.office
    zone = zone_of(request)
    async with office.database.reading() as connection:
        services = await clinic.services(connection)
        offering = {id_ for service in services for id_ in service.therapist_ids}
        therapists = [each for each in await clinic.therapists(connection) if each.id in offering]
    times = []
    if services:
        times = await availability.open_times(
            office,
            service_id=services[0].id,
            therapist_ids=None,
            first=office.clock().astimezone(zone).date(),
            days=DAYS_AHEAD,
            zone=zone.key,
            holder=None,
        )
    people = {therapist.id: therapist for therapist in therapists}
    next_times = [
        {
            "start": time.start.astimezone(zone),
            "end": time.start.astimezone(zone) + timedelta(minutes=services[0].minutes),
            "service": services[0],
            "therapist": people[time.therapist_id],
            "co_therapist": people.get(time.co_therapist_id or b""),
        }
        for time in spread(times, SHOWN)
    ]
    context = {"next_times": next_times, "therapists": therapists, "services": services}
    return page(request, "opening/index.html", context)


def spread(times: "list[availability.OpenTime]", count: int) -> "list[availability.OpenTime]":
    """The soonest time of each therapist first, then the soonest of all; in order of time."""
    first_of: dict[bytes, availability.OpenTime] = {}
    for time in times:
        first_of.setdefault(time.therapist_id, time)
    chosen = list(first_of.values())[:count]
    chosen += [time for time in times if time not in chosen][: count - len(chosen)]
    return sorted(chosen, key=lambda time: time.start)


async def expect(request: Request) -> Response:
    """GET /what-to-expect"""
    office: Office = request.app.state.office
    async with office.database.reading() as connection:
        context = {
            "services": await clinic.services(connection),
            "policies": await clinic.policies(connection),
            "numbers": await clinic.emergency_numbers(connection),
        }
    return page(request, "opening/expect.html", context)


async def security_txt(request: Request) -> Response:
    """GET /.well-known/security.txt: where to report a weakness (RFC 9116); 404 where the clinic names no contact."""
    settings = request.app.state.settings
    if not settings.security_contact:
        raise NotFound("not_found", "There is nothing at this address.")
    office: Office = request.app.state.office
    midnight = office.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {settings.security_contact}",
        f"Expires: {midnight + CONTACT_GOOD_FOR:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {settings.public_url}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join(lines) + "\n")
