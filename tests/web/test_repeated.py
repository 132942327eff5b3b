"""Every change that is asked for twice with the same key is made once, and both answers are the same."""

import re
from pathlib import Path
from typing import Final

import httpx2
import pytest

from telehealth.person import Person
from telehealth.web.forms import KEY_HEADER
from tests.people import ADMIN, DESK, MIKA, NADIA, ROSA
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
    "POST /appointments/{id}/proposal": ROSA,
    "POST /appointments/{id}/outcome": NADIA,
    "POST /appointments/{id}/invitation": ROSA,
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
    "POST /waiting": ROSA,
    "POST /offers/{id}/acceptance": ROSA,
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
}
BY_NATURE: Final[dict[str, Person | None]] = {
    "POST /holds": None,
    "POST /holds/{id}/release": None,
    "POST /appointments/{id}/invitation/withdrawal": ROSA,
    "POST /offers/{id}/refusal": ROSA,
    "POST /waiting/{id}/ending": ROSA,
    "POST /calendars/feed/removal": NADIA,
}
TEMPLATES = Path(__file__).parents[2] / "frontend" / "templates"
FORM = re.compile(r'<form method="post" action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)
PLACE = re.compile(r"\{\{.*?\}\}")
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
    assert first.status_code in (200, 303), first.text
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


def test_every_form_of_a_page_that_needs_a_key_carries_one() -> None:
    keyed = {route.removeprefix("POST ") for route in KEYED}
    found = set()
    for file in sorted(TEMPLATES.rglob("*.html")):
        for action, inside in FORM.findall(file.read_text(encoding="utf-8")):
            path = PLACE.sub("{id}", action)
            if path in keyed:
                found.add(path)
                assert 'name="key"' in inside or "hidden(" in inside, f"{file.name}: {path}"
    assert len(found) > len(keyed) / 2


async def _prepared(site: Site, row: Row) -> tuple[Browser, Sent]:
    person = (KEYED | BY_NATURE)[row.route]
    browser = await site.browser(person)
    return browser, await row.scene(site, browser, person)


def _said(answer: httpx2.Response, row: Row) -> tuple[int, str, str]:
    """The answer but for chance; of what is idempotent by nature it is the page alone that must be the same."""
    way = answer.headers.get("location", "")
    return answer.status_code, way if row.route in KEYED else way.split("?")[0], CHANCE.sub("#", answer.text)
