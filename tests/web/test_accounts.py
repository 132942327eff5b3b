"""The administrator's pages of accounts: found, closed and opened with a fresh proof, and by nobody else."""

import re

import pytest
from sqlalchemy import update

from telehealth.people.models import sessions
from telehealth.people.rules import STEP_UP
from telehealth.person import Person
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA, STRANGER
from tests.web.browser import hidden_fields
from tests.web.conftest import Site

PEOPLE = "/clinic/people"


def of(person: Person, what: str = "") -> str:
    """The page of one account, or what can be done there."""
    return f"{PEOPLE}/{person.id.hex()}{what}"


async def test_the_staff_stand_there_by_name_and_clients_do_not(site: Site) -> None:
    admin = await site.browser(ADMIN)
    await site.browser(NADIA)
    page = (await admin.get(PEOPLE)).text
    for name in ("Nadia Behrens", "Omar Fassbinder", "Dora Desk", "Ada Admin"):
        assert name in page
    assert "Rosa" not in page
    assert "Mika" not in page


async def test_a_client_is_found_by_the_exact_id_and_shown_without_a_name(site: Site) -> None:
    admin = await site.browser(ADMIN)
    for typed in (ROSA.id.hex(), f"  {ROSA.id.hex().upper()} "):
        answer = await admin.client.get(PEOPLE, params={"id": typed})
        assert (answer.status_code, answer.headers["location"]) == (303, of(ROSA))
    page = (await admin.get(of(ROSA))).text
    assert "A client&#39;s account" in page or "A client's account" in page
    assert "Rosa" not in page


@pytest.mark.parametrize("typed", ["0" * 32, "rosa", ROSA.id.hex()[:31], "<script>"])
async def test_an_id_that_nobody_has_is_said_to_be_so_and_kept(site: Site, typed: str) -> None:
    admin = await site.browser(ADMIN)
    answer = await admin.client.get(PEOPLE, params={"id": typed})
    assert answer.status_code == 404
    assert "Nobody here has this id." in answer.text
    assert "<script>" not in answer.text.split("<main")[1]


async def test_an_account_is_closed_and_opened_again(site: Site) -> None:
    admin, nadia = await site.browser(ADMIN), await site.browser(NADIA)
    assert (await admin.post(of(NADIA, "/closing"))).headers["location"] == of(NADIA, "?done=closed")
    assert (await nadia.get("/today")).status_code == 303
    page = (await admin.get(of(NADIA))).text
    assert "Closed since Monday 23 November 2026" in page
    assert "Open the account again" in page
    assert (await admin.post(of(NADIA, "/opening"))).headers["location"] == of(NADIA, "?done=opened")
    await site.sign_in(nadia, NADIA)
    assert (await nadia.get("/today")).status_code == 200


async def test_every_session_of_one_account_ends(site: Site) -> None:
    admin, rosa, mika = [await site.browser(person) for person in (ADMIN, ROSA, MIKA)]
    assert (await admin.post(of(ROSA, "/sessions/ending"))).status_code == 303
    assert [(await each.get("/profile")).status_code for each in (rosa, mika, admin)] == [303, 200, 200]


async def test_nobody_closes_the_account_they_are_signed_in_with(site: Site) -> None:
    admin = await site.browser(ADMIN)
    assert "Close the account" not in (await admin.get(of(ADMIN))).text
    answer = await admin.post(of(ADMIN, "/closing"))
    assert answer.status_code == 409
    assert "own_account" in answer.text
    assert (await admin.get(PEOPLE)).status_code == 200


async def test_everybody_is_signed_out_once_the_word_is_typed(site: Site) -> None:
    admin, rosa, nadia = [await site.browser(person) for person in (ADMIN, ROSA, NADIA)]
    for word in ("", "nobody"):
        answer = await admin.post("/clinic/sessions/ending", {"word": word})
        assert answer.status_code == 422
        assert "Nobody was signed out." in answer.text
    assert (await rosa.get("/profile")).status_code == 200
    answer = await admin.post("/clinic/sessions/ending", {"word": " Everybody "})
    assert answer.headers["location"] == f"{PEOPLE}?done=everybody"
    assert [(await each.get("/profile")).status_code for each in (rosa, nadia, admin)] == [303, 303, 200]


async def test_each_of_them_needs_a_fresh_proof(site: Site) -> None:
    admin = await site.browser(ADMIN)
    rosa = await site.browser(ROSA)
    site.clock.advance(minutes=5)
    back = of(ROSA).replace("/", "%2F")
    for what in ("/sessions/ending", "/closing", "/opening"):
        answer = await admin.post(of(ROSA, what))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/auth/step-up?next={back}")
    answer = await admin.post("/clinic/sessions/ending", {"word": "everybody"})
    assert answer.headers["location"] == "/auth/step-up?next=%2Fclinic%2Fpeople"
    for path in (PEOPLE, of(ROSA)):
        answer = await admin.get(path)
        assert answer.headers["location"] == f"/auth/step-up?next={path.replace('/', '%2F')}"
    assert (await rosa.get("/profile")).status_code == 200


@pytest.mark.parametrize("person", [ROSA, STRANGER, NADIA, OMAR, DESK])
async def test_for_everybody_else_there_is_nothing_here_however_fresh_or_stale(
    site: Site, person: Person
) -> None:
    browser = await site.browser(person)
    for _ in range(2):
        for path in (PEOPLE, of(MIKA), of(person)):
            assert (await browser.get(path)).status_code == 404
        for path in (of(MIKA, "/sessions/ending"), of(MIKA, "/closing"), of(MIKA, "/opening")):
            assert (await browser.post(path)).status_code == 404
        assert (await browser.post("/clinic/sessions/ending", {"word": "everybody"})).status_code == 404
        site.clock.advance(minutes=6)


async def test_an_old_proof_keeps_what_was_typed_about_somebody_new(site: Site) -> None:
    browser = await site.browser(ADMIN)
    form = hidden_fields((await browser.get("/clinic/people/new")).text)
    token, key = form["csrf_token"], form["key"]
    typed = {"name": "Lena New", "role": "front_desk", "key": key}
    site.clock.advance(STEP_UP)
    answer = await browser.post("/clinic/people", typed, token=token)
    assert answer.status_code == 403
    assert 'value="Lena New"' in answer.text
    assert re.search(r'value="front_desk"\s+checked', answer.text)
    assert 'href="/auth/step-up?next=/clinic/people" target="_blank"' in answer.text
    proven = update(sessions).where(sessions.c.person_id == ADMIN.id).values(stepped_up_at=site.clock())
    async with site.office.database.transaction() as connection:
        await connection.execute(proven)
    assert (await browser.post("/clinic/people", typed, token=token)).status_code == 303


async def test_a_colleague_gets_another_role_and_is_out(site: Site) -> None:
    browser, desk = await site.browser(ADMIN), await site.browser(DESK)
    path = f"/clinic/people/{DESK.id.hex()}"
    assert f'action="{path}/role"' in (await browser.get(path)).text
    answer = await browser.post(f"{path}/role", {"role": "client"})
    assert answer.status_code == 422
    answer = await browser.post(f"{path}/role", {"role": "administrator"})
    assert "They sign in again with it" in (await browser.get(answer.headers["location"])).text
    assert (await desk.get("/desk")).status_code == 303
    own = f"/clinic/people/{ADMIN.id.hex()}"
    assert f"{own}/role" not in (await browser.get(own)).text
    assert (await browser.post(f"{own}/role", {"role": "front_desk"})).status_code == 409
