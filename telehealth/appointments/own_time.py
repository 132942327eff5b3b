"""A day and an hour that staff type themselves, beside the open times."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from telehealth.errors import Invalid

OUTSIDE = "It is outside the hours. It can be booked when the therapist agrees: tick that below."
NO_TIME = "Please choose a time: one of the open ones, or a day and an hour of your own."


def own_time_of(form: Mapping[str, str], zone: ZoneInfo) -> datetime | None:
    """The start (aware UTC) typed as `day` and `at` on the wall clock of `zone`; None where both are empty. Invalid
    "no_time" where only one is there, or no such day."""
    day, at = form.get("day", ""), form.get("at", "")
    if not day and not at:
        return None
    try:
        return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("no_time", NO_TIME, fields={"day": NO_TIME}) from None
