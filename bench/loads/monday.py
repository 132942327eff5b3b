"""A Monday morning: many look for a time, one in ten of them is a client who books it."""

import asyncio
import random
import re
from datetime import timedelta
from html import unescape
from itertools import count

from sqlalchemy import text

from bench.loads.deployed import Deployed, deployed
from bench.loads.measured import Measured
from bench.loads.people import Practice, Visitor, practice, signed_in
from bench.timetable import book
from telehealth.audit.office import Work
from telehealth.availability import store as hours
from telehealth.availability.rules import Weekly
from tests.web.browser import hidden_fields

THERAPISTS, BOOKED_DAYS, WEEKS = 20, 25, 8
PAUSE = (2.0, 6.0)  # seconds in which somebody reads a page
CHOICE = re.compile(r'name="choice" value="([^"]+)"')
TRIES = 5  # of somebody whose time another has taken meanwhile


async def load(visitors: int, seconds: int) -> Measured:
    """`visitors` who come at random moments within `seconds` with an empty browser, and read three pages each."""
    found, chance = Measured(people=visitors), random.Random(7)
    booking = visitors // 10
    async with deployed() as made:
        there = await practice(made.office, THERAPISTS, booking)
        await _full_book(made, there)
        sids = await signed_in(made.office, there.clients)
        async with made.running() as (door, parts), found.watching(parts):

            async def one(number: int) -> None:
                sid = sids[there.clients[number].id] if number < booking else ""
                await asyncio.sleep(chance.uniform(0, seconds))
                visitor = Visitor(door, made.origin, number, sid)
                try:
                    await _look(found, visitor, chance)
                    if sid:
                        await _book(found, visitor, chance)
                except (AssertionError, OSError) as error:  # TimeoutError is an OSError
                    found.went_wrong(error)
                finally:
                    visitor.leave()

            await asyncio.gather(*(one(number) for number in range(visitors)))
    return found


async def _full_book(made: Deployed, there: Practice) -> None:
    """Everybody works from eight to six, and has a full morning on most days."""

    async def act(work: Work) -> None:
        for each in there.therapists:
            for weekday in range(5):
                await hours.add_hours(work.connection, work.chance(16), each.id, Weekly(weekday, 480, 1080))
        ids = (one.to_bytes(16, "big") for one in count(1_000_000))
        midnight = work.now.replace(hour=0, minute=0, second=0, microsecond=0)
        rows = [
            (next(ids), each.id, midnight + timedelta(days=day, hours=hour))
            for each in there.therapists
            for day in range(1, BOOKED_DAYS + 1)
            for hour in range(8, 12)
        ]
        await book(work.connection, there.service, rows)
        await work.connection.execute(text("ANALYZE"))

    await made.office.act(None, act)


async def _look(found: Measured, visitor: Visitor, chance: random.Random) -> None:
    for path in ("/", "/times", "/times?part=afternoon"):
        with found.step("a page of times" if path.startswith("/times") else "the first page"):
            page = await visitor.get(path)
        if path == "/":
            with found.step("all files of the pages, for a browser that has none"):
                await visitor.get_files(page)
        await asyncio.sleep(chance.uniform(*PAUSE))


async def _book(found: Measured, visitor: Visitor, chance: random.Random) -> None:
    for _ in range(TRIES):
        with found.step("a page of times"):
            choices = CHOICE.findall(await visitor.get("/times"))
        await asyncio.sleep(chance.uniform(*PAUSE))
        with found.step("hold a time"):
            answer = await visitor.post(
                "/holds", {"choice": unescape(chance.choice(choices)), "key": _key(chance)}
            )
        if answer.status == 409:
            continue
        assert answer.status == 303, f"an answer {answer.status}"
        with found.step("the page of the held time"):
            form = hidden_fields(await visitor.get(answer.headers["location"]))
        await asyncio.sleep(chance.uniform(*PAUSE))
        with found.step("book it"):
            answer = await visitor.post(
                "/appointments", {name: form[name] for name in ("hold", "choice", "key")}
            )
        assert answer.status == 303, f"an answer {answer.status}"
        return
    found.wrong["no time in five tries"] += 1


def _key(chance: random.Random) -> str:
    return f"{chance.getrandbits(128):032x}"
