"""What must be so before the routes of telling are asked."""

from sqlalchemy import update

from telehealth.audit.office import Work
from telehealth.notices.acts import announce
from telehealth.notices.models import outbox
from telehealth.person import Person
from tests.people import ROSA
from tests.unit.appointments.scene import new_key
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent

CHOSEN = {"channel": "email", "level": "details", "hour_before": "yes", "zone": "Asia/Kathmandu"}


async def choices(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """How somebody wishes to be told."""
    return Sent(form=CHOSEN | {"key": new_key()})


async def dead_letter(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A mail to Rosa that was given up."""
    return Sent(ids={"id": (await given_up(site)).hex()}, form={"key": new_key()}, owner=ROSA)


async def given_up(site: Site) -> bytes:
    """The id of a notice to Rosa whose mail was given up."""

    async def act(work: Work) -> bytes:
        body = {"who": "Nadia", "at": work.now.isoformat()}
        notice_id = await announce(work, ROSA.id, "emergency_end", body)
        dead = {"dead_at": work.now, "failure": "smtp_550", "attempts": 1}
        await work.connection.execute(update(outbox).where(outbox.c.notice_id == notice_id).values(**dead))
        return notice_id

    return await site.office.act(None, act)
