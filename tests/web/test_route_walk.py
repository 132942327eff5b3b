"""Every route x every person: the status that stands in the table, and an entry for every look, change and refusal."""

import re
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select
from starlette.routing import Mount, Route

from telehealth.audit.models import audit_leaves
from telehealth.audit.rules import pseudonym
from telehealth.person import Person
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site
from tests.web.route_table import ROWS, WHO, Row
from tests.web.scenes import Sent

CELL = re.compile(r"(\d{3})([+!]?)")
TESTS = Path(__file__).parents[1]


@dataclass(frozen=True)
class Seen:
    """One entry of the record: its type and outcome, and the pseudonyms of whom it concerns and of who did it."""

    type: str
    outcome: str
    patient: bytes | None
    agent: bytes | None


async def test_every_route_is_in_the_table_once(site: Site) -> None:
    routes = [
        f"{method} {route.path}"
        for route in site.app.routes
        if isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    assert sorted(row.route for row in ROWS) == sorted(routes)
    assert all(isinstance(route, Route | Mount) or route.path == "/signaling" for route in site.app.routes)  # type: ignore[attr-defined]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
def test_the_entry_of_every_act_is_shown_somewhere(row: Row) -> None:
    marks = {mark for _, mark in CELL.findall(row.cells)}
    assert ("+" in marks or bool(row.shown)) == bool(row.leaves), (
        "entries need a type, and a type needs an entry"
    )
    if row.shown:
        path, name = row.shown.split("::")
        assert f"def {name}(" in (TESTS.parent / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
async def test_a_route_answers_each_person_as_written_and_puts_it_on_record(site: Site, row: Row) -> None:
    written = row.cells.split()
    said = [await _said(site, row, person) for person in WHO]
    wrong = [
        f"{_name(person)}: written {cell}, answered {answer}"
        for person, cell, answer in zip(WHO, written, said, strict=True)
        if cell != answer
    ]
    assert not wrong, "\n".join(wrong)


async def _said(site: Site, row: Row, person: Person | None) -> str:
    """The cell as it is: asks the route as this person and compares the record before and after."""
    browser = await site.browser(person)
    sent = await row.scene(site, browser, person)
    token = await browser.token()
    before = await _record(site)
    answer = await _ask(browser, row, sent, token)
    added = [entry for id_, entry in (await _record(site)).items() if id_ not in before]
    return f"{answer.status_code}{_mark(site, row, sent, person, added)}"


async def _ask(browser: Browser, row: Row, sent: Sent, token: str) -> httpx2.Response:
    path = row.path
    for name, value in sent.ids.items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, "the scene fills every part of the path"
    if row.method == "GET":
        return await browser.get(path + sent.query)
    if sent.json is None:
        return await browser.post(path + sent.query, dict(sent.form), token=token)
    headers = {"X-CSRF-Token": token, "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    return await browser.client.post(path + sent.query, json=sent.json, headers=headers)


def _mark(site: Site, row: Row, sent: Sent, person: Person | None, added: list[Seen]) -> str:
    """Which mark of the table these entries are; in words where they are none of them."""
    if not added:
        return ""
    owner = sent.owner or person
    patient = None if owner is None or sent.about_nobody else _pseudonym(site, owner)
    types, outcomes = {entry.type for entry in added}, {entry.outcome for entry in added}
    is_about_owner = patient in {entry.patient for entry in added}
    asker = None if person is None else _pseudonym(site, person)
    doers = {asker, patient, None} if sent.arrives else {asker}
    is_by_asker = {entry.agent for entry in added} <= doers
    needed = {type_ for type_ in row.leaves.split() if not type_.endswith("?")}
    if is_about_owner and is_by_asker and outcomes == {"success"} and needed <= types <= _allowed(row):
        return "+"
    if is_about_owner and is_by_asker and outcomes == {"refused"} and types == {row.refused}:
        return "!"
    return f":{sorted(types)}:{sorted(outcomes)}:about_owner={is_about_owner}:by_asker={is_by_asker}".replace(
        " ", ""
    )


def _allowed(row: Row) -> set[str]:
    return {type_.rstrip("?") for type_ in row.leaves.split()}


async def _record(site: Site) -> dict[bytes, Seen]:
    names = ("id", "type", "outcome", "patient", "agent")
    query = select(*(audit_leaves.c[name] for name in names))
    async with site.office.database.reading() as connection:
        return {id_: Seen(*rest) for id_, *rest in await connection.execute(query)}


def _name(person: Person | None) -> str:
    return "a visitor" if person is None else person.id.decode().strip(".")


def _pseudonym(site: Site, person: Person) -> bytes:
    return pseudonym(site.office._pseudonym_key, person.id)
