"""Scenes of a therapist's hours."""

from datetime import timedelta

from telehealth.hours import acts
from telehealth.person import Person
from tests.people import NADIA, ROSA
from tests.web import scenes
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent

KEY = "h" * 32
OPEN_MONDAY = {"weekday": "0", "start": "14:00", "end": "15:00", "key": KEY}
FREE_DAYS = {"kind": "off", "day": "2027-01-02", "last_day": "2027-01-03", "key": KEY}


async def rosas_week(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The week of an appointment of Rosa's with Nadia."""
    day = (await scenes.rosas_day(site, browser, asker)).query.removeprefix("?day=")
    return Sent(query=f"?week={day}", owner=ROSA)


async def weekly(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form=OPEN_MONDAY)


async def vacation(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form=FREE_DAYS)


async def workload(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form={"break_minutes": "10", "sessions_per_day": "5", "key": KEY})


async def nadias_weekly(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A weekly period of Nadia's, to become another one or to go."""
    id_ = next(iter((await nadias(site)).plan.weekly))
    return Sent(ids={"id": id_.hex()}, form=OPEN_MONDAY | {"weekday": "6"}, owner=NADIA)


async def nadias_day_off(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Nadia's day off, to become another one."""
    id_ = next(iter((await nadias(site)).plan.dated))
    return Sent(ids={"id": id_.hex()}, form=FREE_DAYS, owner=NADIA)


async def nadias(site: Site) -> acts.Hours:
    """Nadia's hours as they stand."""
    now = site.clock()
    return await acts.hours(site.office, NADIA, now, now + timedelta(days=7))
