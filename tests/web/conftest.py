"""The whole application without a network: the named people, signed in or not."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from telehealth.app import create_app
from telehealth.audit.office import Office
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.providers import Provider
from telehealth.settings import Settings
from telehealth.web import cookies
from tests.clock import FakeClock
from tests.people import Clinic
from tests.web.browser import ORIGIN, Browser
from tests.web.dance import Dance
from tests.web.hostile_provider import HostileProvider, running

SIGNED_IN = {"provider": "practice", "strong": True, "pending": False}


@dataclass
class Site:
    """The application of one test with the browsers that look at it."""

    office: Office
    clock: FakeClock
    settings: Settings
    browsers: list[Browser] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.app = create_app(self.settings, office=self.office)

    async def browser(self, person: Person | None = None, **options: str) -> Browser:
        """A new browser, signed in as one of the named people or as nobody."""
        made = Browser(self.app, origin=self.settings.public_url, **options)
        self.browsers.append(made)
        if person is not None:
            await self.sign_in(made, person)
        return made

    async def sign_in(self, browser: Browser, person: Person) -> None:
        """This browser is one of the named people's from now on, who signed in just now."""
        secret = cookies.new_secret()
        await self._open_session(person, cookies.hash_of(secret, "session"))
        browser.client.cookies.set("sid", cookies.text_of(secret))

    async def session_elsewhere(self, person: Person) -> bytes:
        """The id of a further session of theirs, in no browser of this test."""
        session_hash = cookies.hash_of(cookies.new_secret(), "session")
        await self._open_session(person, session_hash)
        return session_hash[:16]

    async def _open_session(self, person: Person, session_hash: bytes) -> None:
        now = self.clock()
        row: dict[str, object] = {
            "hash": session_hash,
            "id": session_hash[:16],
            "person_id": person.id,
            "role": person.role,
        }
        times = {"created_at": now, "seen_at": now, "signed_in_at": now}
        async with self.office.database.transaction() as connection:
            await people.open_session(connection, {**row, **times, **SIGNED_IN})


def settings_for(folder: Path) -> Settings:
    """Settings of a test; nothing in them is reached over the network."""
    provider = Provider("practice", "Practice account", "http://127.0.0.1:9", "telehealth", "secret")
    return Settings(
        public_url=ORIGIN,
        database_url="",
        kek_dir=folder,
        checkpoint_file=folder / "checkpoints",
        tombstone_file=folder / "tombstones",
        index_root=bytes(range(32)),
        audit_key=bytes(range(1, 33)),
        pseudonym_key=bytes(range(2, 34)),
        cookie_key=bytes(range(3, 35)),
        clinic_id="test-clinic",
        clinic_name="Linden Practice",
        clinic_zone="Europe/Berlin",
        leave_url="https://weather.example/",
        providers=(provider,),
        demo=True,
    )


@pytest.fixture
async def site(office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Site]:
    made = Site(office, clock, settings_for(tmp_path))
    yield made
    for browser in made.browsers:
        await browser.close()


@pytest.fixture
def provider(clock: FakeClock) -> Iterator[HostileProvider]:
    """A provider that lies as it is told, at the test's own time."""
    with running(clock) as made:
        yield made


@pytest.fixture
def dance(site: Site, provider: HostileProvider) -> Dance:
    """The service with that provider, whose staff need two factors."""
    made = Dance(site, provider)
    made.know()
    return made
