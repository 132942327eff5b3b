"""The zone data of this machine."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, ZoneInfoNotFoundError

from telehealth.errors import Invalid


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name; Invalid when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # ValueError: a path; OSError: a folder
        raise Invalid("unknown_zone", "We do not know this time zone. Choose another one, please.") from error


@cache
def zone_version() -> str:
    """The version of the zone data in use, such as 2026b: the system's where it has them, else of package tzdata."""
    system = (Path(folder, "tzdata.zi") for folder in TZPATH)  # zoneinfo looks there first, too
    release = next((file for file in system if file.is_file()), files("tzdata") / "zoneinfo" / "tzdata.zi")
    with release.open(encoding="utf-8") as lines:
        return lines.readline().removeprefix("# version").strip()[:16]
