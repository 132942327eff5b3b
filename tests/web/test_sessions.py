"""What people see of their sessions: how long they last, where they are signed in, and how they end."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from telehealth.people.models import sessions
from tests.people import ADMIN, MIKA, NADIA, ROSA
from tests.unit.appointments.scene import TEN, book
from tests.web.browser import Browser
from tests.web.conftest import Site

JSON = "application/json"
ENDING = re.compile(r'action="(/sessions/[0-9a-f]{32}/ending)"')


async def ends(browser: Browser) -> dict[str, datetime]:
    """What the page's script is told."""
    answer = await browser.get("/session", Accept=JSON)
    assert answer.status_code == 200
    said = answer.json()
    return {name: datetime.fromisoformat(said[name]) for name in ("idle_at", "ends_at", "now")}


async def test_a_page_knows_when_its_session_ends(site: Site) -> None:
    client, therapist = await site.browser(ROSA), await site.browser(NADIA)
    for browser, minutes in ((client, 15), (therapist, 10)):
        said = await ends(browser)
        assert said["now"] == site.clock()
        assert said["idle_at"] == site.clock() + timedelta(minutes=minutes)
        assert said["ends_at"] == site.clock() + timedelta(hours=12)
        page = (await browser.get("/profile")).text
        assert f'idle-at="{said["idle_at"].isoformat()}"' in page
        assert f'ends-at="{said["ends_at"].isoformat()}"' in page
        whose = (await browser.get("/session", Accept=JSON)).json()["person"]
        assert f'<session-end person="{whose}"' in page


async def test_without_scripts_a_sentence_says_until_when(site: Site) -> None:
    browser = await site.browser(ROSA)
    site.clock.advance(minutes=1)
    page = (await browser.get("/profile")).text
    assert "If you do nothing here until 09:16, you are signed out." in page  # Berlin


async def test_who_is_not_signed_in_is_told_nothing_of_it(site: Site) -> None:
    visitor = await site.browser()
    page = (await visitor.get("/")).text
    assert "session-end" not in page
    assert "you are signed out" not in page
    assert (await visitor.get("/session", Accept=JSON)).status_code == 401


async def test_asking_keeps_no_session_open_and_staying_does(site: Site) -> None:
    browser = await site.browser(ROSA)
    before = await ends(browser)
    site.clock.advance(minutes=10)
    assert (await ends(browser))["idle_at"] == before["idle_at"]
    answer = await browser.post("/session/stay", Accept=JSON)
    assert answer.status_code == 200
    assert datetime.fromisoformat(answer.json()["idle_at"]) == site.clock() + timedelta(minutes=15)
    site.clock.advance(minutes=14)
    assert (await ends(browser))["ends_at"] == before["ends_at"]
    site.clock.advance(minutes=1)
    assert (await browser.get("/session", Accept=JSON)).status_code == 401


async def test_staying_without_scripts_leads_back_and_to_no_other_site(site: Site) -> None:
    browser = await site.browser(ROSA)
    for asked, way in (
        ("/profile", "/profile"),
        ("//elsewhere.example", "/"),
        ("https://elsewhere.example", "/"),
    ):
        answer = await browser.post("/session/stay", {"next": asked})
        assert (answer.status_code, answer.headers["location"]) == (303, way)


async def test_nobody_stays_who_is_gone(site: Site) -> None:
    browser = await site.browser(ROSA)
    token = await browser.token()
    site.clock.advance(minutes=15)
    answer = await browser.post("/session/stay", token=token, Accept=JSON)
    assert answer.status_code in (401, 403)
    visitor = await site.browser()
    assert (await visitor.post("/session/stay", Accept=JSON)).status_code == 401


async def test_the_page_after_the_end_says_why_and_how_to_go_on(site: Site) -> None:
    browser = await site.browser()
    idle = await browser.get("/session/ended?next=/appointments")
    assert "Nothing happened here for a while" in idle.text
    assert 'href="/auth/sign-in?next=%2Fappointments"' in idle.text
    long = await browser.get("/session/ended?next=/appointments&after=long")
    assert "Twelve hours have passed" in long.text
    foreign = await browser.get("/session/ended?next=//elsewhere.example")
    assert "elsewhere" not in foreign.text


async def test_who_was_signed_out_is_told_so_where_they_sign_in(site: Site) -> None:
    browser, visitor = await site.browser(ROSA), await site.browser()
    site.clock.advance(minutes=15)
    answer = await browser.get("/appointments")
    assert answer.headers["location"] == "/auth/sign-in?next=/appointments"
    assert "You were signed out" in (await browser.get("/auth/sign-in")).text
    assert "You were signed out" not in (await visitor.get("/auth/sign-in")).text
    again = await site.browser(ROSA)
    left = await again.post("/auth/sign-out")
    assert 'sid=""; ' in left.headers["set-cookie"]
    again.client.cookies.delete(
        "sid"
    )  # the tests put it there without a domain, so the answer does not take it
    assert "You were signed out" not in (await again.get("/auth/sign-in")).text


