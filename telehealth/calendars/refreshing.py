"""The worker's part: ask each subscribed calendar when it is due, and keep when its owner is busy."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from telehealth.audit.office import Office, Work
from telehealth.calendars import rules, store
from telehealth.calendars.parsing import Interval, busy_in
from telehealth.calendars.reaching import CannotRead, Known, Read, Reader
from telehealth.calendars.subscribing import address_of
from telehealth.clinic import store as clinic
from telehealth.notices.acts import announce

LEASE = timedelta(
    minutes=2
)  # longer than reading may take: whoever is killed meanwhile is followed by another
BEHIND, AHEAD = timedelta(days=1), timedelta(days=400)
AT_LEAST = timedelta(days=370)  # ahead must always be known: nothing can be booked later than in a year


async def turn(office: Office, reader: Reader) -> int:
    """Ask every calendar that is due, one after the other; how many. Several workers share them."""
    count = 0
    while await _next(office, reader):
        count += 1
    return count


async def _next(office: Office, reader: Reader) -> bool:
    due = await office.act(None, _claim)
    if due is None:
        return False
    row, address, zone = due
    try:
        if address is None:
            raise CannotRead("refused")  # its key is gone, and with it what we were to ask
        answer = await reader.read(address, _known(row, office.clock()))
        times = None if answer.body is None else await _times(office, answer.body, zone)
    except CannotRead as failure:
        code = failure.code
        await office.act(None, lambda work: _failed(work, row, code))
    else:
        await office.act(None, lambda work: _succeeded(work, row, answer, times))
    return True


async def _claim(work: Work) -> tuple[store.CalendarRow, str | None, ZoneInfo] | None:
    row = await store.claim_due(work.connection, work.now, work.now + LEASE)
    if row is None:
        return None
    keys = await work.ring.records(work.connection, [row.id])
    therapist = await clinic.therapist(work.connection, row.therapist_id)
    address = address_of(keys[row.id], row) if row.id in keys else None
    return row, address, ZoneInfo(therapist.zone)


def _known(row: store.CalendarRow, now: datetime) -> Known:
    """A calendar that has not changed is read again all the same before its repeating entries run out."""
    is_far_enough = row.read_until is not None and row.read_until >= now + AT_LEAST
    return Known(row.etag, row.last_modified) if is_far_enough else Known()


async def _times(office: Office, body: bytes, zone: ZoneInfo) -> list[Interval]:
    now = office.clock()
    return await asyncio.to_thread(busy_in, body, zone, now - BEHIND, now + AHEAD)


async def _succeeded(work: Work, row: store.CalendarRow, answer: Read, times: list[Interval] | None) -> None:
    values: dict[str, Any] = {
        "state": "ok",
        "failure": None,
        "failures": 0,
        "etag": answer.known.etag,
        "last_modified": answer.known.last_modified,
        "fetched_at": work.now,
        "due_at": work.now + rules.pause(0),
    }
    if times is not None:
        values["read_until"] = work.now + AHEAD
    if await store.note(work.connection, row, values) and times is not None:
        await store.replace_times(work.connection, row.id, times)


async def _failed(work: Work, row: store.CalendarRow, code: str) -> None:
    """What was read last stays: to be taken for busy is the smaller harm. The therapist is told once."""
    failures = row.failures + 1
    values = {
        "state": "failing",
        "failure": code,
        "failures": failures,
        "due_at": work.now + rules.pause(failures),
    }
    if await store.note(work.connection, row, values) and failures == rules.TOLD_AFTER:
        await announce(work, row.therapist_id, "calendar_failing", {"failure": code})
