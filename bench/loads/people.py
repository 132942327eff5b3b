"""People by the hundred, each with keys, a name and a browser that is signed in."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from bench.loads.files import linked, named
from bench.loads.front_door import NAME, FrontDoor
from bench.loads.wire import Answer, Wire
from bench.sockets import Got, Socket
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

_NEEDED: dict[str, set[str]] = {}  # which files a file names


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
    """One browser, with connections of its own through the front door, and an address of its own on this computer."""

    def __init__(
        self, door: FrontDoor, origin: str, number: int, sid: str = "", *, is_new: bool = False
    ) -> None:
        self.door, self.origin, self.is_new = door, origin, is_new
        self.address = f"127.{64 + number // 65536}.{number // 256 % 256}.{number % 256}"
        self._cookies = {cookies.name_of(cookies.SESSION, secure=True): sid} if sid else {}
        self._token = ""
        self._files: set[str] = set()
        self._wire: Wire | None = None

    def leave(self) -> None:
        """Close the browser."""
        if self._wire is not None:
            self._wire.close()

    async def get(self, path: str) -> str:
        """The text of a page."""
        answer = await self._ask("GET", path)
        assert answer.status == 200, f"an answer {answer.status}"
        found = CSRF.search(answer.text)
        self._token = found[1] if found else self._token
        return answer.text

    async def get_files(self, page: str) -> None:
        """What the page needs and this browser does not have yet, one after the other."""
        wanted = linked(page)
        while missing := wanted - self._files:
            for path in missing:
                answer = await self._ask("GET", path)
                assert answer.status == 200, f"an answer {answer.status}"
                if path not in _NEEDED:  # the first browser reads them for all
                    _NEEDED[path] = named(path, answer.text)
                wanted |= _NEEDED[path]
            self._files |= missing

    async def post(self, path: str, fields: dict[str, str] | None = None) -> Answer:
        """As a form or a script of the page before would."""
        body = urlencode({"csrf_token": self._token, **(fields or {})}).encode()
        return await self._ask(
            *("POST", path, body),
            f"Origin: {self.origin}",
            f"X-CSRF-Token: {self._token}",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        )

    async def socket(self, path: str, got: Got) -> Socket:
        """A socket that is open."""
        return await Socket.connect(
            self.door.port, path, got, self.origin, tls=self.door.tls, own=self.address
        )

    async def _ask(self, method: str, path: str, body: bytes = b"", *headers: str) -> Answer:
        if self._wire is None:
            self._wire = await Wire.connect(self.door.port, self.door.tls, self.address)
        kept = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        lines = [f"{method} {path} HTTP/1.1", f"Host: {NAME}:{self.door.port}", "Sec-Fetch-Site: same-origin"]
        lines += ["Accept-Encoding: gzip"]
        lines += [*headers, *([f"Cookie: {kept}"] if kept else []), "", ""]
        answer = await self._wire.ask("\r\n".join(lines).encode() + body)
        self._cookies |= answer.cookies
        return answer
