"""Scenes of the waiting list."""

from telehealth.person import Person
from telehealth.waiting import acts
from tests.people import COUPLE, NADIA, ROSA, SINGLE
from tests.unit.appointments.scene import BERLIN, new_key
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent


async def waits(site: Site, person: Person, **changes: str) -> bytes:
    """Somebody waits for anything of Nadia's, for a week."""
    asked = {"part": "", "until": "2026-11-30", "name": "Anyone", "zone": BERLIN, "key": new_key()}
    wish = asked | changes
    return await acts.wish(site.office, person, service_id=SINGLE.id, therapist_id=NADIA.id, **wish)


async def alone(site: Site) -> None:
    """Nobody waits any more."""
    for person in (ROSA,):
        for each in await acts.mine(site.office, person):
            await acts.leave(site.office, person, each.entry.id)


async def own(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Whoever is a client and asks waits for something."""
    if asker is not None and asker.role == "client":
        await waits(site, asker)
    return Sent()


async def new(site: Site, browser: Browser, asker: Person | None) -> Sent:
    form = {
        "service": COUPLE.id.hex(),
        "therapist": "",
        "part": "evening",
        "until": "2026-12-01",
        "key": new_key(),
    }
    return Sent(form=form | {"name": "Anyone"})


async def rosas(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A wish of Rosa's, another for each who asks."""
    await alone(site)
    return Sent(ids={"id": (await waits(site, ROSA)).hex()}, owner=ROSA)


async def rosas_offer(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A time that is kept for Rosa, another for each who asks."""
    await alone(site)
    await waits(site, ROSA)
    await acts.turn(site.office)
    (found,) = await acts.mine(site.office, ROSA)
    assert found.offer is not None
    return Sent(ids={"id": found.offer.appointment_id.hex()}, form={"key": new_key()}, owner=ROSA)
