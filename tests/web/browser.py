"""A browser without a screen: cookies, forms with their tokens, and the headers a real one sends."""

import re
import secrets
from dataclasses import dataclass, field
from html import unescape

import httpx2
from starlette.applications import Starlette

from telehealth.web.forms import KEY_HEADER

TOKEN = re.compile(r'name="csrf_token" value="([0-9a-f]{32})"')
HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
ORIGIN = "http://localhost:8000"


@dataclass
class Browser:
    """One browser with its own cookies, on the application itself."""

    app: Starlette
    address: str = "127.0.0.1"
    origin: str = ORIGIN
    client: httpx2.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        transport = httpx2.ASGITransport(self.app, client=(self.address, 40_000))
        self.client = httpx2.AsyncClient(transport=transport, base_url=self.origin, trust_env=False)

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.client.get(path, headers=headers)

    async def token(self) -> str:
        found = TOKEN.search((await self.get("/what-to-expect")).text)
        assert found is not None
        return found[1]

    async def post(
        self, path: str, fields: dict[str, str] | None = None, *, token: str | None = None, **headers: str
    ) -> httpx2.Response:
        """Post a form as one of our own pages would, each with a key of its own unless it is said."""
        hidden = {} if KEY_HEADER in headers else {"key": secrets.token_hex(16)}
        data = {"csrf_token": await self.token() if token is None else token, **hidden, **(fields or {})}
        sent = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", **headers}
        return await self.client.post(path, data=data, headers=sent)

    async def close(self) -> None:
        await self.client.aclose()


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden inputs of a page, by name."""
    found = {}
    for tag in HIDDEN.findall(page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value:
            found[name[1]] = unescape(value[1])
    return found
