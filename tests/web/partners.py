"""What must be so before a route of couples is asked: Rosa's time for two, to which Mika is asked or comes along."""

from datetime import UTC, datetime, timedelta

from telehealth.appointments.acts import Appointment, appointment, move
from telehealth.couples import acts
from telehealth.person import Person
from tests.people import COUPLE, EVERYBODY, MIKA, NADIA, ROSA
from tests.unit.appointments.scene import book, new_key
from tests.unit.couples.scene import a_link, come_along, invited
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent

TOKEN = "t" * 43
DAYS = (24, 26, 27, 30)  # of November, and two sessions for two in a morning of Nadia's


async def alone(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Nobody is asked yet."""
    return _about(await _rosas(site, asker))


async def with_link(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A link is out, which this browser has not seen."""
    made = await _rosas(site, asker)
    await invited(site.office, made.id)
    return _about(made)


async def together(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Mika comes along."""
    made = await _rosas(site, asker)
    await come_along(site.office, made.id, link=await a_link(site.office, made.id))
    return _about(made)


async def moved(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Mika comes along, and Rosa has moved it by two weeks since."""
    sent = await together(site, browser, asker)
    appointment_id = bytes.fromhex(sent.ids["id"])
    start = (await appointment(site.office, ROSA, appointment_id)).starts_at + timedelta(weeks=2)
    await move(site.office, ROSA, appointment_id, start=start, key=new_key())
    form = {"key": "g" * 32, "start": start.isoformat()}
    return Sent(ids=sent.ids, form=form, owner=MIKA if asker == MIKA else ROSA)


async def by_link(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """This browser has opened the link."""
    made = await _rosas(site, asker)
    link = await invited(site.office, made.id)
    browser.client.cookies.set("asked", link.token)
    return Sent(owner=ROSA)


async def of_before(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Mika, who came along before and left, is asked without a link."""
    sent = await together(site, browser, asker)
    appointment_id = bytes.fromhex(sent.ids["id"])
    await acts.leave(site.office, MIKA, appointment_id, new_key())
    return sent


async def joining(site: Site, browser: Browser, asker: Person | None) -> Sent:
    sent = await of_before(site, browser, asker)
    return Sent(ids=sent.ids, form={"key": "j" * 32, "agrees": "1", "name": "Any Name"}, owner=ROSA)


async def refusing(site: Site, browser: Browser, asker: Person | None) -> Sent:
    sent = await of_before(site, browser, asker)
    return Sent(ids=sent.ids, form={"key": "n" * 32}, owner=ROSA)


async def suggesting(site: Site, browser: Browser, asker: Person | None) -> Sent:
    sent = await of_before(site, browser, asker)
    form = {"key": "s" * 32, "start": datetime(2026, 12, 15, 9, tzinfo=UTC).isoformat()}
    return Sent(ids=sent.ids, form=form, owner=ROSA)


async def token(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A link as it arrives; whether there is such a one is not asked."""
    return Sent(ids={"token": TOKEN})


def _about(made: Appointment) -> Sent:
    return Sent(ids={"id": made.id.hex()}, form={"key": "d" * 32}, owner=ROSA)


async def _rosas(site: Site, asker: Person | None) -> Appointment:
    """An appointment for two of Rosa's with Nadia, another for each who asks."""
    place = 0 if asker is None else 1 + EVERYBODY.index(asker)
    day, second = divmod(place, 2)
    start = datetime(2026, 11, DAYS[day], 8 + 2 * second, 30, tzinfo=UTC)
    return await book(
        site.office,
        ROSA,
        start,
        service_id=COUPLE.id,
        therapist_id=NADIA.id,
        same_partner=False,
    )
