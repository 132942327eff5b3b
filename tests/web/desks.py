"""Scenes of those who book for clients."""

from datetime import timedelta

from telehealth.person import Person
from tests.people import ROSA
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent, rosas


async def rosa_is_known(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa has an appointment with Nadia."""
    await rosas(site, asker)
    return Sent(ids={"id": ROSA.id.hex()}, owner=ROSA)


async def rosas_name(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A part of Rosa's name is typed."""
    await rosas(site, asker)
    return Sent(form={"name": "LINDQ"}, owner=ROSA)


async def for_rosa(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A time two weeks after Rosa's, with the same therapist."""
    made = await rosas(site, asker)
    start = made.starts_at + timedelta(weeks=2)
    choice = f"{made.service.id.hex()} {made.therapist.id.hex()} {start.isoformat()}"
    form = {"choice": choice, "every": "0", "times": "6", "message": "", "key": "b" * 32}
    return Sent(ids={"id": ROSA.id.hex()}, form=form, owner=ROSA)


async def goodbye(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The service goes down, so that a stream ends after what it says first."""
    site.app.state.streams.end()
    return Sent()
