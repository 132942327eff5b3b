"""Pages of a therapist's own hours: the week as a grid, and plain forms for everything in it."""

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from telehealth.appointments import zones
from telehealth.appointments.pages import signed_in_as
from telehealth.appointments.reading import Appointment
from telehealth.appointments.views import appointment_view
from telehealth.audit.office import Office
from telehealth.availability.rules import Dated, Weekly, Workload
from telehealth.clinic import store as clinic
from telehealth.errors import Conflict, Invalid
from telehealth.hours import acts
from telehealth.hours.acts import Choice
from telehealth.hours.reading import dated_from, weekly_from, workload_from
from telehealth.hours.rules import Change, is_whole_day, last_day_of
from telehealth.hours.week import WEEK, monday_of, week_of
from telehealth.person import Person
from telehealth.web.forms import form_of, id_of
from telehealth.web.templating import page

HERE = "/hours"
FARTHEST = timedelta(days=366)
DONE = {
    "saved": "Your hours are saved.",
    "removed": "It is removed.",
    "kept": "Your hours are saved. The appointments outside them stay.",
    "offered": "Your hours are saved, and the clients have been asked to choose other times.",
}
AT = re.compile(r"[0-6]-\d{1,4}")  # where the cursor of the grid stood: weekday and minute
CHOICES: tuple[str, ...] = get_args(Choice)
OUTCOMES = {"keep": "kept", "offer": "offered"}
Form = Mapping[str, str]
Read = Callable[[Form, date], Weekly | Dated | Workload | None]


async def hours(request: Request) -> Response:
    """GET /hours?week=: one's own hours and appointments, week by week."""
    return await _hours(request, signed_in_as(request, "therapist"), request.query_params.get("week", ""))


async def weekly(request: Request) -> Response:
    """POST /hours/weekly: a new weekly period. POST /hours/weekly/{id}: another in its place."""
    return await _change(request, "weekly", weekly_from)


async def days(request: Request) -> Response:
    """POST /hours/days: days that differ. POST /hours/days/{id}: others in their place."""
    return await _change(request, "days", dated_from)


async def workload(request: Request) -> Response:
    """POST /hours/workload: breaks and the number a day."""
    return await _change(request, "workload", lambda form, _today: workload_from(form))


async def remove(request: Request) -> Response:
    """POST /hours/{id}/removal"""
    return await _change(request, "removal", lambda _form, _today: None)


async def _change(request: Request, kind: str, read: Read) -> Response:
    person, form = signed_in_as(request, "therapist"), await form_of(request)
    await request.app.state.limits.hours.take(request)
    office: Office = request.app.state.office
    named = request.path_params.get("id")
    id_ = secrets.token_bytes(16) if named is None else id_of(named)
    choice: Any = form.get("choice") if form.get("choice") in CHOICES else None
    try:
        change = Change(id_, read(form, office.clock().date()), is_new=named is None)
        shown = [id_of(each) for each in form.get("shown", "").split()]
        await acts.save(office, person, change, choice=choice, shown=shown, key=form.get("key", ""))
    except Conflict as refusal:
        if refusal.code == "hours_conflict":
            return await _outside(request, person, form, await acts.preview(office, person, change))
        if refusal.code == "idempotency_mismatch":
            raise
        return await _hours(
            request, person, form.get("week", ""), named or kind, form, {"": refusal.sentence}
        )
    except Invalid as refusal:
        if not refusal.fields:
            raise
        return await _hours(request, person, form.get("week", ""), named or kind, form, refusal.fields)
    done = OUTCOMES.get(choice or "", "removed" if kind == "removal" else "saved")
    return RedirectResponse(_back(form, done), 303)


def _back(form: Form, done: str) -> str:
    """To the week one was in, to the grid where the change was made there."""
    query = {"week": form.get("week", ""), "done": done}
    if AT.fullmatch(form.get("at", "")):
        query["at"] = form["at"]
    # With the place of its cursor the grid takes the focus itself, which a fragment would take away from it.
    anchor = "#week" if form.get("at") == "-" else ""
    return f"{HERE}?{urlencode({name: value for name, value in query.items() if value})}{anchor}"


async def _outside(request: Request, person: Person, form: Form, found: list[Appointment]) -> Response:
    """409: these appointments would lie outside the hours; nothing is saved yet."""
    async with request.app.state.office.database.reading() as connection:
        zone = ZoneInfo((await clinic.therapist(connection, person.id)).zone)
    context = {
        "fields": {name: value for name, value in form.items() if name not in ("choice", "shown")},
        "shown": " ".join(each.id.hex() for each in found),
        "appointments": [appointment_view(each, zone) for each in found],
        "own_zone": zone.key,
        "back": HERE,
    }
    return page(request, "hours/outside.html", context, 409)


async def _hours(
    request: Request,
    person: Person,
    wished: str,
    failed: str = "",
    values: Form | None = None,
    errors: Form | None = None,
) -> Response:
    office: Office = request.app.state.office
    now = office.clock()
    monday = _monday(wished, now)
    since = datetime(monday.year, monday.month, monday.day, tzinfo=now.tzinfo) - timedelta(days=1)
    found = await acts.hours(office, person, since, since + timedelta(days=WEEK + 2))
    zone, today = found.plan.zone, now.astimezone(found.plan.zone).date()
    clashing = await zones.clashing(office, person)
    ahead = {id_: each for id_, each in found.plan.dated.items() if last_day_of(each) >= today}
    shown_ids = {each.id for each in clashing}
    context = {
        "week": week_of(found.plan, found.appointments, found.elsewhere, monday, now),
        "week_start": monday,
        "this_week": monday == monday_of(today),
        "earlier": f"{HERE}?week={monday - timedelta(days=WEEK)}#week",
        "later": f"{HERE}?week={monday + timedelta(days=WEEK)}#week",
        "weekly": _by_weekday(found.plan.weekly),
        "dated": sorted(
            ({"id": id_.hex(), "rule": each, "whole": is_whole_day(each)} for id_, each in ahead.items()),
            key=lambda row: row["rule"].day,  # type: ignore[attr-defined]
        ),
        "workload": found.plan.workload,
        "outside": [
            {"appointment": appointment_view(each, zone), "offered_at": each.offered_at}
            for each in found.outside
            if each.id not in shown_ids
        ],
        "clashing": [appointment_view(each, zone) for each in clashing],
        "own_zone": zone.key,
        "done": DONE.get(request.query_params.get("done", "")) if not failed else None,
        "at": request.query_params.get("at", "") if AT.fullmatch(request.query_params.get("at", "")) else "",
        "failed": failed,
        "values": values or {},
        "errors": errors or {},
        "new_key": lambda: secrets.token_hex(16),
    }
    return page(request, "hours/hours.html", context, 422 if failed else 200)


def _monday(wished: str, now: datetime) -> date:
    today = now.date()
    try:
        day = date.fromisoformat(wished)
    except ValueError:
        day = today
    return monday_of(min(max(day, today - FARTHEST), today + FARTHEST))


def _by_weekday(weekly: Mapping[bytes, Weekly]) -> list[list[dict[str, Any]]]:
    """Seven lists of periods, in order of time."""
    rows = sorted(weekly.items(), key=lambda each: (each[1].start_minute, each[1].valid_from or date.min))
    return [
        [{"id": id_.hex(), "rule": rule} for id_, rule in rows if rule.weekday == day] for day in range(7)
    ]
