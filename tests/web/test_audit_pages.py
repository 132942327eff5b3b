"""The pages of the record: one's own in plain words, the administrator's with filters that keep what was typed."""

import re

import pytest

from tests.people import ADMIN, DESK, MIKA, NADIA, ROSA, Clinic
from tests.unit.appointments.scene import book
from tests.web.browser import Browser
from tests.web.conftest import Site

WORDS = re.compile(r"<[^>]+>|\s+")
EARLIER = re.compile(r'href="(/(?:looks|audit)\?[^"]*before=[0-9a-f]{32})"')


async def said(browser: Browser, path: str, status: int = 200) -> str:
    """The words of a page, without its markup."""
    answer = await browser.get(path)
    assert answer.status_code == status
    return WORDS.sub(" ", answer.text).replace("  ", " ")


async def test_somebody_reads_who_opened_their_record(site: Site) -> None:
    made = await book(site.office)
    for person in (NADIA, DESK, MIKA):
        await (await site.browser(person)).get(f"/appointments/{made.id.hex()}")
    page = " ".join((await said(await site.browser(ROSA), "/looks")).split())
    assert "Today" in page
    assert "Nadia Behrens , therapist, opened an appointment of yours" in page
    assert "Front desk opened an appointment of yours" in page
    assert "Another client tried to open an appointment of yours, and was refused" in page
    assert "You booked an appointment of yours" in page
    assert "Mika" not in page
    assert "Dora" not in page


async def test_a_record_that_nobody_opened_says_so(site: Site) -> None:
    page = await said(await site.browser(ROSA), "/looks")
    assert "Nothing yet" in page


async def test_a_page_behind_somebody_elses_entry_shows_nothing_of_it(site: Site) -> None:
    await book(site.office)
    page = await said(await site.browser(MIKA), f"/looks?before={'0' * 32}")
    assert "That is all" in page


@pytest.mark.parametrize("path", ["/looks?before=yesterday", "/audit?before=x"])
async def test_a_page_that_is_none_is_not_found(site: Site, path: str) -> None:
    browser = await site.browser(ADMIN)
    assert (await browser.get(path)).status_code == 404


async def test_pages_lead_on_to_what_was_before(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telehealth.looks.acts.PAGE", 4)  # each booking sends a message, too
    monkeypatch.setattr("telehealth.looks.record.PAGE", 2)
    for day in (24, 26, 27):
        await book(site.office, start=site.clock().replace(day=day, hour=9))
    for person, path in ((ROSA, "/looks"), (ADMIN, "/audit?kind=appointment")):
        browser = await site.browser(person)
        found = EARLIER.search((await browser.get(path)).text)
        assert found is not None
        older = await browser.get(found[1].replace("&amp;", "&"))
        assert older.status_code == 200
        assert "booked an appointment" in older.text
        assert EARLIER.search(older.text) is None


async def test_the_administrator_narrows_the_record_down(site: Site) -> None:
    made = await book(site.office)
    await (await site.browser(NADIA)).get(f"/appointments/{made.id.hex()}")
    browser = await site.browser(ADMIN)
    path = (
        f"/audit?kind=record.look&agent={NADIA.id.hex()}&person={ROSA.id.hex()}&from=2026-11-23&to=2026-11-23"
    )
    page = await said(browser, path)
    assert page.count("record.look") == 1
    assert "opened an appointment of theirs" in page
    assert f"Client {ROSA.id.hex()[:8]}" in " ".join(page.split())
    assert "Rosa" not in page
    for nothing in (
        "kind=room",
        "outcome=refused",
        "to=2026-11-22",
        "from=2026-11-24",
        f"agent={DESK.id.hex()}",
    ):
        assert "Nothing fits" in await said(browser, f"/audit?person={ROSA.id.hex()}&{nothing}")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("person=rosa", "An id has 32 letters and digits"),
        (f"person={'0' * 32}", "Nobody here has this id"),
        ("from=tomorrow", "Write a day as year, month and day"),
        ("to=2026-02-30", "Write a day as year, month and day"),
        ("to=9999-12-31", "Write a day as year, month and day"),
        ("from=0001-01-01", "Write a day as year, month and day"),
    ],
)
async def test_a_filter_that_is_none_is_said_and_nothing_is_shown(
    site: Site, query: str, sentence: str
) -> None:
    await book(site.office)
    page = await said(await site.browser(ADMIN), f"/audit?{query}", 422)
    assert sentence in page
    assert "appointment.book" not in page


async def test_an_unknown_kind_shows_everything(site: Site) -> None:
    await book(site.office)
    page = await said(await site.browser(ADMIN), "/audit?kind=secrets&outcome=maybe&agent=")
    assert "appointment.book" in page


async def test_the_page_shows_no_word_that_is_sealed(site: Site, clinic: Clinic) -> None:
    await book(site.office, reason="told in confidence")
    for person, path in ((ROSA, "/looks"), (ADMIN, "/audit")):
        assert "told in confidence" not in (await (await site.browser(person)).get(path)).text
