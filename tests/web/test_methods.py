"""What no address answers to: other methods, files of the source, and words that do not belong into an address."""

import re
from pathlib import Path

from starlette.routing import Route

from telehealth.office import FRONTEND
from tests.people import ADMIN
from tests.web.browser import ORIGIN
from tests.web.conftest import Site
from tests.web.dance import Dance
from tests.web.hostile_provider import HostileProvider

OTHERS = ("TRACE", "PUT", "PATCH", "DELETE", "OPTIONS")
HEADERS = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
PART = re.compile(r"\{(\w+)(?::\w+)?\}")
# What forms may send in an address: ids, days, kinds, the place behind which a list goes on, and which public service
# and therapist open times are looked at of.
FIELDS = {"id", "agent", "person", "kind", "outcome", "from", "to", "service", "therapist"}


async def test_no_address_answers_to_another_method(site: Site) -> None:
    browser = await site.browser(ADMIN)
    token = await browser.token()
    wrong = []
    for path in {route.path for route in site.app.routes if isinstance(route, Route)}:
        asked = PART.sub("0" * 32, path)
        for method in OTHERS:
            answer = await browser.client.request(method, asked, headers={**HEADERS, "X-CSRF-Token": token})
            if answer.status_code != 405 or answer.headers.get("allow", "GET").find(method) >= 0:
                wrong.append((method, path, answer.status_code))
    assert not wrong


async def test_nothing_of_the_source_can_be_fetched(site: Site) -> None:
    browser = await site.browser()
    for path in (
        "/.git/HEAD",
        "/.git/config",
        "/static/.git/config",
        "/static/../.git/HEAD",
        "/pyproject.toml",
    ):
        assert (await browser.get(path)).status_code == 404


def test_forms_put_nothing_about_a_person_into_an_address() -> None:
    forms = 0
    for file in Path(FRONTEND / "templates").rglob("*.html"):
        for form in re.findall(
            r'<form[^>]*method="get".*?</form>', file.read_text(encoding="utf-8"), re.DOTALL
        ):
            forms += 1
            sent = re.findall(r'name="(\w+)"', form) + re.findall(r'typed\("(\w+)"', form)
            assert set(sent) <= FIELDS, file.name
    assert forms >= 2


async def test_no_token_of_the_provider_reaches_the_browser(dance: Dance, provider: HostileProvider) -> None:
    made: list[str] = []
    make = provider.id_token

    def kept(nonce: str, access_token: str) -> str:
        made.extend((access_token, make(nonce, access_token)))
        return made[-1]

    provider.id_token = kept  # type: ignore[method-assign]
    browser = await dance.site.browser()
    answers = [await dance.sign_in(browser), await browser.get("/profile"), await browser.get("/sessions")]
    assert len(made) == 2
    for answer in answers:
        whole = answer.text + str(answer.headers.raw)
        assert not [token for token in made if token in whole]
