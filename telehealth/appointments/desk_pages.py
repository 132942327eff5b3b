"""The front desk's day and week: who is booked when, never the reason."""

from starlette.requests import Request
from starlette.responses import Response

from telehealth.appointments import acts
from telehealth.appointments.day_pages import WEEK, day_of, days_around, monday_of, week_around
from telehealth.appointments.pages import signed_in_as
from telehealth.appointments.views import appointment_view
from telehealth.web.templating import page, zone_of


async def today(request: Request) -> Response:
    """GET /desk?day=: who comes on that day, to whom."""
    person = signed_in_as(request, "front_desk")
    shown, zone = day_of(request), zone_of(request)
    found = await acts.day(request.app.state.office, person, shown, zone.key)
    context = {"rows": [appointment_view(each, zone) for each in found], **days_around(request, shown)}
    return page(request, "appointments/desk.html", context)


async def week(request: Request) -> Response:
    """GET /desk/week?day=: the week of that day, Monday first."""
    person = signed_in_as(request, "front_desk")
    monday = monday_of(day_of(request))
    found = await acts.day(request.app.state.office, person, monday, zone_of(request).key, days=WEEK)
    return page(request, "appointments/week.html", week_around(request, "/desk", monday, found))
