"""The whole way of an emergency, page by page: asked, confirmed by a second person, read, told, closed."""

import re

import pytest

from telehealth.person import Person
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA
from tests.unit.emergency.scene import REASON, asked, entries, opened
from tests.web.booking import book, choices, held
from tests.web.browser import Browser
from tests.web.conftest import Site

FORM = {"name": "Rosa Lindqvist", "reason": REASON}
BANNER = "There is a message for you."
WAITS = "A therapist asks for emergency access"
TUESDAY = "2026-11-24"


async def rosa_books(site: Site) -> tuple[Browser, str]:
    """Rosa books with Nadia; returns her browser and the appointment's path."""
    browser = await site.browser(ROSA)
    nadias = [choice for choice in await choices(browser) if choice.split(" ")[1] == NADIA.id.hex()]
    answer = await book(browser, await held(browser, nadias[0]), reason="Words of Rosa's own")
    return browser, answer.headers["location"].split("?")[0]


async def test_the_whole_way(site: Site) -> None:
    rosa, appointment = await rosa_books(site)
    omar, desk = await site.browser(OMAR), await site.browser(DESK)
    assert BANNER not in (await rosa.get("/appointments")).text

    sent = await omar.post("/emergency", FORM)
    assert sent.status_code == 303
    path = sent.headers["location"]
    waiting = (await omar.get(path)).text
    assert "Now call the front desk" in waiting
    assert "Example" not in waiting  # the asker learns no more than they typed
    assert (await omar.get(f"{path}/record")).headers["location"] == path

    assert WAITS in (await desk.get("/desk")).text
    assert "Omar Fassbinder asks" in (await desk.get("/emergency")).text
    question = (await desk.get(path)).text
    assert REASON in question
    assert "Rosa Example-Lindqvist" in question
    done = await desk.post(f"{path}/confirmation", {"client": ROSA.id.hex()})
    assert done.status_code == 303
    assert WAITS not in (await desk.get("/desk")).text

    record = (await omar.get(f"{path}/record")).text
    assert "Rosa Example-Lindqvist" in record
    assert "Words of Rosa&#39;s own" in record
    assert "Nadia Behrens" in record
    assert (await omar.get(appointment)).status_code == 404
    assert "Rosa" not in (await omar.get(f"/today?day={TUESDAY}")).text

    for page in ("/appointments", "/profile", appointment, "/", "/times"):
        shown = (await rosa.get(page)).text
        assert BANNER in shown, page
        assert "mergency access" not in shown, "what every page says is neutral"
    told = (await rosa.get("/notices")).text
    assert "<h1>Messages</h1>" in told  # the word that the menu has
    for words in ("Your record was opened in an emergency", "Omar Fassbinder", "Dora Desk", REASON, "11:00"):
        assert words in told
    receipt = re.search(r'action="(/notices/[0-9a-f]{32}/receipt)"', told)
    assert receipt is not None
    assert (await rosa.post(receipt[1])).status_code == 303
    assert BANNER not in (await rosa.get("/appointments")).text
    assert REASON in (await rosa.get("/notices")).text  # it can be read again

    assert (await omar.post(f"{path}/end")).status_code == 303
    assert (await omar.get(f"{path}/record")).headers["location"] == path
    assert "Your record is closed again" in (await rosa.get("/notices")).text
    looks = [kind for kind, _, purpose in await entries(site.office, ROSA) if purpose == "ETREAT"]
    assert {"emergency.confirm", "notice.announce", "record.look", "emergency.end"} <= set(looks)


@pytest.mark.parametrize(
    ("name", "reason", "says"),
    [
        ("", REASON, "Please write the name"),
        ("Rosa", "soon", "Please say in a few words"),
        ("", "soon", "Please look at these"),
        ("Rosa", "planted-words " * 100, "Please shorten this"),
    ],
)
async def test_what_was_typed_is_kept_when_something_is_missing(
    site: Site, name: str, reason: str, says: str
) -> None:
    omar = await site.browser(OMAR)
    answer = await omar.post("/emergency", {"name": name, "reason": reason})
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{name}"' in answer.text
    assert reason.strip() in answer.text
    assert "Nothing is lost" in answer.text


async def test_the_answer_is_the_same_for_somebody_who_is_no_client(site: Site) -> None:
    omar = await site.browser(OMAR)
    pages = []
    for name in ("Rosa Example-Lindqvist", "Nobody Anywherefeld"):
        answer = await omar.post("/emergency", {"name": name, "reason": REASON})
        shown = await omar.get(answer.headers["location"])
        own = answer.headers["location"].rsplit("/", 1)[1]
        hidden = re.sub(r"[0-9a-f]{12,32}", "", shown.text.replace(own, ""))
        pages.append((answer.status_code, hidden.replace(name, "NAME")))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("person", [DESK, ADMIN])
async def test_who_decides_has_proved_just_now_who_they_are(site: Site, person: Person) -> None:
    grant_id = await asked(site.office)
    path = f"/emergency/{grant_id.hex()}"
    browser = await site.browser(person)
    site.clock.advance(minutes=5)
    page = await browser.get(path)
    assert (page.status_code, page.headers["location"]) == (303, f"/auth/step-up?next={path}")
    for act in ("confirmation", "refusal"):
        answer = await browser.post(f"{path}/{act}", {"client": ROSA.id.hex()})
        assert answer.status_code == 403
        assert "step_up_needed" in answer.text
    assert (await browser.get("/emergency")).status_code == 200
    omar = await site.browser(OMAR)
    assert "Now call the front desk" in (await omar.get(path)).text


