"""The attempts of a rush as browsers send them: the whole application, but for the network."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from telehealth.app import create_app
from telehealth.audit.office import Office
from telehealth.people import store as people
from telehealth.web import cookies
from tests.unit.appointments.rush import Attempt, Rush, Wish
from tests.unit.appointments.scene import new_key
from tests.web.browser import Browser
from tests.web.conftest import SIGNED_IN, settings_for

TAKEN = ("Another time?", "The nearest open times")
NO_LIMIT = 1_000_000


@asynccontextmanager
async def by_http(office: Office, rush: Rush, folder: Path) -> AsyncIterator[Attempt]:
    """Each client signed in with a browser of their own; any answer but yes and a conflict fails. Only the limit of
    bookings by one person is lifted."""
    app = create_app(settings_for(folder), office=office)
    app.state.limits.booking = replace(app.state.limits.booking, burst=NO_LIMIT, per_minute=NO_LIMIT)
    browsers, tokens = {}, {}
    now = office.clock()
    for client in rush.clients:
        secret, browser = cookies.new_secret(), Browser(app)
        row = {"hash": cookies.hash_of(secret, "session"), "id": client.session, "person_id": client.id}
        times = {"created_at": now, "seen_at": now, "signed_in_at": now}
        async with office.database.transaction() as connection:
            await people.open_session(connection, {**row, "role": client.role, **times, **SIGNED_IN})
        browser.client.cookies.set("sid", cookies.text_of(secret))
        browsers[client.id], tokens[client.id] = browser, await browser.token()

    async def attempt(_task: int, wish: Wish) -> bytes | None:
        choice = f"{rush.service.id.hex()} {wish.therapist.id.hex()} {wish.start.isoformat()}"
        form = {"choice": choice, "key": new_key(), "reason": ""}
        answer = await browsers[wish.client.id].post("/appointments", form, token=tokens[wish.client.id])
        if answer.status_code == 409:
            assert all(words in answer.text for words in TAKEN), answer.text
            return None
        assert answer.status_code == 303, (answer.status_code, answer.text)
        return bytes.fromhex(answer.headers["location"].split("?")[0].rpartition("/")[2])

    yield attempt
    for browser in browsers.values():
        await browser.close()
