"""What must be so before a route of the practice's set-up is asked, and what is sent to it."""

from telehealth.clinic import acts, rules
from telehealth.clinic import store as clinic
from telehealth.clinic.rules import box_of
from telehealth.person import Person
from tests.people import ADMIN, COUPLE, DESK, NADIA, OMAR, SINGLE
from tests.unit.clinic.forms import NUMBER, OFFER, POLICIES, PROFILE
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent

KEY = "s" * 32
OFFERED = {**OFFER, box_of(NADIA.id): "1"}


async def new_service(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The form of something new."""
    return Sent(form={**OFFERED, "key": KEY}, about_nobody=True)


async def known_service(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The form of the individual session, under another name."""
    form = {**OFFERED, "name": "Another name", "key": KEY}
    return Sent(ids={"id": SINGLE.id.hex()}, form=form, about_nobody=True)


async def retired_service(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The couple's session is not offered any more."""
    async with site.office.database.transaction() as connection:
        await clinic.change_service(connection, COUPLE.id, {"retired_at": site.clock()})
    return Sent(ids={"id": COUPLE.id.hex()}, form={"key": KEY}, about_nobody=True)


async def newcomer(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Somebody who begins to work here."""
    return Sent(form={"name": "Lena New", "role": "therapist", "key": KEY}, about_somebody_new=True)


async def omars_profile(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """How clients see Omar, with another name."""
    form = {**PROFILE, "name": "Omar F.", "key": KEY}
    return Sent(ids={"id": OMAR.id.hex()}, form=form, owner=OMAR)


async def omars_account(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(ids={"id": OMAR.id.hex()}, owner=OMAR)


async def desks_role(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Who is at the front desk begins to see clients."""
    return Sent(ids={"id": DESK.id.hex()}, form={"role": "therapist", "key": KEY}, owner=DESK)


async def omar_is_gone(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Omar does not see clients any more."""
    async with site.office.database.transaction() as connection:
        await clinic.change_therapist(connection, OMAR.id, {"retired_at": site.clock()})
    return Sent(ids={"id": OMAR.id.hex()}, form={"key": KEY}, owner=OMAR)


async def policies(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form={**POLICIES, "key": KEY}, about_nobody=True)


async def new_number(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form={**NUMBER, "key": KEY}, about_nobody=True)


async def known_number(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A number that is in the list, and its form with another label."""
    number = rules.number_from(NUMBER)
    made = await acts.add_number(site.office, ADMIN, number, site.office.chance(16).hex())
    return Sent(
        ids={"id": made.hex()}, form={**NUMBER, "label": "Crisis line", "key": KEY}, about_nobody=True
    )
