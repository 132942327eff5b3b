"""What cannot be undone or gives much away needs a proof of the last five minutes: without it nothing happens."""

import re

import pytest

from telehealth.people.rules import STEP_UP
from tests.web.conftest import Site
from tests.web.route_table import ROWS, WHO, Row
from tests.web.walking import ask, name_of, record

STALE = [row for row in ROWS if row.stale]
# Export, erasure, keys, staff changes, other people's sessions, passkeys, emergency access (security.md, section 4).
DANGEROUS = re.compile(
    r"POST /privacy/(export|erasure)|\w+ /passkeys|POST /auth/passkey/new|POST /sessions/.*ending"
    r"|\w+ /clinic/(?!services|policies|emergency-numbers|therapists/\{id\}$).+"  # but for what is no danger to anybody
    r"|POST /emergency/\{id\}/(confirmation|refusal)"
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
def test_a_dangerous_route_says_what_an_old_proof_gets(row: Row) -> None:
    assert bool(row.stale) or not DANGEROUS.match(row.route)


@pytest.mark.parametrize("row", STALE, ids=lambda row: row.route)
async def test_an_old_proof_leads_to_the_step_up_and_does_nothing(site: Site, row: Row) -> None:
    wrong = []
    for person, cell in zip(WHO, row.cells.split(), strict=True):
        if person is None or cell[0] not in "23":
            continue
        browser = await site.browser(person)
        sent = await row.scene(site, browser, person)
        site.clock.advance(STEP_UP)
        token = await browser.token()
        before = await record(site)
        answer = await ask(browser, row, sent, token)
        leads = "/auth/step-up" in answer.headers.get("location", "") + answer.text
        if (answer.status_code, leads, await record(site)) != (int(row.stale), True, before):
            wrong.append(f"{name_of(person)}: {answer.status_code}, leads to the step-up: {leads}")
    assert not wrong, "\n".join(wrong)


def test_what_is_walked_is_not_nothing() -> None:
    assert len(STALE) >= 15
