"""Somebody at the clinic's real address, who leaves planted words wherever a browser can leave any."""

import re
import secrets
from datetime import date, timedelta

import httpx2

from telehealth.web import cookies
from tests.deploy.canary.search import MARKER
from tests.web.booking import CHOICE
from tests.web.browser import TOKEN, hidden_fields

WEEKS = 8
LOUD = {
    "User-Agent": f"Mozilla/5.0 ({MARKER}31)",
    "Referer": f"https://mail.example/{MARKER}32",
    "Accept-Language": f"{MARKER}33",
    "X-Forwarded-For": f"{MARKER}34",
    "X-Request-ID": f"{MARKER}35",
    "Authorization": f"Bearer {MARKER}36",
}


class Visitor:
    """One browser; with a session's secret it is signed in."""

    def __init__(self, url: str, secret: bytes | None = None) -> None:
        self.url = url
        self.client = httpx2.AsyncClient(base_url=url, headers=LOUD, trust_env=False)
        if secret is not None:
            self.client.cookies.set("sid", cookies.text_of(secret))

    async def get(self, path: str) -> httpx2.Response:
        return await self.client.get(path)

    async def post(self, path: str, **fields: str) -> httpx2.Response:
        """Post a form as one of our own pages would."""
        return await self.post_form(path, await self.signed(fields))

    async def post_form(self, path: str, fields: dict[str, str]) -> httpx2.Response:
        """Post a form that has its token already."""
        return await self.client.post(path, data=fields, headers=self._ours())

    async def signed(self, fields: dict[str, str]) -> dict[str, str]:
        """The fields with this browser's token, and a key unless they have one."""
        found = re.search(TOKEN, (await self.get("/what-to-expect")).text)
        assert found is not None
        return {"csrf_token": found[1], "key": secrets.token_hex(16), **fields}

    async def post_raw(self, path: str, content: bytes, kind: str) -> httpx2.Response:
        """Post something that none of our pages would."""
        return await self.client.post(path, content=content, headers={**self._ours(), "Content-Type": kind})

    async def hold(self) -> str:
        """Hold the next free time; the path of its page."""
        answer = await self.post("/holds", choice=await self._choice())
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def wish(self) -> dict[str, str]:
        """What the form of a held time would send, but for what is typed."""
        form = hidden_fields((await self.get(await self.hold())).text)
        return {name: form[name] for name in ("hold", "choice", "key")}

    async def book(self, **fields: str) -> httpx2.Response:
        """Hold the next free time and book it."""
        return await self.post("/appointments", **await self.wish(), **fields)

    async def _choice(self) -> str:
        for week in range(WEEKS):
            first = date.today() + timedelta(weeks=week)  # noqa: DTZ011 - any day near now will do
            page = await self.get(f"/times?service=individual&from={first}")
            if found := CHOICE.search(page.text):
                return found[1].replace("&#43;", "+")
        raise AssertionError("no time is free")

    def _ours(self) -> dict[str, str]:
        return {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}

    async def close(self) -> None:
        await self.client.aclose()
