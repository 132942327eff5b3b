"""The whole service on a port of its own, for a provider that answers over the network, and a browser for both."""

import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import uvicorn

from telehealth.app import create_app
from telehealth.audit.office import Office
from telehealth.providers import Provider
from tests.live.conftest import running
from tests.web.conftest import settings_for

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{32})"')
FREE_REDIRECTS = 10


@dataclass
class Service:
    """Where it listens, and what serves it; who knows which provider is said before it starts."""

    url: str
    listener: socket.socket

    @asynccontextmanager
    async def knowing(
        self, provider: Provider, office: Office, folder: Path, *, demo: bool = False
    ) -> AsyncIterator["Person"]:
        """It runs until the end, and somebody with a browser looks at it; its time is the time of day."""
        office.clock = lambda: datetime.now(UTC)
        settings = replace(settings_for(folder), public_url=self.url, providers=(provider,), demo=demo)
        app = create_app(settings, office=office)
        config = uvicorn.Config(app, lifespan="off", log_config=None, ws="none")
        async with running(config, self.listener), httpx2.AsyncClient(trust_env=False) as client:
            yield Person(self.url, client)


@dataclass
class Person:
    """Somebody with one browser, at our service and at the provider alike."""

    url: str
    client: httpx2.AsyncClient

    async def get(self, path: str) -> httpx2.Response:
        return await self.client.get(self.url + path)

    async def post(self, path: str, **fields: str) -> httpx2.Response:
        """Post a form as one of our own pages would."""
        found = TOKEN.search((await self.get("/what-to-expect")).text)
        assert found is not None
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        data = {"csrf_token": found[1], **fields}
        return await self.client.post(self.url + path, data=data, headers=headers)

    async def follow(self, answer: httpx2.Response, until: str) -> httpx2.Response:
        """Go where it leads, up to an address that begins like that, which is not asked any more."""
        for _ in range(FREE_REDIRECTS):
            target = answer.headers.get("location")
            assert target is not None, answer.text
            there = str(answer.url.join(target))
            if there.startswith(until):
                answer.headers["location"] = there
                return answer
            answer = await self.client.get(there)
        raise AssertionError(f"it leads round in circles: {answer.url}")

    async def is_in(self) -> bool:
        return (await self.get("/profile")).status_code == 200


@asynccontextmanager
async def listening() -> AsyncIterator[Service]:
    """A service that has its port, so that a provider can be told, but does not run yet."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Service(f"http://localhost:{listener.getsockname()[1]}", listener)
