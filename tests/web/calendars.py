"""Scenes of a therapist's other calendars."""

from telehealth.calendars import acts
from telehealth.person import Person
from telehealth.web import cookies
from tests.people import NADIA
from tests.unit.appointments.scene import new_key
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent

ADDRESS = "https://calendar.example/secret.ics"


async def own(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A calendar of whoever asks, so that its place is shown."""
    if asker is not None and asker.role == "therapist":
        await acts.subscribe(site.office, asker, f"{ADDRESS}?{new_key()}", new_key())
    return Sent()


async def new(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form={"address": ADDRESS, "key": new_key()})


async def nadias(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A calendar of Nadia's, another for each who asks."""
    for each in (await acts.overview(site.office, NADIA)).subscribed:
        await acts.unsubscribe(site.office, NADIA, each.id, new_key())
    id_ = await acts.subscribe(site.office, NADIA, ADDRESS, new_key())
    return Sent(ids={"id": id_.hex()}, form={"key": new_key()}, owner=NADIA)


async def feed(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form={"key": new_key()})


async def made_feed(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Whoever asks has a secret address."""
    if asker is not None and asker.role == "therapist":
        await acts.renew(site.office, asker, asker.id * 2, new_key())
    return Sent()


async def nadias_feed(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Nadia's secret address, which anybody may read who has it."""
    secret = cookies.new_secret()
    await acts.renew(site.office, NADIA, cookies.hash_of(secret, "feed"), new_key())
    return Sent(ids={"token": cookies.text_of(secret)})
