"""What cannot be undone or gives much away needs a proof of the last five minutes: without it nothing happens."""

import re
from collections.abc import Sequence

import pytest

from telehealth.people.rules import STEP_UP
from tests.web.conftest import Site
from tests.web.route_table import ROWS, WHO, Row
from tests.web.scenes import Sent
from tests.web.walking import Seen, ask, name_of, pseudonym_of, record

OTHERS = ("/clinic/people/{", "/clinic/therapists/{", "/emergency/{")
STALE = [row for row in ROWS if row.stale]
# Export, erasure, keys, staff changes, other people's sessions, passkeys, emergency access (security.md, section 4).
DANGEROUS = re.compile(
    r"POST /privacy/(export|erasure)|\w+ /passkeys|POST /auth/passkey/new|POST /sessions/.*ending"
    # Of an administrator's, all but what endangers nobody.
    r"|\w+ /clinic/(?!outbox|services|policies|relay|emergency-numbers|therapists/\{id\}$).+"
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
        added = [entry for id_, entry in (await record(site)).items() if id_ not in before]
        leads = "/auth/step-up" in answer.headers.get("location", "") + answer.text
        if (answer.status_code, leads) != (int(row.stale), True) or not _is_on_record(site, row, sent, added):
            wrong.append(f"{name_of(person)}: {answer.status_code}, leads to the step-up: {leads}, {added}")
    assert not wrong, "\n".join(wrong)


def _is_on_record(site: Site, row: Row, sent: Sent, added: Sequence[Seen]) -> bool:
    """About somebody else's record it is a refusal there; about one's own, and about nobody's, it leaves nothing."""
    if not row.path.startswith(OTHERS) and row.route != "POST /clinic/passkey-codes":
        return not added
    known = {pseudonym_of(site, sent.owner)} if sent.owner and row.path.startswith("/clinic/") else {None}
    return {entry.patient for entry in added} == known and {entry.type for entry in added} == {row.refused}


def test_what_is_walked_is_not_nothing() -> None:
    assert len(STALE) >= 15
