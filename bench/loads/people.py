"""People by the hundred, each with keys, a name and a browser that is signed in."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import httpx2

from bench.loads.deployed import Part
from telehealth.audit.office import Office, Work
from telehealth.clinic import store as clinic
from telehealth.clinic.store import Service, Therapist
from telehealth.people import store as people
from telehealth.person import Person
from telehealth.web import cookies
from tests.people import NADIAS_PROFILE, SINGLE
from tests.unit.appointments.rush import numbered
from tests.web.conftest import SIGNED_IN

AT_ONCE = 100  # in one transaction
FIRST_CLIENT = 100_000
CSRF = re.compile(r'(?:name="csrf_token" value|data-csrf)="([0-9a-f]{32})"')


@dataclass(frozen=True)
class Practice:
    """One service that every therapist offers."""

    service: Service
    therapists: tuple[Therapist, ...]
    clients: tuple[Person, ...]


async def practice(office: Office, therapists: int, clients: int) -> Practice:
    """So many of both."""
    staff = [numbered(1 + number, "therapist") for number in range(therapists)]
    coming = [numbered(FIRST_CLIENT + number, "client") for number in range(clients)]
    everybody = [*staff, *coming]
    for first in range(0, len(everybody), AT_ONCE):
        await _add(office, everybody[first : first + AT_ONCE])
    profiles = tuple(
        replace(NADIAS_PROFILE, id=each.id, slug=f"therapist-{place}", zone="UTC", position=place)
        for place, each in enumerate(staff)
    )
    service = replace(SINGLE, therapist_ids=tuple(each.id for each in staff))

    async def act(work: Work) -> None:
        for each in profiles:
            await clinic.add_therapist(work.connection, each)
        await clinic.add_service(work.connection, service)

    await office.act(None, act)
    return Practice(service, profiles, tuple(coming))


async def _add(office: Office, persons: Sequence[Person]) -> None:
    async def act(work: Work) -> None:
        for person in persons:
            await people.add_person(work.connection, work.ring, person.id, person.role, work.now)
            await people.rename(work.connection, work.ring, person.id, "Somebody")

    await office.act(None, act)


async def signed_in(office: Office, persons: Sequence[Person]) -> dict[bytes, str]:
    """The session cookie of each."""
    now, found = office.clock(), {}
    times = {"created_at": now, "seen_at": now, "signed_in_at": now}
    async with office.database.transaction() as connection:
        for person in persons:
            secret = cookies.new_secret()
            row = {"hash": cookies.hash_of(secret, "session"), "id": secrets.token_bytes(16)}
            who = {"person_id": person.id, "role": person.role}
            await people.open_session(connection, {**row, **who, **times, **SIGNED_IN})
            found[person.id] = cookies.text_of(secret)
    return found


class Visitor:
    """One browser at one replica, where the front door sent it; each comes from an address of its own."""

    def __init__(
        self, part: Part, origin: str, number: int, wire: httpx2.AsyncHTTPTransport, sid: str = ""
    ) -> None:
        self.port = part.port
        self._origin = origin
        self._token = ""
        self.client = httpx2.AsyncClient(
            transport=wire,
            base_url=f"http://127.0.0.1:{part.port}",
            headers={
                "Host": origin.removeprefix("http://"),
                "X-Forwarded-For": f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}",
            },
            cookies={"sid": sid} if sid else None,
            timeout=60,
            trust_env=False,
        )

    async def get(self, path: str) -> str:
        """The text of a page."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        found = CSRF.search(answer.text)
        self._token = found[1] if found else self._token
        return answer.text

    async def post(self, path: str, fields: dict[str, str] | None = None) -> httpx2.Response:
        """As a form or a script of the page before would."""
        headers = {"Origin": self._origin, "Sec-Fetch-Site": "same-origin", "X-CSRF-Token": self._token}
        return await self.client.post(
            path, data={"csrf_token": self._token, **(fields or {})}, headers=headers
        )


def wire() -> httpx2.AsyncHTTPTransport:
    """Connections that all visitors share, as they do behind a front door."""
    return httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_connections=400, max_keepalive_connections=400))