async def test_without_a_choice_nothing_is_opened(site: Site) -> None:
    path = f"/emergency/{(await asked(site.office)).hex()}"
    desk = await site.browser(DESK)
    for form, status in (({}, 422), ({"client": MIKA.id.hex()}, 422), ({"client": "none"}, 404)):
        assert (await desk.post(f"{path}/confirmation", form)).status_code == status
    answer = await desk.post(f"{path}/confirmation", {})
    assert "Please choose whom this request means" in answer.text
    assert REASON in answer.text
    assert "Emergency access" in (await desk.get(path)).text
    assert BANNER not in (await (await site.browser(ROSA)).get("/profile")).text


async def test_of_a_couple_one_is_chosen_and_only_that_one_is_told(site: Site) -> None:
    path = f"/emergency/{(await asked(site.office, name='Example')).hex()}"
    desk = await site.browser(DESK)
    question = (await desk.get(path)).text
    assert "Who of these is it?" in question
    assert "checked" not in question
    await desk.post(f"{path}/confirmation", {"client": MIKA.id.hex()})
    assert BANNER in (await (await site.browser(MIKA)).get("/profile")).text
    assert BANNER not in (await (await site.browser(ROSA)).get("/profile")).text


async def test_a_refusal_says_nothing_about_the_client(site: Site) -> None:
    pages = []
    for name in ("Rosa Example-Lindqvist", "Nobody Anywherefeld"):
        path = f"/emergency/{(await asked(site.office, name=name)).hex()}"
        desk, omar = await site.browser(DESK), await site.browser(OMAR)
        assert ("No client is found by this" in (await desk.get(path)).text) == ("Nobody" in name)
        assert (await desk.post(f"{path}/refusal")).headers["location"] == "/emergency"
        shown = (await omar.get(path)).text
        assert "This says nothing about whether such a person comes here" in shown
        pages.append(re.sub(r"[0-9a-f]{12,32}", "", shown))
    assert pages[0] == pages[1]


async def test_a_second_decision_comes_too_late(site: Site) -> None:
    path = f"/emergency/{(await opened(site.office)).hex()}"
    admin = await site.browser(ADMIN)
    shown = (await admin.get(path)).text
    assert "Open now" in shown
    assert "confirmation" not in shown
    for act in ("confirmation", "refusal"):
        answer = await admin.post(f"{path}/{act}", {"client": ROSA.id.hex()})
        assert (answer.status_code, "already_decided" in answer.text) == (409, True)


async def test_each_state_has_its_page_for_both(site: Site) -> None:
    expected = {
        "withdrawn": ("Withdrawn", "Withdrawn"),
        "lapsed": ("Nobody decided in time", "Nobody decided in time"),
        "over": ("Closed again", "Closed again"),
    }
    withdrawn, lapsed = await asked(site.office), await asked(site.office, reason="Something else at all")
    over = await opened(site.office)
    omar = await site.browser(OMAR)
    await omar.post(f"/emergency/{withdrawn.hex()}/withdrawal")
    site.clock.advance(minutes=121)
    omar, desk = await site.browser(OMAR), await site.browser(DESK)
    for state, grant_id in (("withdrawn", withdrawn), ("lapsed", lapsed), ("over", over)):
        shown = [(await browser.get(f"/emergency/{grant_id.hex()}")).text for browser in (omar, desk)]
        assert [f"<h1>{words}</h1>" in page for words, page in zip(expected[state], shown, strict=True)] == [
            True,
            True,
        ]
    for browser in (omar, desk):
        page = (await browser.get("/emergency")).text
        for words in ("Withdrawn", "Nobody decided within the hour", "over now"):
            assert words in page


async def test_a_message_that_is_not_yours_cannot_be_marked_read(site: Site) -> None:
    await opened(site.office)
    rosa, mika = await site.browser(ROSA), await site.browser(MIKA)
    receipt = re.search(r'action="(/notices/[0-9a-f]{32}/receipt)"', (await rosa.get("/notices")).text)
    assert receipt is not None
    assert (await mika.post(receipt[1])).status_code == 404
    assert "There is nothing to read" in (await mika.get("/notices")).text
    assert BANNER in (await rosa.get("/profile")).text


async def test_after_leaving_quickly_nothing_is_announced(site: Site) -> None:
    await opened(site.office)
    rosa = await site.browser(ROSA)
    await rosa.post("/leave")
    for page in ("/", "/appointments", "/times"):
        assert BANNER not in (await rosa.get(page)).text


async def test_words_of_others_never_become_markup(site: Site) -> None:
    bad = "<script>alert(1)</script> & <b>bold</b>"
    path = f"/emergency/{(await asked(site.office, name='Rosa <i>', reason=bad)).hex()}"
    omar, desk = await site.browser(OMAR), await site.browser(DESK)
    pages = [await omar.get(path), await desk.get(path)]
    await desk.post(f"{path}/confirmation", {"client": ROSA.id.hex()})
    pages.append(await (await site.browser(ROSA)).get("/notices"))
    for page in pages:
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;" in page.text
