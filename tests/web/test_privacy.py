"""One's own data: seen, taken along, erased; each only with a fresh proof of who asks, and only one's own."""

import io
import json
import re
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from telehealth.people.models import people, sessions
from telehealth.privacy import acts, holding
from telehealth.privacy.certificate import read
from tests.people import ADMIN, DESK, MIKA, NADIA, ROSA
from tests.unit.appointments.scene import book
from tests.unit.privacy.scene import keys_of, types_about
from tests.web.conftest import Site
from tests.web.emergencies import rosas_notice

STALE = timedelta(minutes=6)
WAITS = "There is a message for you."


async def test_the_page_says_what_is_kept_and_how_long(site: Site) -> None:
    text = (await (await site.browser(ROSA)).get("/privacy")).text
    assert "<title>Your data</title>" in text
    assert "10 years from the last appointment" in text
    assert "4 years from the end of the appointment" in text
    assert 'href="/looks"' in text
    assert 'href="/privacy/erasure"' in text
    assert "erased by the practice" not in text


async def test_a_copy_of_ones_own_data_is_an_archive_that_nothing_keeps(site: Site) -> None:
    await book(site.office, ROSA, reason="Words of Rosa's own")
    answer = await (await site.browser(ROSA)).post("/privacy/export")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="data-2026-11-23.zip"'
    assert "no-store" in answer.headers["cache-control"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        values = json.loads(archive.read("data.json"))
    assert values["appointments"][0]["what_you_wrote"] == "Words of Rosa's own"
    assert values["practice"] == "Linden Practice"


@pytest.mark.parametrize(
    ("path", "back"), [("/privacy/export", "%2Fprivacy"), ("/privacy/erasure", "%2Fprivacy%2Ferasure")]
)
async def test_an_old_proof_is_not_enough(site: Site, path: str, back: str) -> None:
    browser = await site.browser(ROSA)
    site.clock.advance(STALE)
    answer = await browser.post(path, {"word": "erase"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/auth/step-up?next={back}")
    assert len(await keys_of(site.office, ROSA.id)) == 4
    assert "person.export" not in await types_about(site.office, ROSA.id)


async def test_the_page_of_the_end_asks_for_a_fresh_proof_first(site: Site) -> None:
    browser = await site.browser(ROSA)
    site.clock.advance(STALE)
    answer = await browser.get("/privacy/erasure")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/auth/step-up?next=")


async def test_the_page_of_the_end_says_what_goes_and_what_stays(site: Site) -> None:
    await book(site.office, ROSA)
    text = (await (await site.browser(ROSA)).get("/privacy/erasure")).text
    assert "The appointment you have ahead is cancelled" in text
    assert "gone after 28 days" in text
    assert "because the law makes us keep it" not in text


async def test_what_must_stay_is_said_with_its_reason_before(site: Site) -> None:
    await holding.hold(site.office, ADMIN, ROSA.id, cls="booking", reason="Claim, file 17")
    text = (await (await site.browser(ROSA)).get("/privacy/erasure")).text
    assert "Your appointments and what you wrote for them" in text
    assert "Claim, file 17" in text


@pytest.mark.parametrize("word", ["", "delete", "erase me"])
async def test_nothing_is_erased_without_the_word(site: Site, word: str) -> None:
    browser = await site.browser(ROSA)
    answer = await browser.post("/privacy/erasure", {"word": word})
    assert answer.status_code == 422
    assert "type the word erase" in answer.text
    assert len(await keys_of(site.office, ROSA.id)) == 4


async def test_who_is_erased_is_signed_out_everywhere_and_gets_the_certificate(site: Site) -> None:
    browser = await site.browser(ROSA)
    elsewhere = await site.browser(ROSA)
    answer = await browser.post("/privacy/erasure", {"word": " Erase "})
    assert answer.status_code == 200
    assert "It is erased" in answer.text
    assert "Sign out" not in answer.text
    assert "Rosa" not in answer.text
    assert await keys_of(site.office, ROSA.id) == set()
    note = re.search(r"<pre[^>]*>(.*?)</pre>", answer.text, re.DOTALL)
    assert note is not None
    assert note[1].startswith("test-clinic/erasures\n{")
    (stone,) = site.app.state.registry.tombstones.read()
    assert stone.subject_id == ROSA.id
    for each in (browser, elsewhere):
        assert (await each.get("/appointments")).headers["location"].startswith("/auth/sign-in")
    async with site.office.database.reading() as c:
        assert (await c.execute(select(sessions).where(sessions.c.person_id == ROSA.id))).all() == []


async def test_an_erasure_hangs_up_the_sockets_of_every_session_that_ended(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[bytes] = []
    monkeypatch.setattr(site.app.state, "hang_up", ended.extend)
    browser = await site.browser(ROSA)
    elsewhere = await site.session_elsewhere(ROSA)
    stays = await site.session_elsewhere(MIKA)
    assert (await browser.post("/privacy/erasure", {"word": "erase"})).status_code == 200
    assert len(ended) == 2
    assert elsewhere in ended
    assert stays not in ended


async def test_nothing_waits_any_more_for_who_was_erased(site: Site) -> None:
    await rosas_notice(site, await site.browser(), None)
    browser = await site.browser(ROSA)
    assert WAITS in (await browser.get("/privacy/erasure")).text
    answer = await browser.post("/privacy/erasure", {"word": "erase"})
    assert "It is erased" in answer.text
    assert WAITS not in answer.text


async def test_every_list_goes_on_with_somebody_erased_in_it(site: Site) -> None:
    made = await book(site.office, ROSA, reason="planted-reason")
    await (await site.browser(ROSA)).post("/privacy/erasure", {"word": "erase"})
    for person, path in ((NADIA, "/today"), (DESK, "/desk")):
        answer = await (await site.browser(person)).get(f"{path}?day=2026-11-24")
        assert answer.status_code == 200
        assert "planted-reason" not in answer.text
    nadia = await site.browser(NADIA)
    assert (await nadia.get(f"/appointments/{made.id.hex()}")).status_code == 200
    admin = await site.browser(ADMIN)
    for path in ("/audit", "/clinic/people", f"/clinic/people/{ROSA.id.hex()}", "/clinic"):
        assert (await admin.get(path)).status_code == 200, path
    assert (await (await site.browser(MIKA)).get("/appointments")).status_code == 200


async def test_an_erased_persons_account_cannot_be_opened_again(site: Site) -> None:
    await holding.hold(site.office, ADMIN, ROSA.id, cls="account", reason="Claim, file 17")
    await (await site.browser(ROSA)).post("/privacy/erasure", {"word": "erase"})
    admin = await site.browser(ADMIN)
    answer = await admin.post(f"/clinic/people/{ROSA.id.hex()}/opening")
    assert (answer.status_code, "stays closed" in answer.text) == (409, True)
    async with site.office.database.reading() as c:
        row = (await c.execute(select(people.c.disabled_at).where(people.c.id == ROSA.id))).one()
    assert row.disabled_at is not None


async def test_a_therapist_who_is_erased_is_on_no_public_page(site: Site) -> None:
    await acts.erase(site.app.state.registry, None, NADIA.id)
    browser = await site.browser()
    for path in ("/", "/times"):
        text = (await browser.get(path)).text
        assert "Omar" in text, path
        assert "Nadia" not in text, path
        assert "former therapist" not in text, path


async def test_staff_are_told_to_ask(site: Site) -> None:
    browser = await site.browser(NADIA)
    assert "erased by the practice" in (await browser.get("/privacy")).text
    assert 'name="word"' not in (await browser.get("/privacy/erasure")).text
    answer = await browser.post("/privacy/erasure", {"word": "erase"})
    assert answer.status_code == 403
    assert len(await keys_of(site.office, NADIA.id)) == 4


async def test_nobody_erases_somebody_else_by_a_foreign_form(site: Site) -> None:
    browser = await site.browser(ROSA)
    for sent in ({"token": "0" * 32}, {"Origin": "https://elsewhere.example"}):
        answer = await browser.post("/privacy/erasure", {"word": "erase"}, **sent)
        assert answer.status_code == 403
    assert len(await keys_of(site.office, ROSA.id)) == 4


async def test_the_note_on_the_page_is_ours(site: Site) -> None:
    answer = await (await site.browser(MIKA)).post("/privacy/erasure", {"word": "erase"})
    assert answer.status_code == 200
    text = site.app.state.registry.tombstones.file.read_text()
    assert read(site.settings.audit_key, "test-clinic", text).subject_id == MIKA.id
