"""The same rule told minute by minute, slowly and without cleverness: what the fast one is compared with."""

from datetime import UTC, date, datetime, timedelta

from telehealth.availability.rules import Calendar, Shape

MINUTE = timedelta(minutes=1)


def open_times_by_the_minute(
    calendar: Calendar, shape: Shape, *, since: datetime, until: datetime, now: datetime
) -> list[datetime]:
    """Look at every minute as a start, and at every minute of the session and its buffers."""
    found = []
    start = since
    while start < until:
        if _is_open(calendar, shape, start, now):
            found.append(start)
        start += MINUTE
    return found


def _is_open(calendar: Calendar, shape: Shape, start: datetime, now: datetime) -> bool:
    wall = start.astimezone(calendar.zone)
    if wall.fold == 1 or (wall.hour * 60 + wall.minute) % shape.grid_minutes:
        return False
    if not now + shape.notice_minutes * MINUTE <= start < now + timedelta(days=shape.horizon_days):
        return False
    session = range(shape.minutes)
    if not all(is_at_work(calendar, start + minute * MINUTE) for minute in session):
        return False
    begins, ends = start - shape.buffer_before * MINUTE, start + (shape.minutes + shape.buffer_after) * MINUTE
    if any(busy_start < ends and begins < busy_end for busy_start, busy_end in calendar.busy):
        return False
    pause = calendar.workload.break_minutes * MINUTE
    if any(each.begins_at - pause < ends and begins < each.ends_at + pause for each in calendar.sessions):
        return False
    that_day = [each for each in calendar.sessions if _wall_day(calendar, each.starts_at) == wall.date()]
    most = calendar.workload.sessions_per_day
    return most is None or len(that_day) < most


def _wall_day(calendar: Calendar, moment: datetime) -> date:
    return moment.astimezone(calendar.zone).date()


def is_at_work(calendar: Calendar, moment: datetime) -> bool:
    """Whether the wall clock shows a minute of the hours."""
    wall = moment.astimezone(UTC).astimezone(calendar.zone)
    minute = wall.hour * 60 + wall.minute
    today = [each for each in calendar.dated if each.day <= wall.date() <= (each.last_day or each.day)]
    if any(each.kind == "extra" and each.start_minute <= minute < each.end_minute for each in today):
        return True
    if any(each.kind == "off" and each.start_minute <= minute < each.end_minute for each in today):
        return False
    return any(
        rule.weekday == wall.weekday()
        and rule.start_minute <= minute < rule.end_minute
        and (rule.valid_from is None or rule.valid_from <= wall.date())
        and (rule.valid_until is None or wall.date() <= rule.valid_until)
        for rule in calendar.weekly
    )
