"""Queries about a therapist's own hours; the acting person comes first, and nobody else's are ever seen."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.availability import store as availability
from telehealth.availability.models import exceptions, hours, workloads
from telehealth.availability.rules import Dated, Weekly, Workload
from telehealth.clinic import store as clinic
from telehealth.hours.rules import Plan
from telehealth.person import Person


async def plan_of(person: Person, c: AsyncConnection, since: date) -> Plan:
    """All their hours, but for what is over since that day. NotFound without a public profile, which has the zone."""
    profile = await clinic.therapist(c, person.id)
    ahead = func.coalesce(exceptions.c.last_day, exceptions.c.day) >= since
    weekly = await c.execute(select(hours).where(hours.c.therapist_id == person.id))
    dated = await c.execute(select(exceptions).where(exceptions.c.therapist_id == person.id, ahead))
    limits = await c.execute(select(workloads).where(workloads.c.therapist_id == person.id))
    workload = limits.one_or_none()
    return Plan(
        ZoneInfo(profile.zone),
        {
            row.id: Weekly(row.weekday, row.start_minute, row.end_minute, row.valid_from, row.valid_until)
            for row in weekly
        },
        {row.id: Dated(row.day, row.kind, row.start_minute, row.end_minute, row.last_day) for row in dated},
        Workload() if workload is None else Workload(workload.break_minutes, workload.sessions_per_day),
    )


async def write(person: Person, c: AsyncConnection, before: Plan, after: Plan) -> None:
    """Make of the plan before the plan after: only what differs is touched."""
    for table, was, becomes in (
        (hours, before.weekly, after.weekly),
        (exceptions, before.dated, after.dated),
    ):
        gone = [id_ for id_ in was if becomes.get(id_) != was[id_]]
        await c.execute(delete(table).where(table.c.therapist_id == person.id, table.c.id.in_(gone)))
    for id_, rule in after.weekly.items():
        if before.weekly.get(id_) != rule:
            await availability.add_hours(c, id_, person.id, rule)
    for id_, exception in after.dated.items():
        if before.dated.get(id_) != exception:
            await availability.add_exception(c, id_, person.id, exception)
    if before.workload != after.workload:
        await availability.set_workload(c, person.id, after.workload)


async def whose(c: AsyncConnection, id_: bytes) -> bytes | None:
    """The therapist whose hours or exception this is; asked only to put a refusal on record."""
    for table in (hours, exceptions):
        found = (await c.execute(select(table.c.therapist_id).where(table.c.id == id_))).scalar_one_or_none()
        if found is not None:
            return bytes(found)
    return None
