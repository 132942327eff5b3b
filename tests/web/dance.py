"""The whole way of a sign-in: our form, the provider over real HTTP, and the way back."""

import base64
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx2

from telehealth.people import sessions
from telehealth.people.store import LoginSession
from telehealth.web import cookies
from tests.web.browser import Browser
from tests.web.hostile_provider import HostileProvider

if TYPE_CHECKING:
    from tests.web.conftest import Site

REFERENCE = re.compile(r'class="small reference">([a-z_]+) · ([0-9a-f]{12})<')


@dataclass
class Dance:
    """A service that knows this one provider, in a clinic whose staff need two factors."""

    site: "Site"
    provider: HostileProvider

    def know(self, **more: Any) -> None:
        """The service starts anew, told more about its provider."""
        settings = replace(self.site.settings, providers=(self.provider.settings(**more),), demo=False)
        self.site = replace(self.site, settings=settings)

    async def begin(self, browser: Browser, path: str = "/auth/sign-in", **fields: str) -> str:
        """The path that leads this browser back from the provider."""
        sent = await browser.post(path, fields)
        assert sent.status_code == 303, sent.text
        return await self.at_provider(sent.headers["location"])

    async def at_provider(self, url: str) -> str:
        """The path back from this address at the provider."""
        # It speaks plain HTTP: the authorities that this computer trusts are not read for it.
        async with httpx2.AsyncClient(trust_env=False, verify=False) as client:
            answer = await client.get(url)
        assert answer.status_code == 302
        return str(answer.headers["location"]).removeprefix(self.site.settings.public_url)

    async def sign_in(self, browser: Browser | None = None, **fields: str) -> httpx2.Response:
        """What a browser is answered when it comes back."""
        browser = browser or await self.site.browser()
        return await browser.get(await self.begin(browser, **fields))

    async def come_in(self, **fields: str) -> Browser:
        """A browser whose person is signed in."""
        browser = await self.site.browser()
        answer = await self.sign_in(browser, **fields)
        assert answer.status_code == 303, answer.text
        return browser

    async def session_of(self, browser: Browser) -> LoginSession | None:
        """The session that this browser's cookie opens; asking is no activity."""
        text = browser.client.cookies.get("sid")
        return None if text is None else await self.session_behind(text)

    async def session_behind(self, cookie: str) -> LoginSession | None:
        secret = base64.urlsafe_b64decode(cookie + "=")
        return await sessions.come_back(self.site.office, cookies.hash_of(secret, "session"), counts=False)


def code_of(answer: httpx2.Response) -> str:
    """The stable code that a refusal's page shows beside the number of the request."""
    found = REFERENCE.search(answer.text)
    return found[1] if found else ""
