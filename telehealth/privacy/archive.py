"""The archive of a person's data: JSON for programs, a calendar, and a page to read, all in one file."""

import json
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from telehealth.privacy.calendar import calendar_of
from telehealth.privacy.collecting import Collected
from telehealth.web.templating import MONTHS, Templates

STYLE = Path("static/css/archive.css")
MODE = 0o600 << 16  # what unpacks it makes files that nobody else on the computer can read


def archive_of(
    collected: Collected, *, templates: Templates, frontend: Path, zone: ZoneInfo, now: datetime
) -> bytes:
    """One .zip file. `frontend` is the folder of templates and styles; `zone` is for the page alone."""
    style = (frontend / STYLE).read_bytes()
    files = {
        "index.html": _page(collected, templates, zone).encode(),
        "style.css": style,
        "data.json": json.dumps(collected.values, ensure_ascii=False, indent=2).encode(),
        "appointments.ics": calendar_of(collected.calendar, now),
    }
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, now.astimezone(UTC).timetuple()[:6])
            info.external_attr = MODE
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def name_of(now: datetime) -> str:
    """A name that says nothing in a list of downloads."""
    return f"data-{now.astimezone(UTC):%Y-%m-%d}.zip"


def _page(collected: Collected, templates: Templates, zone: ZoneInfo) -> str:
    def when(stamp: str) -> str:
        at = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).astimezone(zone)
        return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M}"

    return templates.render("privacy/copy.html", {**collected.values, "when": when, "zone": zone.key})
