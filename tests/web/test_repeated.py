"""Every change that is asked for twice with the same key is made once, and both answers are the same."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx2
import pytest

from telehealth.person import Person
from telehealth.web.forms import KEY_HEADER
from tests.people import ADMIN, DESK, MIKA, NADIA, OMAR, ROSA
from tests.unit.appointments.scene import new_key
from tests.web.browser import Browser
from tests.web.conftest import Site
from tests.web.route_table import ROWS, Row
from tests.web.scenes import Sent
from tests.web.walking import ask, differing, record, state

# Who does it. What stands in BY_NATURE needs no key: asked twice it finds that there is nothing left to do.
KEYED: Final[dict[str, Person | None]] = {
    "POST /appointments": ROSA,
    "POST /appointments/{id}/time": ROSA,
    "POST /appointments/{id}/cancellation": ROSA,
    "POST /appointments/{id}/confirmation": NADIA,
    "POST /appointments/{id}/refusal": NADIA,
    "POST /appointments/{id}/proposals": NADIA,
    "POST /appointments/{id}/proposal": ROSA,
    "POST /appointments/{id}/outcome": NADIA,
    "POST /appointments/{id}/invitation": ROSA,
    "POST /appointments/{id}/invitation/withdrawal": ROSA,
    "POST /appointments/{id}/agreement": MIKA,
    "POST /appointments/{id}/departure": ROSA,
    "POST /appointments/{id}/joining": MIKA,
    "POST /appointments/{id}/joining/refusal": MIKA,
    "POST /appointments/{id}/joining/suggestion": MIKA,
    "POST /hours/weekly": NADIA,
    "POST /hours/weekly/{id}": NADIA,
    "POST /hours/days": NADIA,
    "POST /hours/days/{id}": NADIA,
    "POST /hours/workload": NADIA,
    "POST /hours/{id}/removal": NADIA,
    "POST /calendars": NADIA,
    "POST /calendars/{id}/removal": NADIA,
    "POST /calendars/feed": NADIA,
    "POST /calendars/feed/removal": NADIA,
    "POST /waiting": ROSA,
    "POST /waiting/{id}/ending": ROSA,
    "POST /offers/{id}/acceptance": ROSA,
    "POST /offers/{id}/refusal": ROSA,
    "POST /clients/{id}/booking": DESK,
    "POST /clinic/services": ADMIN,
    "POST /clinic/services/{id}": ADMIN,
    "POST /clinic/services/{id}/retirement": ADMIN,
    "POST /clinic/services/{id}/return": ADMIN,
    "POST /clinic/people": ADMIN,
    "POST /clinic/therapists/{id}": ADMIN,
    "POST /clinic/therapists/{id}/retirement": ADMIN,
    "POST /clinic/therapists/{id}/return": ADMIN,
    "POST /clinic/policies": ADMIN,
    "POST /clinic/emergency-numbers": ADMIN,
    "POST /clinic/emergency-numbers/{id}": ADMIN,
    "POST /clinic/emergency-numbers/{id}/removal": ADMIN,
    "POST /clinic/outbox/{id}/retry": ADMIN,
    "POST /clinic/outbox/{id}/removal": ADMIN,
    "POST /notices/preferences": ROSA,
    "POST /notices/{id}/receipt": ROSA,
    "POST /profile": ROSA,
    "POST /passkeys/{id}/name": ROSA,
    "POST /passkeys/{id}/removal": ROSA,
    "POST /sessions/ending": ROSA,
    "POST /sessions/{id}/ending": ROSA,
    "POST /clinic/passkey-codes": ADMIN,
    "POST /clinic/people/{id}/invitations": ADMIN,
    "POST /clinic/people/{id}/role": ADMIN,
    "POST /clinic/people/{id}/sessions/ending": ADMIN,
    "POST /clinic/people/{id}/closing": ADMIN,
    "POST /clinic/people/{id}/opening": ADMIN,
    "POST /clinic/sessions/ending": ADMIN,
    "POST /emergency": OMAR,
    "POST /emergency/{id}/withdrawal": OMAR,
    "POST /emergency/{id}/confirmation": DESK,
    "POST /emergency/{id}/refusal": DESK,
    "POST /emergency/{id}/end": OMAR,
}
BY_NATURE: Final[dict[str, Person | None]] = {
    "POST /holds": None,  # a time that this browser holds already is the one it gets
    "POST /holds/{id}/release": None,
    "POST /appointments/{id}/connection": ROSA,
    "POST /appointments/{id}/whereabouts": ROSA,
    "POST /appointments/{id}/impression": ROSA,
    "POST /appointments/{id}/notes": NADIA,
    "POST /appointments/{id}/way": NADIA,
    "POST /session/stay": ROSA,
    "POST /zone": ROSA,
    "POST /return": ROSA,
}
WITHOUT: Final[dict[str, str]] = {
    "POST /clinic/relay": "it changes nothing: machines try the line",
    "POST /probe/tickets": "a ticket works once, so new ones are asked for each time",
    "POST /check/tickets": "a ticket works once, so a new one is asked for each time",
    "POST /appointments/{id}/difference": "each time that words differ is on record",
    "POST /appointments/{id}/tickets": "a ticket works once, so a new one is asked for each time",
    "POST /clients": "it only looks, with the words in the body",
    "POST /privacy/export": "it only reads",
    "POST /privacy/erasure": "nobody is left who could ask again",
    "POST /leave": "nobody is signed in any more",
    "POST /auth/sign-in": "on to the provider, whose answer works once",
    "POST /auth/invitation": "on to the provider, whose answer works once",
    "POST /auth/step-up": "on to the provider, whose answer works once",
    "POST /auth/sign-out": "nobody is signed in any more",
    "POST /auth/back-channel/{provider}": "a logout token works once (its jti)",
    "POST /auth/passkey/sign-in/options": "a new challenge, which works once",
    "POST /auth/passkey/sign-in": "a challenge works once",
    "POST /auth/passkey/confirmation/options": "a new challenge, which works once",
    "POST /auth/passkey/confirmation": "a challenge works once",
    "POST /auth/passkey/new/options": "a new challenge, which works once",
    "POST /auth/passkey/new": "a challenge works once",
}
TEMPLATES = Path(__file__).parents[2] / "frontend" / "templates"
FORM = re.compile(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
PLACE = re.compile(r"\{\{.*?\}\}")
CODE = re.compile(r'class="passkey-code">([^<]+)<')
FEED = re.compile(r'value="http://localhost:8000(/feeds/[^"]+)"')
CHANCE = re.compile(r"[0-9a-f]{12,64}")  # tokens, keys for the next form, the id of the request


def rows(among: dict[str, Person | None]) -> list[Row]:
    return [row for row in ROWS if row.route in among]


@pytest.mark.parametrize("row", rows(KEYED | BY_NATURE), ids=lambda row: row.route)
async def test_the_same_form_sent_twice_changes_once_and_answers_the_same(site: Site, row: Row) -> None:
    browser, sent = await _prepared(site, row)
    token = await browser.token()
    if row.route in KEYED:
        stood = await state(site)
        keyless = Sent(ids=sent.ids, form={**sent.form, "key": ""})
        assert (await ask(browser, row, keyless, token)).status_code == 422
        assert differing(stood, await state(site)) == []
    first = await ask(browser, row, sent, token)
    assert first.status_code in (200, 204, 303), first.text
    changed, known = await state(site), await record(site)
    again = await ask(browser, row, sent, token)
    assert _said(again, row) == _said(first, row)
    assert differing(changed, await state(site)) == []
    added = [each for id_, each in (await record(site)).items() if id_ not in known]
    assert {each.type for each in added if each.outcome == "success"} <= {"record.look"}


async def test_a_machine_may_send_the_key_as_a_header(site: Site) -> None:
    (row,) = rows({"POST /hours/workload": NADIA})
    browser, sent = await _prepared(site, row)
    fields = dict(sent.form)
    key = fields.pop("key")
    first = await browser.post(row.path, fields, **{KEY_HEADER: f'"{key}"'})
    assert first.status_code == 303
    changed = await state(site)
    for form, said in ((fields, key), (fields | {"key": key}, key), (fields | {"key": key}, "")):
        again = await browser.post(row.path, form, **{KEY_HEADER: said})
        assert _said(again, row) == _said(first, row)
    refused = await browser.post(row.path, fields | {"key": key}, **{KEY_HEADER: key[::-1] + "x"})
    assert refused.status_code == 422
    assert differing(changed, await state(site)) == []


def test_every_route_that_takes_something_says_what_a_second_time_does() -> None:
    known = [*KEYED, *BY_NATURE, *WITHOUT]
    assert sorted(known) == sorted(row.route for row in ROWS if row.method != "GET")


async def test_a_late_repetition_undoes_nothing_that_came_after(site: Site) -> None:
    """Closed, opened again, and only then the first form arrives once more: the account stays open."""
    (closing,) = rows({"POST /clinic/people/{id}/closing": ADMIN})
    (opening,) = rows({"POST /clinic/people/{id}/opening": ADMIN})
    browser, sent = await _prepared(site, closing)
    token = await browser.token()
    await ask(browser, closing, sent, token)
    await ask(browser, opening, Sent(ids=sent.ids), token)
    stands = await state(site)
    assert (await ask(browser, closing, sent, token)).status_code == 303
    assert differing(stands, await state(site)) == []


async def test_a_code_that_was_shown_is_shown_again_until_it_leads_nowhere(site: Site) -> None:
    for route in ("POST /clinic/people/{id}/invitations", "POST /clinic/passkey-codes"):
        (row,) = rows({route: ADMIN})
        browser, sent = await _prepared(site, row)
        token = await browser.token()
        pages = [(await ask(browser, row, sent, token)).text for _ in range(2)]
        shown = [CODE.findall(page) for page in pages]
        assert len(shown[0]) == 1
        assert shown[0] == shown[1]
        await ask(browser, row, Sent(ids=sent.ids, form={**sent.form, "key": new_key()}), token)
        assert CODE.findall((await ask(browser, row, sent, token)).text) == []


async def test_a_feed_is_shown_again_until_another_takes_its_place(site: Site) -> None:
    (row,) = rows({"POST /calendars/feed": NADIA})
    browser, sent = await _prepared(site, row)
    token = await browser.token()
    shown = [FEED.findall((await ask(browser, row, sent, token)).text) for _ in range(2)]
    assert len(shown[0]) == 1
    assert shown[0] == shown[1]
    assert (await browser.get(shown[0][0])).status_code == 200
    await ask(browser, row, Sent(form={"key": new_key()}), token)
    assert FEED.findall((await ask(browser, row, sent, token)).text) == []


def test_every_form_of_a_page_that_needs_a_key_carries_one() -> None:
    keyed = {route.removeprefix("POST ") for route in KEYED}
    found = set()
    for file in sorted(TEMPLATES.rglob("*.html")):
        for action, inside in FORM.findall(file.read_text(encoding="utf-8")):
            path = PLACE.sub("{id}", action)
            if path in keyed:
                found.add(path)
                assert any(said in inside for said in ('name="key"', "hidden(", "forms.keyed(")), (
                    f"{file.name}: {path}"
                )
    assert len(found) > len(keyed) / 2


async def _prepared(site: Site, row: Row) -> tuple[Browser, Sent]:
    person = (KEYED | BY_NATURE)[row.route]
    browser = await site.browser(person)
    sent = await row.scene(site, browser, person)
    return browser, replace(sent, form={"key": new_key(), **sent.form}) if row.route in KEYED else sent


def _said(answer: httpx2.Response, row: Row) -> tuple[int, str, str]:
    """The answer but for chance; of what is idempotent by nature it is the page alone that must be the same."""
    way = answer.headers.get("location", "")
    return answer.status_code, way if row.route in KEYED else way.split("?")[0], CHANCE.sub("#", answer.text)