@pytest.mark.parametrize(("minutes_left", "told"), [(54, True), (56, False)])
async def test_the_room_says_beforehand_that_a_session_would_end_in_the_middle(
    site: Site, minutes_left: int, told: bool
) -> None:
    made = await book(site.office, ROSA)
    site.clock.now = TEN - timedelta(minutes=5)
    browser = await site.browser(ROSA)
    since = site.clock() + timedelta(minutes=minutes_left) - timedelta(hours=12)
    async with site.office.database.transaction() as connection:
        await connection.execute(update(sessions).values(created_at=since))
    page = await browser.get(f"/appointments/{made.id.hex()}/room")
    assert page.status_code == 200
    assert ("in the middle of this session" in page.text) is told


async def test_who_is_signed_in_goes_on_from_there(site: Site) -> None:
    browser = await site.browser(ROSA)
    answer = await browser.get("/session/ended?next=/appointments")
    assert (answer.status_code, answer.headers["location"]) == (303, "/appointments")


async def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(site: Site) -> None:
    here, there = await site.browser(ROSA), await site.browser(ROSA)
    page = (await here.get("/sessions")).text
    assert page.count("this one") == 1
    (path,) = ENDING.findall(page)
    answer = await here.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sessions?done=one")
    assert (await there.get("/appointments")).status_code == 303
    after = (await here.get("/sessions?done=one")).text
    assert "That session has ended" in after
    assert "Only here, in this browser." in after
    assert ENDING.findall(after) == []


async def test_all_others_end_at_once(site: Site) -> None:
    here = await site.browser(ROSA)
    others = [await site.browser(ROSA) for _ in range(2)]
    mika = await site.browser(MIKA)
    answer = await here.post("/sessions/ending")
    assert answer.headers["location"] == "/sessions?done=others"
    assert [(await each.get("/appointments")).status_code for each in (*others, here, mika)] == [
        303,
        303,
        200,
        200,
    ]


async def test_nobody_sees_or_ends_the_sessions_of_somebody_else(site: Site) -> None:
    rosa, mika = await site.browser(ROSA), await site.browser(MIKA)
    await site.browser(ROSA)
    (path,) = ENDING.findall((await rosa.get("/sessions")).text)
    assert ENDING.findall((await mika.get("/sessions")).text) == []
    assert (await mika.post(path)).status_code == 404
    assert ENDING.findall((await rosa.get("/sessions")).text) == [path]


async def test_ending_sessions_needs_a_fresh_proof_and_looking_does_not(site: Site) -> None:
    here, there = await site.browser(ROSA), await site.browser(ROSA)
    (path,) = ENDING.findall((await here.get("/sessions")).text)
    site.clock.advance(minutes=5)
    assert (await there.get("/profile")).status_code == 200
    assert (await here.get("/sessions")).status_code == 200
    for asked in (path, "/sessions/ending"):
        answer = await here.post(asked)
        assert (answer.status_code, answer.headers["location"]) == (303, "/auth/step-up?next=%2Fsessions")
    assert (await there.get("/profile")).status_code == 200


async def test_whatever_ends_a_session_hangs_up_its_sockets(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bytes] = []
    monkeypatch.setattr(site.app.state, "hang_up", ended.extend)

    async def ended_by(browser: Browser, path: str, **fields: str) -> int:
        ended.clear()
        assert (await browser.post(path, fields)).status_code == 303
        return len(ended)

    for path in ("/auth/sign-out", "/leave"):
        assert await ended_by(await site.browser(ROSA), path) == 1
    rosa, admin = await site.browser(ROSA), await site.browser(ADMIN)
    elsewhere = await site.session_elsewhere(ROSA)
    assert await ended_by(rosa, f"/sessions/{elsewhere.hex()}/ending") == 1
    assert ended == [elsewhere]
    await site.session_elsewhere(ROSA)
    assert await ended_by(rosa, "/sessions/ending") == 1
    assert await ended_by(admin, f"/clinic/people/{ROSA.id.hex()}/sessions/ending") == 1
    await site.session_elsewhere(ROSA)
    assert await ended_by(admin, f"/clinic/people/{ROSA.id.hex()}/closing") == 1
    await site.session_elsewhere(MIKA)
    assert await ended_by(admin, "/clinic/sessions/ending", word="everybody") == 1
