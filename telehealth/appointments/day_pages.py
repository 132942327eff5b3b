"""A therapist's day and week."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from telehealth.appointments import acts, zones
from telehealth.appointments.acts import Appointment
from telehealth.appointments.pages import signed_in_as
from telehealth.appointments.views import appointment_view, join_state
from telehealth.audit.office import Office
from telehealth.web.templating import page, zone_of

WEEK = 7
FARTHEST = timedelta(days=366)


async def today(request: Request) -> Response:
    """GET /today?day=: a therapist's day."""
    person = signed_in_as(request, "therapist")
    shown = day_of(request)
    office: Office = request.app.state.office
    zone = zone_of(request)
    found = await acts.day(office, person, shown, zone.key)
    rows = [
        {"appointment": appointment_view(each, zone), "join_state": join_state(each, office.clock())}
        for each in found
    ]
    waiting = request.app.state.waiting_in([each.id.hex() for each in found])
    context = {
        "appointments": [row["appointment"] for row in rows],
        "waiting": [
            {"id": room, "name": name, "since": since.astimezone(zone)}
            for room, seats in waiting.items()
            for _, name, since in seats
        ],
        "rows": rows,
        "clashing": [appointment_view(each, zone) for each in await zones.clashing(office, person)],
        **days_around(request, shown),
    }
    return page(request, "appointments/today.html", context)


async def week(request: Request) -> Response:
    """GET /today/week?day=: the week of that day, Monday first."""
    person = signed_in_as(request, "therapist")
    monday = monday_of(day_of(request))
    found = await acts.day(request.app.state.office, person, monday, zone_of(request).key, days=WEEK)
    return page(request, "appointments/week.html", week_around(request, "/today", monday, found))


def day_of(request: Request) -> date:
    """The day that the address names, else today; a year away at most."""
    today: date = request.app.state.office.clock().astimezone(zone_of(request)).date()
    try:
        wished = date.fromisoformat(request.query_params.get("day", ""))
    except ValueError:
        return today
    return min(max(wished, today - FARTHEST), today + FARTHEST)


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def days_around(request: Request, shown: date) -> dict[str, Any]:
    """What the head of a day says: which it is, and the ways to the days beside it and to its week."""
    path = request.url.path
    return {
        "day": _noon(request, shown),
        "home": path,
        "previous_day": f"{path}?day={shown - timedelta(days=1)}",
        "next_day": f"{path}?day={shown + timedelta(days=1)}",
        "week_url": f"{path}/week?day={shown}",
        "is_today": shown == _today(request),
    }


def week_around(request: Request, home: str, monday: date, found: Sequence[Appointment]) -> dict[str, Any]:
    """Seven days with what begins on each, and the ways to the weeks beside; `home` is the page of one day."""
    zone = zone_of(request)
    views = [appointment_view(each, zone) for each in found]
    by_day = {day: list(each) for day, each in groupby(views, key=lambda view: view.start.date())}
    days = [monday + timedelta(days=offset) for offset in range(WEEK)]
    return {
        "days": [(_noon(request, day), f"{home}?day={day}", by_day.get(day, [])) for day in days],
        "home": home,
        "this_week": monday == monday_of(_today(request)),
        "previous_week": f"{home}/week?day={monday - timedelta(days=WEEK)}",
        "next_week": f"{home}/week?day={monday + timedelta(days=WEEK)}",
    }


def _today(request: Request) -> date:
    now: datetime = request.app.state.office.clock()
    return now.astimezone(zone_of(request)).date()


def _noon(request: Request, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=zone_of(request))
