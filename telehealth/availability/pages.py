"""Find a time: one week of open times, by service, therapist and part of the day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from telehealth.audit.office import Office
from telehealth.availability import acts
from telehealth.availability.parts import PARTS, days_from, is_in, text_of
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.web import cookies
from telehealth.web.templating import WEEKDAYS, page, zone_of

WEEK = 7
Found = tuple[datetime, bytes, bytes | None]  # start in the shown zone, therapist, second therapist


@dataclass(frozen=True)
class Wish:
    """What somebody is looking for, read leniently from the address."""

    service: Service
    therapist: Therapist | None
    part: str
    week_start: date
    days: tuple[int, ...] = ()  # of the week, Monday 0; none is any

    def url(self, week_start: date) -> str:
        """The same wish in another week."""
        query = {"service": self.service.slug, "part": self.part, "days": text_of(self.days)}
        query["from"] = week_start.isoformat()
        if self.therapist is not None:
            query["therapist"] = self.therapist.slug
        return f"/times?{urlencode({name: value for name, value in query.items() if value})}"

    def fits(self, start: datetime) -> bool:
        """Whether a start in the shown zone is in the wished part of the day, on a wished day of the week."""
        return is_in(self.part, start.hour) and (not self.days or start.weekday() in self.days)


async def times(request: Request) -> Response:
    """GET /times?service=&therapist=&part=&days=&from="""
    office: Office = request.app.state.office
    zone = zone_of(request)
    today = office.clock().astimezone(zone).date()
    async with office.database.reading() as connection:
        services = await clinic.services(connection)
        therapists = await clinic.therapists(connection)
    if not services:
        return page(request, "availability/none.html")
    wish = _wish(request, services, therapists, today)
    offering = [each for each in therapists if each.id in wish.service.therapist_ids]
    found = await _open(request, office, wish, zone, today)
    people = {each.id: each for each in therapists}
    week = [wish.week_start + timedelta(days=offset) for offset in range(WEEK)]
    days = [
        {
            "date": datetime(day.year, day.month, day.day, 12, tzinfo=zone),
            "times": [
                {"start": start, "therapist": people[who], "co_therapist": people.get(co or b"")}
                for start, who, co in found
                if start.date() == day
            ],
        }
        for day in week
        if day >= today and (not wish.days or day.weekday() in wish.days)
    ]
    return page(
        request,
        "availability/times.html",
        {
            "services": services,
            "therapists": offering,
            "service": wish.service,
            "therapist": wish.therapist,
            "part": wish.part,
            "weekdays": wish.days,
            "weekday_names": WEEKDAYS,
            "days": days,
            "week_start": datetime(week[0].year, week[0].month, week[0].day, 12, tzinfo=zone),
            "week_end": datetime(week[-1].year, week[-1].month, week[-1].day, 12, tzinfo=zone),
            "show_zone_note": any(each.zone != zone.key for each in offering),
            **_ways(wish, found, today),
        },
    )


def _wish(request: Request, services: list[Service], therapists: list[Therapist], today: date) -> Wish:
    query = request.query_params
    service = next((each for each in services if each.slug == query.get("service")), services[0])
    therapist = next((each for each in therapists if each.slug == query.get("therapist")), None)
    if therapist is not None and therapist.id not in service.therapist_ids:
        therapist = None
    part = query.get("part", "") if query.get("part") in PARTS else ""
    try:
        start = date.fromisoformat(query.get("from", ""))
    except ValueError:
        start = today
    last = today + timedelta(days=service.horizon_days)
    days = days_from(query.get("days", "")[:20])
    return Wish(service, therapist, part, min(max(start, today), last), () if len(days) == WEEK else days)


async def _open(request: Request, office: Office, wish: Wish, zone: ZoneInfo, today: date) -> list[Found]:
    """Open times of the shown week. Where it has none, those after it to the horizon, else those before it, which say
    when the next one is: most weeks have some, and all that is open would take several times as long to find."""
    found = await _fitting(request, office, wish, zone, first=wish.week_start, days=WEEK)
    after, horizon = wish.week_start + timedelta(days=WEEK), wish.service.horizon_days
    if not found and horizon > WEEK:
        found = await _fitting(request, office, wish, zone, first=after, days=horizon - WEEK)
    if not found and wish.week_start > today:
        before = (wish.week_start - today).days
        found = await _fitting(request, office, wish, zone, first=today, days=before)
    return found


async def _fitting(
    request: Request, office: Office, wish: Wish, zone: ZoneInfo, *, first: date, days: int
) -> list[Found]:
    found = await acts.open_times(
        office,
        service_id=wish.service.id,
        therapist_ids=None if wish.therapist is None else [wish.therapist.id],
        first=first,
        days=days,
        zone=zone.key,
        holder=cookies.hash_of(request.state.visit, "hold"),
    )
    starts = ((each.start.astimezone(zone), each.therapist_id, each.co_therapist_id) for each in found)
    return [each for each in starts if wish.fits(each[0])]


def _ways(wish: Wish, found: list[Found], today: date) -> dict[str, Any]:
    after = wish.week_start + timedelta(days=WEEK)
    this_week = any(wish.week_start <= start.date() < after for start, _, _ in found)
    next_open = found[0][0] if found and not this_week else None
    earlier = max(wish.week_start - timedelta(days=WEEK), today)
    return {
        "earlier": wish.url(earlier) if wish.week_start > today else None,
        "later": wish.url(after) if after <= today + timedelta(days=wish.service.horizon_days) else None,
        "next_open": next_open,
        "next_url": None if next_open is None else wish.url(next_open.date()),
    }
