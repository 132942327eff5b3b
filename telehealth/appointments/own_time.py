"""A day and an hour that staff type themselves, beside the open times."""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from telehealth.errors import Invalid

OUTSIDE = "It is outside the hours. It can be booked when the therapist agrees: tick that below."
NO_SUCH_HOUR = (
    "The clocks go forward that day, so {at} does not exist. Please choose another hour, such as {after}."
)
PAST = "It is past, or farther ahead than one can book."
NO_TIME = "Please choose a time: one of the open ones, or a day and an hour of your own."


def own_time_of(form: Mapping[str, str], zone: ZoneInfo) -> datetime | None:
    """The start (aware UTC) typed as `day` and `at` on the wall clock of `zone`, of an hour that comes twice the first;
    None where both are empty. Invalid "no_time" where only one is there, or no such day; "no_such_hour" where the
    clocks leave it out that day."""
    day, at = form.get("day", ""), form.get("at", "")
    if not day and not at:
        return None
    try:
        local = datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=zone)
        start = local.astimezone(UTC)
        shown = start.astimezone(zone)
    except (ValueError, OverflowError):
        raise Invalid("no_time", NO_TIME, fields={"day": NO_TIME}) from None
    if shown.replace(tzinfo=None) != local.replace(tzinfo=None):
        sentence = NO_SUCH_HOUR.format(at=f"{local:%H:%M}", after=f"{shown:%H:%M}")
        raise Invalid("no_such_hour", sentence, fields={"at": sentence})
    return start
