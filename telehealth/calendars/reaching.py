"""Read an address on the open internet that somebody else wrote down, and nothing nearer (OWASP: SSRF).

Every connection, also after a redirect, goes to an address that was looked up once and found public; the name is not
asked a second time, so that it cannot mean something else by then.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore2
import httpx2

from telehealth.calendars.rules import is_public

MAX_BYTES = 2 * 2**20
MAX_REDIRECTS = 3
SECONDS = 20.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
CODES = {401: "refused", 403: "refused", 404: "not_found", 410: "not_found"}
ASKED_FOR = {
    "Accept": "text/calendar, text/plain;q=0.5",
    "Accept-Encoding": "identity",  # a small answer must not become a large one
    "User-Agent": "calendar-subscription",  # says nothing of who asks
}


class CannotRead(Exception):
    """The calendar cannot be read; `code` is one of `rules.FAILURES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Known:
    """What the other side said of the copy that was read last."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class Read:
    """The answer: `body` is None when nothing has changed since `Known`."""

    body: bytes | None = field(repr=False)
    known: Known


class Reader:
    """Reads calendars. Tests hand in an `is_allowed` that lets this computer be asked, and a certificate of its own."""

    def __init__(
        self,
        is_allowed: Callable[[str], bool] = is_public,
        tls: ssl.SSLContext | bool = True,
        seconds: float = SECONDS,
    ) -> None:
        self._is_allowed = is_allowed
        self._tls = tls
        self._seconds = seconds

    async def read(self, address: str, known: Known) -> Read:
        """The calendar at an https address. CannotRead with a code; within twenty seconds and two megabytes."""
        try:
            async with asyncio.timeout(self._seconds), self._client() as client:
                return await self._follow(client, address, known)
        except TimeoutError:
            raise CannotRead("too_slow") from None
        except (httpx2.TimeoutException, httpcore2.TimeoutException):
            raise CannotRead("too_slow") from None
        except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.NetworkError, OSError, ssl.SSLError) as error:
            raise CannotRead("not_reached") from error

    def _client(self) -> httpx2.AsyncClient:
        transport = httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False)
        context: Any = transport._pool._ssl_context
        transport._pool = httpcore2.AsyncConnectionPool(
            ssl_context=context, max_connections=1, network_backend=_PublicOnly(self._is_allowed)
        )
        return httpx2.AsyncClient(transport=transport, trust_env=False, timeout=self._seconds)

    async def _follow(self, client: httpx2.AsyncClient, address: str, known: Known) -> Read:
        headers = dict(ASKED_FOR)
        if known.etag is not None:
            headers["If-None-Match"] = known.etag
        if known.last_modified is not None:
            headers["If-Modified-Since"] = known.last_modified
        for _ in range(MAX_REDIRECTS + 1):
            if urlsplit(address).scheme != "https":
                raise CannotRead("not_safe")
            async with client.stream("GET", address, headers=headers) as answer:
                if answer.status_code not in REDIRECTS or "location" not in answer.headers:
                    return await _read(answer, known)
                address = urljoin(address, answer.headers["location"])
        raise CannotRead("not_reached")


async def _read(answer: httpx2.Response, known: Known) -> Read:
    if answer.status_code == 304:
        return Read(None, known)
    if answer.status_code != 200:
        raise CannotRead(CODES.get(answer.status_code, "not_reached"))
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise CannotRead("no_calendar")
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MAX_BYTES:
            raise CannotRead("too_large")
    return Read(bytes(body), Known(_header(answer, "etag", 256), _header(answer, "last-modified", 64)))


def _header(answer: httpx2.Response, name: str, longest: int) -> str | None:
    value: str | None = answer.headers.get(name)
    return value if value is not None and len(value) <= longest and value.isascii() else None


class _PublicOnly(httpcore2.AsyncNetworkBackend):
    """Connects to what `is_allowed`, by the very address that was judged."""

    def __init__(self, is_allowed: Callable[[str], bool]) -> None:
        self._is_allowed = is_allowed
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore2
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if not addresses or not all(self._is_allowed(address) for address in addresses):
            raise CannotRead("not_public")
        return await self._inner.connect_tcp(addresses[0], port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore2
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        raise CannotRead("not_public")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
