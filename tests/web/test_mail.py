"""The pages of telling: what is typed is kept, what was given up names nobody, and a demo's mails are its own."""

import re
from dataclasses import replace
from pathlib import Path

from telehealth.audit.office import Work
from telehealth.mail import acts, own
from telehealth.mail.folder import FolderPost
from telehealth.mail_server import MailServer
from telehealth.notices.acts import announce
from tests.people import ADMIN, MIKA, ROSA
from tests.unit.appointments.scene import book
from tests.unit.mail.scene import BERLIN, SENDER, give_addresses
from tests.web.conftest import Site
from tests.web.mails import CHOSEN, given_up


async def test_choices_are_kept_and_shown_again(site: Site) -> None:
    browser = await site.browser(ROSA)
    first = await browser.get("/notices/preferences")
    key = re.search(r'name="key" value="(\w+)"', first.text)
    assert key is not None
    done = await browser.post("/notices/preferences", CHOSEN | {"key": key[1]})
    assert done.headers["location"] == "/notices/preferences?saved"
    again = (await browser.get("/notices/preferences?saved")).text
    assert re.search(r'value="details" checked', again)
    assert re.search(r'name="hour_before" value="yes" checked', again)
    assert not re.search(r'name="day_before" value="yes" checked', again)
    assert re.search(r'value="Asia/Kathmandu" selected', again)
    assert "Saved." in again


async def test_a_refused_choice_keeps_what_was_chosen(site: Site) -> None:
    browser = await site.browser(ROSA)
    refused = await browser.post("/notices/preferences", CHOSEN | {"key": "k" * 20, "zone": "Mars/Olympus"})
    assert refused.status_code == 422
    assert "We do not know that time zone." in refused.text
    assert re.search(r'value="details" checked', refused.text)
    assert (await own.choices(site.office, ROSA)).level == "neutral"


async def test_the_page_is_the_same_whether_somebody_else_has_ones_address_or_not(site: Site) -> None:
    browser = await site.browser(ROSA)

    async def seen() -> str:
        text = (await browser.get("/notices/preferences")).text
        return re.sub(r'value="[0-9a-zA-Z_.=-]{20,}"|request-id\S*', "", text)

    await give_addresses(site.office, {ROSA: "home@mail.example"})
    alone = await seen()
    await give_addresses(site.office, {MIKA: "home@mail.example"})
    assert await seen() == alone


async def test_a_dead_letter_names_nobody(site: Site) -> None:
    notice_id = await given_up(site)
    text = (await (await site.browser(ADMIN)).get("/clinic/outbox")).text
    assert notice_id.hex() in text
    assert "smtp_550" in text
    for word in ("Rosa", ROSA.id.hex(), "mail.example", "Nadia"):
        assert word not in text


async def test_the_demo_shows_its_mails_and_nobody_else_does(site: Site, tmp_path: Path) -> None:
    site.settings = replace(site.settings, mail=MailServer(folder=tmp_path / "mail"))
    site.app.state.settings = site.settings
    await give_addresses(site.office)
    made = await book(site.office, ROSA)

    async def tell(work: Work) -> None:
        body = {"who": "planted", "at": work.now.isoformat()}
        await announce(work, ROSA.id, "emergency_end", body, appointment_id=made.id)

    await site.office.act(None, tell)
    await acts.turn(site.office, FolderPost(site.office, tmp_path / "mail"), SENDER, BERLIN)
    browser = await site.browser()
    text = (await browser.get("/demo/outbox")).text
    assert "Nothing leaves this computer." in text
    assert "Your appointment on Tuesday" in text
    assert "BEGIN:VCALENDAR" in text
    assert "planted" not in text
    site.app.state.settings = replace(site.settings, demo=False)
    assert (await browser.get("/demo/outbox")).status_code == 404


async def test_a_calendar_file_comes_as_one(site: Site) -> None:
    made = await book(site.office, ROSA)
    browser = await site.browser(ROSA)
    path = f"/appointments/{made.id.hex()}/calendar"
    assert path in (await browser.get(f"/appointments/{made.id.hex()}")).text
    answer = await browser.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="appointment.ics"'
    assert answer.headers["cache-control"] == "no-store"
    assert "DTSTART:20261124T090000Z" in answer.text
