"""The quiet page after a session says when one comes next, and nothing that somebody beside them may not see."""

from datetime import timedelta

from tests.people import NADIA, ROSA
from tests.unit.appointments.scene import TEN, book, place_both
from tests.web.conftest import Site

NEXT = "Your next appointment is on Tuesday 1 December at"


async def page_of(site: Site, appointment_id: bytes) -> dict[str, str]:
    """The room's page of the client and of the therapist, ten minutes before the time."""
    site.clock.advance(TEN - timedelta(minutes=10) - site.clock())
    path = f"/appointments/{appointment_id.hex()}/room"
    return {who.role: (await (await site.browser(who)).get(path)).text for who in (ROSA, NADIA)}


async def test_who_came_alone_reads_when_the_next_one_is(site: Site) -> None:
    made = await book(site.office, ROSA)
    await book(site.office, ROSA, TEN + timedelta(days=7))
    pages = await page_of(site, made.id)
    assert NEXT in pages["client"]
    assert NEXT not in pages["therapist"]
    assert ("<time-left" in pages["therapist"], "<time-left" in pages["client"]) == (True, False)


async def test_where_two_come_nothing_of_one_shows(site: Site) -> None:
    together = await place_both(site.office, TEN)
    await book(site.office, ROSA, TEN + timedelta(days=7))
    pages = await page_of(site, together)
    assert "The session is over" in pages["client"]
    assert NEXT not in pages["client"]


async def test_without_a_next_one_nothing_is_said(site: Site) -> None:
    pages = await page_of(site, (await book(site.office, ROSA)).id)
    assert "Your next appointment" not in pages["client"]
