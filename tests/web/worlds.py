"""Two worlds that differ in one thing only, and everything that one person is answered in each of them."""

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from starlette.routing import Route

from telehealth.audit.office import Work
from telehealth.mail import acts as mail
from telehealth.mail import reminding
from telehealth.people import store as people
from telehealth.person import Person
from tests.clock import FakeClock
from tests.furnished import new_office
from tests.people import NAMES, ROSA, STRANGER, make_clinic
from tests.schema import fresh_sqlite
from tests.unit.mail.scene import ADDRESSES, BERLIN, SENDER, Kept, give_addresses
from tests.web.browser import Browser
from tests.web.conftest import Site, settings_for

# What chance made: ids, tokens and keys of any length we use. Each is replaced by when it was first seen.
RANDOM = re.compile(
    rb"(?<![A-Za-z0-9_-])(?:[0-9a-f]{64}|[0-9a-f]{32}|[0-9a-f]{12}|[A-Za-z0-9_-]{43})(?![A-Za-z0-9_-])"
)
MULTIPART = re.compile(rb"=={5,}\d+==")


@asynccontextmanager
async def world(template: Path, folder: Path) -> AsyncIterator[Site]:
    """A clinic of its own with the named people, whom the stranger has told a name, too; its clock stands still."""
    await asyncio.to_thread(folder.mkdir)
    clock = FakeClock()
    async with fresh_sqlite(template, folder) as database:
        office = new_office(database, folder, clock)
        await make_clinic(office)

        async def introduce(work: Work) -> None:
            name, email = "Sam Stranger", "sam@mail.example"
            await people.keep_profile(work.connection, work.ring, STRANGER.id, name=name, email=email)

        await office.act(None, introduce)
        await give_addresses(office, {each: ADDRESSES[each] for each in ADDRESSES if each in NAMES})
        site = Site(office, clock, settings_for(folder))
        yield site
        for browser in site.browsers:
            await browser.close()


@dataclass
class Walk:
    """One person's browser, and every answer it got, in order: what was asked, and all bytes of the answer."""

    site: Site
    browser: Browser
    person: Person
    answers: list[tuple[str, bytes]] = field(default_factory=list)
    _seen: dict[bytes, bytes] = field(default_factory=dict)

    def begin_anew(self) -> None:
        """Chance goes on alike in every world, whatever others did with it: the order of equal moments hangs on it."""
        self.site.office.chance.__self__.seed(len(self.answers))  # type: ignore[attr-defined]

    async def get(self, path: str) -> httpx2.Response:
        self.begin_anew()
        return self._keep(f"GET {path}", await self.browser.get(path))

    def key(self) -> str:
        """A fresh Idempotency-Key, the same in every world."""
        return f"walk-{len(self.answers):028}"

    async def post(self, path: str, fields: dict[str, str]) -> httpx2.Response:
        self.begin_anew()
        return self._keep(f"POST {path} {fields}", await self.browser.post(path, fields))

    async def everything(self, ids: list[str], token: str) -> None:
        """Every page of the route table that a GET can ask for, with each of these ids in it."""
        for route in self.site.app.routes:
            if not isinstance(route, Route) or "GET" not in (route.methods or ()):
                continue
            for id_ in ids if "{id}" in route.path else ids[:1]:
                fill = {"{id}": id_, "{token}": token, "{provider}": "practice"}
                path = route.path
                for name, value in fill.items():
                    path = path.replace(name, value)
                await self.get(re.sub(r"\{\w+\}", "x", path))

    async def mail(self) -> None:
        """What the worker sends this person now, reminders too."""
        self.begin_anew()
        await reminding.turn(self.site.office)
        post = Kept()
        while await mail.turn(self.site.office, post, SENDER, BERLIN):
            pass
        for each in post.to(ROSA):
            self.note("mail", MULTIPART.sub(b"==", each.as_bytes()))

    def note(self, what: str, said: bytes) -> None:
        """Keep something that this person got to see."""
        self.answers.append((self._even(what.encode()).decode(), self._even(said)))

    def _keep(self, asked: str, answer: httpx2.Response) -> httpx2.Response:
        headers = "\n".join(f"{name}: {value}" for name, value in sorted(answer.headers.multi_items()))
        if answer.headers.get("content-type") == "application/zip":
            with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
                files = b"\n".join(archive.read(name) for name in sorted(archive.namelist()))
            headers = re.sub(r"content-length: \d+", "", headers)  # of what is packed, random ids and all
            self.note(asked, f"{answer.status_code}\n{headers}\n".encode() + files)
        else:
            self.note(asked, f"{answer.status_code}\n{headers}\n".encode() + answer.content)
        return answer

    def _even(self, said: bytes) -> bytes:
        return RANDOM.sub(lambda found: self._seen.setdefault(found[0], b"#%d" % len(self._seen)), said)


def differences(one: Walk, other: Walk) -> list[str]:
    """What was answered differently: what was asked, and the first lines that differ."""
    found = []
    for (asked, said), (asked_there, said_there) in zip(one.answers, other.answers, strict=False):
        if (asked, said) != (asked_there, said_there):
            lines = zip(said.splitlines(), said_there.splitlines(), strict=False)
            apart = next(((here, there) for here, there in lines if here != there), ("", "longer"))
            found.append(f"{asked} | {asked_there}: {apart[0]!r} | {apart[1]!r}")
    if len(one.answers) != len(other.answers):
        found.append(f"{len(one.answers)} answers here, {len(other.answers)} there")
    return found
