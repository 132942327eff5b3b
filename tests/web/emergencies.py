"""Scenes of the route table for emergency access and notices: Omar asks for Rosa's record."""

from dataclasses import replace

from telehealth.audit.office import Work
from telehealth.emergency import acts, deciding, store
from telehealth.notices.acts import announce
from telehealth.person import Person
from tests.people import ADMIN, DESK, OMAR, ROSA, STRANGER
from tests.unit.emergency.scene import NAME, REASON, asked
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent


async def asking(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The form of a therapist; whom it concerns is not known yet."""
    return Sent(form={"name": NAME, "reason": REASON}, about_nobody=True)


async def waiting(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A request of Omar's that waits, another for each who asks."""
    return Sent(ids={"id": (await _waiting(site)).hex()}, about_nobody=True)


async def choosing(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The same, with Rosa chosen; it concerns her as soon as somebody confirms it who may."""
    ids = {"id": (await _waiting(site)).hex()}
    return Sent(ids=ids, form={"client": ROSA.id.hex()}, owner=ROSA, about_nobody=asker not in (DESK, ADMIN))


async def open_record(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's record stands open to Omar."""
    grant_id = await _waiting(site)
    await deciding.confirm(site.office, DESK, grant_id, ROSA.id)
    return Sent(ids={"id": grant_id.hex()}, owner=ROSA)


async def named(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Omar's request waits, and whoever may decide sees his name."""
    await _waiting(site)
    return Sent(owner=OMAR)


async def open_and_named(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's record stands open to Omar, and the page names the desk that confirmed it."""
    opened = await open_record(site, browser, asker)
    return replace(opened, also=(DESK,))


async def own_notice(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Who asks was told something."""
    await _told(site, asker or STRANGER)
    return Sent()


async def rosas_notice(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa was told something."""
    return Sent(ids={"id": (await _told(site, ROSA)).hex()}, owner=ROSA)


async def _waiting(site: Site) -> bytes:
    async with site.office.database.reading() as connection:  # as Omar it would be his look at names
        grants = await store.grants_of(OMAR, connection, site.clock())
    for grant in grants:
        if grant.state(site.clock()) == "waiting":
            await acts.withdraw(site.office, OMAR, grant.id)
    return await asked(site.office)


async def _told(site: Site, person: Person) -> bytes:
    body = {"who": "Omar Fassbinder", "at": site.clock().isoformat()}

    async def act(work: Work) -> bytes:
        return await announce(work, person.id, "emergency_end", body)

    return await site.office.act(None, act)
