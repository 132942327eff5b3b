"""Moving, cancelling, asking and answering by pages alone, with what holds said before it is done."""

import re
from datetime import timedelta

from sqlalchemy import update

from telehealth.appointments import acts
from telehealth.audit.office import Work
from telehealth.clinic import store as clinic
from telehealth.clinic.models import services
from telehealth.clinic.rules import Policies
from tests.people import DESK, MIKA, NADIA, OMAR, ROSA, STRANGER
from tests.unit.appointments.scene import TEN, Browser, book
from tests.web.booking import booked
from tests.web.conftest import Site

THURSDAY = TEN + timedelta(days=2)
STARTS = re.compile(r'name="start" value="([^"]+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')
CANCELLATION = "Up to a day before, nobody pays anything."


async def confirms_first(site: Site) -> None:
    async def act(work: Work) -> None:
        await work.connection.execute(update(services).values(confirms_first=True))

    await site.office.act(None, act)


async def test_a_client_moves_an_appointment_and_reads_what_holds_first(site: Site) -> None:
    async def says(work: Work) -> None:
        await clinic.keep_policies(work.connection, Policies(cancellation=CANCELLATION))

    await site.office.act(None, says)
    made = await book(site.office, ROSA, THURSDAY)
    browser = await site.browser(ROSA)
    path = f"/appointments/{made.id.hex()}"
    shown = (await browser.get(path)).text
    assert "You can move or cancel this until Wednesday 25 November, 10:00. After that" in shown
    assert CANCELLATION in shown
    choose = (await browser.get(f"{path}/time")).text
    starts = STARTS.findall(choose)
    assert CANCELLATION in choose
    assert len(starts) > 10
    assert len(set(starts)) == len(starts)
    key = KEY.search(choose)
    assert key is not None
    for _ in range(2):  # pressed twice
        answer = await browser.post(f"{path}/time", {"start": starts[-1], "key": key[1]})
        assert answer.status_code == 303
    assert "It has another time." in (await browser.get(answer.headers["location"])).text
    assert (await acts.appointment(site.office, ROSA, made.id)).sequence == 1


async def test_whoever_goes_back_after_booking_finds_the_appointment(site: Site) -> None:
    browser, path = await booked(site, ROSA)
    back = path.replace("/appointments/", "/holds/")
    assert (await browser.get(back)).headers["location"] == path
    assert (await (await site.browser(MIKA)).get(back)).status_code == 404


async def test_a_time_that_is_gone_is_said_beside_the_others(site: Site) -> None:
    made = await book(site.office, ROSA, THURSDAY)
    later = THURSDAY + timedelta(hours=1)
    await book(site.office, STRANGER, later, name="Sam", browser=Browser("sams"))
    browser = await site.browser(ROSA)
    path = f"/appointments/{made.id.hex()}/time"
    answer = await browser.post(path, {"start": later.isoformat(), "key": "k" * 32})
    assert answer.status_code == 409
    assert "has just been taken by someone else" in answer.text
    assert STARTS.findall(answer.text)
    answer = await browser.post(path, {"start": "2026-11-26T03:00:00+00:00", "key": "l" * 32})
    assert answer.status_code == 422
    assert "not open for booking" in answer.text


async def test_that_it_is_late_is_said_before_it_is_cancelled(site: Site) -> None:
    made = await book(site.office, ROSA, TEN)
    browser = await site.browser(ROSA)
    path = f"/appointments/{made.id.hex()}"
    in_time = (await browser.get(f"{path}/cancellation")).text
    assert "This is in time, so it does not count as late." in in_time
    site.clock.advance(timedelta(hours=2))
    await site.sign_in(browser, ROSA)
    late = (await browser.get(f"{path}/cancellation")).text
    assert "This is a late cancellation." in late
    key = KEY.search(late)
    assert key is not None
    await browser.post(f"{path}/cancellation", {"key": key[1]})
    assert "Cancelled, late" in (await browser.get(path)).text
    assert (await browser.get(f"{path}/cancellation")).status_code == 303


async def test_a_request_is_declined_with_other_times_and_one_is_taken(site: Site) -> None:
    await confirms_first(site)
    made = await book(site.office, ROSA, THURSDAY)
    path = f"/appointments/{made.id.hex()}"
    client, therapist = await site.browser(ROSA), await site.browser(NADIA)
    asked = (await client.get(path)).text
    assert "Asked, not booked yet" in asked
    assert "Nadia Behrens confirms it first, by Wednesday 25 November" in asked
    answer = (await therapist.get(f"{path}/answer")).text
    starts = re.findall(r'name="proposal-(\d)" value="([^"]+)"', answer)
    form = {f"proposal-{number}": start for number, start in starts}
    assert len(form) == 6
    too_many = await therapist.post(f"{path}/refusal", {**form, "message": "Sorry.", "key": "n" * 32})
    assert too_many.status_code == 422
    assert "Sorry.</textarea>" in too_many.text
    fields = {"message": "I am away.", "key": "o" * 32, "proposal-1": starts[0][1]}
    assert (await therapist.post(f"{path}/refusal", fields)).status_code == 303
    assert (await therapist.get(f"{path}/answer")).status_code == 303
    declined = (await client.get(path)).text
    assert STARTS.findall(declined) == [starts[0][1]]
    taken = await client.post(f"{path}/proposal", {"start": starts[0][1], "key": "p" * 32})
    assert "It is booked." in (await client.get(taken.headers["location"])).text


async def test_a_therapist_confirms_with_one_click(site: Site) -> None:
    await confirms_first(site)
    made = await book(site.office, ROSA, THURSDAY + timedelta(hours=6), therapist_id=OMAR.id)
    browser = await site.browser(OMAR)
    path = f"/appointments/{made.id.hex()}"
    assert "Answer it" in (await browser.get(path)).text
    assert (await browser.post(f"{path}/confirmation", {"key": "c" * 32})).status_code == 303
    assert (await acts.appointment(site.office, ROSA, made.id)).state == "booked"


async def test_the_front_desk_proposes_other_times_and_the_appointment_stays_until_one_is_taken(
    site: Site,
) -> None:
    made = await book(site.office, ROSA, THURSDAY)
    desk, path = await site.browser(DESK), f"/appointments/{made.id.hex()}"
    assert f"{path}/proposals" in (await desk.get(path)).text
    starts = re.findall(r'name="proposal-\d" value="([^"]+)"', (await desk.get(f"{path}/proposals")).text)
    nothing = await desk.post(f"{path}/proposals", {"message": "She has to travel.", "key": "q" * 32})
    assert nothing.status_code == 422
    assert "Please choose the times to propose." in nothing.text
    assert "She has to travel." in nothing.text
    form = {"proposal-1": starts[0], "proposal-2": starts[1], "key": "r" * 32}
    answer = await desk.post(f"{path}/proposals", form)
    shown = (await desk.get(answer.headers["location"])).text
    assert "The other times are proposed." in shown
    assert "the appointment stays as it is" in shown
    client = await site.browser(ROSA)
    assert "Until then the appointment stays as it is." in (await client.get(path)).text
    taken = await client.post(f"{path}/proposal", {"start": starts[1], "key": "s" * 32})
    assert taken.status_code == 303
    assert "Proposed instead" not in (await desk.get(path)).text
