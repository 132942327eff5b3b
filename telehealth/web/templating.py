"""Pages from templates: what every template can use, and the words for days and times."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from telehealth.web import cookies, csrf, modules

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ZONES = (
    "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Berlin", "Europe/Paris", "Europe/Madrid",
    "Europe/Rome", "Europe/Amsterdam", "Europe/Vienna", "Europe/Zurich", "Europe/Stockholm", "Europe/Warsaw",
    "Europe/Athens", "Europe/Helsinki", "Europe/Istanbul", "Africa/Casablanca", "Africa/Lagos",
    "Africa/Johannesburg", "Asia/Dubai", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Singapore", "Asia/Tokyo",
    "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "America/St_Johns", "America/Halifax",
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "UTC",
)  # fmt: skip


class Templates:
    """The templates of one frontend folder; assets carry a build name made from their content."""

    def __init__(self, frontend: Path) -> None:
        self.static = frontend / "static"
        self.build = build_of(self.static)
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(frontend / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.environment.globals["asset"] = self.asset
        self.environment.globals["needed_by"] = cache(self.needed_by)
        self.environment.globals["new_key"] = lambda: secrets.token_hex(16)
        self.environment.filters.update(
            day=day, short_day=short_day, weekday=weekday, clock=clock, city=city, iso=iso, hex=bytes.hex
        )
        self.environment.filters["near_day"] = near_day
        self.environment.filters["there"] = there
        self.environment.filters["dialled"] = dialled

    def asset(self, path: str) -> str:
        """The address of a file of the pages."""
        return f"/static/{self.build}/{path}"

    def needed_by(self, script: str) -> list[str]:
        """The addresses of the modules that a script imports."""
        static = self.static.resolve()
        found = modules.needed_by(static / script)
        return [self.asset(each.relative_to(static).as_posix()) for each in found]

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        return self.environment.get_template(name).render(context)


@cache
def templates_of(frontend: Path) -> Templates:
    """The templates of a folder, each compiled once in a process."""
    return Templates(frontend)


def page(
    request: Request, name: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> Response:
    """Render a template for the person who asked; never kept by any cache."""
    state = request.app.state
    zone, me = zone_of(request), me_of(request)
    shared = {
        "clinic": {
            "name": state.settings.clinic_name,
            "leave_url": state.settings.leave_url,
            "zone": state.settings.clinic_zone,
            "away_cookie": cookies.name_of(cookies.AWAY, secure=state.settings.secure),
        },
        "me": me,
        "session": ends_of(request),
        "announcements": getattr(request.state, "announcements", ()) if me else (),
        "csrf_token": csrf.token_of(request),
        "request_id": request.state.request_id,
        "path": request.url.path,
        "demo": state.settings.demo,
        "zone": zone.key,
        "zone_unchosen": request.method == "GET" and cookies.read(request, cookies.ZONE) is None,
        "zones": ZONES if zone.key in ZONES else (zone.key, *ZONES),
        "now": state.office.clock().astimezone(zone),
    }
    body = state.templates.render(name, {**shared, **(context or {})})
    return HTMLResponse(body, status)


def me_of(request: Request) -> dict[str, str] | None:
    """Who is signed in, as templates see it."""
    person = getattr(request.state, "person", None)
    if person is None:
        return None
    return {"id": person.id.hex(), "role": person.role, "name": request.state.name or ""}


def ends_of(request: Request) -> dict[str, datetime] | None:
    """When the session of this browser ends by itself, and the moment at which that is said; None without one."""
    session = request.state.session
    if session is None:
        return None
    now: datetime = request.app.state.office.clock()
    return {"idle_at": session.idle_at, "ends_at": session.ends_at, "now": now}


def zone_of(request: Request) -> ZoneInfo:
    """The zone times are shown in: the person's own choice, else the clinic's."""
    chosen = cookies.read(request, cookies.ZONE)
    return zone_named(chosen) or ZoneInfo(request.app.state.settings.clinic_zone)


def zone_named(name: str | None) -> ZoneInfo | None:
    """The IANA zone of that name, or None."""
    if not name or len(name) > 64:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


@cache
def build_of(static: Path) -> str:
    """Twelve hex digits that change when any asset does."""
    digest = hashlib.sha256()
    for path in sorted(static.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(static).as_posix().encode() + b"\x00" + path.read_bytes())
    return digest.hexdigest()[:12]


def day(moment: datetime) -> str:
    """Wednesday 25 November"""
    return f"{WEEKDAYS[moment.weekday()]} {moment.day} {MONTHS[moment.month - 1]}"


def short_day(moment: datetime) -> str:
    """Wed 25 Nov"""
    return f"{WEEKDAYS[moment.weekday()][:3]} {moment.day} {MONTHS[moment.month - 1][:3]}"


def weekday(moment: datetime) -> str:
    """Wednesday"""
    return WEEKDAYS[moment.weekday()]


def clock(moment: datetime) -> str:
    """18:30"""
    return f"{moment:%H:%M}"


@jinja2.pass_context
def near_day(context: jinja2.runtime.Context, moment: datetime) -> str:
    """Today, Tomorrow, or the day in full."""
    today = context["now"].astimezone(moment.tzinfo).date()
    if moment.date() == today:
        return "Today"
    return "Tomorrow" if moment.date() == today + timedelta(days=1) else day(moment)


def city(zone: str) -> str:
    """Europe/Berlin → Berlin"""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def there(moment: datetime, zone: str) -> datetime:
    """The same moment on the clocks of another zone."""
    return moment.astimezone(ZoneInfo(zone))


def dialled(number: str) -> str:
    """+49 30 1234-5 → +493012345, as a link to a telephone has it (RFC 3966)"""
    return "".join(character for character in number if character in "+0123456789")


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second: a time button's value must not depend on the zone it is shown in."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
