"""Every route x every person: the status that stands in the table, and an entry for every look, change and refusal."""

import re
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from telehealth.person import Person
from tests.people import EVERYBODY
from tests.web.conftest import Site
from tests.web.route_table import ROWS, WHO, Row
from tests.web.scenes import Sent
from tests.web.walking import Seen, ask, differing, name_of, pseudonym_of, record, state

CELL = re.compile(r"(\d{3})([+!]?)")
TESTS = Path(__file__).parents[1]


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
        f"{name_of(person)}: written {cell}, answered {answer}"
        for person, cell, answer in zip(WHO, written, said, strict=True)
        if cell != answer
    ]
    assert not wrong, "\n".join(wrong)


async def _said(site: Site, row: Row, person: Person | None) -> str:
    """The cell as it is: asks the route as this person and compares the record before and after."""
    browser = await site.browser(person)
    sent = await row.scene(site, browser, person)
    token = await browser.token()
    before, stood = await record(site), await state(site) if row.method == "GET" else {}
    answer = await ask(browser, row, sent, token)
    if row.method == "GET" and (changed := differing(stood, await state(site))):
        return f"{answer.status_code}:changed:{','.join(changed)}"
    added = [entry for id_, entry in (await record(site)).items() if id_ not in before]
    return f"{answer.status_code}{_mark(site, row, sent, person, added)}"


def _mark(site: Site, row: Row, sent: Sent, person: Person | None, added: list[Seen]) -> str:
    """Which mark of the table these entries are; in words where they are none of them."""
    if not added:
        return ""
    owner = sent.owner or person
    patient = None if owner is None or sent.about_nobody else pseudonym_of(site, owner)
    types, outcomes = {entry.type for entry in added}, {entry.outcome for entry in added}
    patients = {entry.patient for entry in added}
    is_about_owner = patient in patients
    if sent.about_somebody_new and outcomes == {"success"}:
        is_about_owner = None not in patients and not patients & {
            pseudonym_of(site, each) for each in EVERYBODY
        }
    asker = None if person is None else pseudonym_of(site, person)
    doers = {asker, patient, None} if sent.arrives else {asker}
    is_by_asker = {entry.agent for entry in added} <= doers
    needed = {type_ for type_ in row.leaves.split() if not type_.endswith("?")}
    names_all = {pseudonym_of(site, each) for each in sent.also} <= {entry.patient for entry in added}
    is_whole = names_all and needed <= types <= _allowed(row)
    if is_about_owner and is_by_asker and outcomes == {"success"} and is_whole:
        return "+"
    if is_about_owner and is_by_asker and outcomes == {"refused"} and types == {row.refused}:
        return "!"
    return f":{sorted(types)}:{sorted(outcomes)}:about_owner={is_about_owner}:by_asker={is_by_asker}".replace(
        " ", ""
    )


def _allowed(row: Row) -> set[str]:
    return {type_.rstrip("?") for type_ in row.leaves.split()}
