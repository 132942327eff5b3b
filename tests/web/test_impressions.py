"""How sound and picture were, asked page by page without a script, and shown to the practice without a name."""

from datetime import timedelta

from telehealth.rooms import acts as rooms
from telehealth.rooms.models import impressions
from tests.people import ADMIN, NADIA, ROSA
from tests.unit.appointments.scene import TEN, book
from tests.web.conftest import Site

QUESTION = "How were sound and picture?"
LINK = f"{QUESTION} <svg"


async def test_two_clicks_without_a_script_and_the_way_to_them_from_the_appointment(site: Site) -> None:
    appointment_id = (await book(site.office, ROSA)).id
    page, path = f"/appointments/{appointment_id.hex()}", f"/appointments/{appointment_id.hex()}/impression"
    site.clock.advance(TEN - site.clock() - timedelta(minutes=5))
    for person in (ROSA, NADIA):
        await rooms.mint_ticket(site.office, person, appointment_id)
    assert LINK not in (await (await site.browser(ROSA)).get(page)).text
    site.clock.advance(timedelta(minutes=60))
    rosa = await site.browser(ROSA)
    assert LINK in (await rosa.get(page)).text
    assert QUESTION in (await rosa.get(path)).text
    first = await rosa.post(path, {"answer": "failed"})
    assert (first.status_code, first.headers["location"]) == (303, f"{path}?answer=failed")
    asked = (await rosa.get(first.headers["location"])).text
    assert '<div data-step="ask" hidden>' in asked
    assert '<div data-step="failed">' in asked
    assert "unless your therapist says otherwise" in asked
    second = await rosa.post(path, {"answer": "failed", "part": "line"})
    assert (second.status_code, second.headers["location"]) == (303, path)
    assert '<p data-step="thanks" tabindex="-1">Thank you' in (await rosa.get(path)).text
    assert (await rosa.post(path, {"answer": "splendid"})).status_code == 422
    nadia = await site.browser(NADIA)
    said = await nadia.post(path, {"answer": "good"}, Accept="application/json")
    assert (said.status_code, said.text) == (204, "")
    site.clock.advance(timedelta(days=2))
    assert LINK not in (await (await site.browser(ROSA)).get(page)).text


async def test_the_practice_sees_how_often_and_not_of_few(site: Site) -> None:
    admin = await site.browser(ADMIN)
    assert "Nobody has said anything yet." in (await admin.get("/clinic/relay")).text
    async with site.office.database.transaction() as c:
        for month, times in (("2026-10", 4), ("2026-11", 6)):
            await c.execute(impressions.insert().values(month=month, word="rough", times=times))
    shown = (await admin.get("/clinic/relay")).text
    assert "<dt>November 2026</dt>" in shown
    assert "0 good, 6 with gaps, 0 did not work." in shown
    assert "Fewer than five answers</dd>" in shown
    assert "4 with gaps" not in shown
