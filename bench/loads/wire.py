"""A bare HTTP client for load: it costs so little that the servers are what is measured. One question at a time."""

import asyncio
import gzip
import ssl
from dataclasses import dataclass, field
from typing import cast

import httptools

from bench.loads.front_door import HERE, NAME

PATIENCE = 60.0


@dataclass
class Answer:
    """Headers by their small name; cookies are those it sets."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        """A page or a file."""
        is_packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if is_packed else self.body).decode()


class Wire(asyncio.Protocol):
    """One connection through the front door."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._answer = Answer()
        self._answered: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    @classmethod
    async def connect(cls, port: int, tls: ssl.SSLContext, own: str) -> "Wire":
        """From the address `own`; whoever answers must have a certificate that `tls` trusts."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(
            cls, HERE, port, ssl=tls, server_hostname=NAME, local_addr=(own, 0)
        )
        return wire

    async def ask(self, request: bytes) -> Answer:
        """The whole answer to a whole request."""
        assert self._transport is not None
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        async with asyncio.timeout(PATIENCE):
            return await self._answered

    def close(self) -> None:
        """Without a goodbye."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TLS is spoken."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without being derived from it

    def data_received(self, data: bytes) -> None:
        """It calls those below."""
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever still waits is told."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error or ConnectionError("closed"))

    def on_message_begin(self) -> None:
        """The next answer."""
        self._answer = Answer()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One line."""
        key, text = name.decode().lower(), value.decode()
        if key == "set-cookie":
            cookie, _, kept = text.partition(";")[0].partition("=")
            self._answer.cookies[cookie] = kept
        else:
            self._answer.headers[key] = text

    def on_body(self, body: bytes) -> None:
        """A part of it."""
        self._answer.body += body

    def on_message_complete(self) -> None:
        """To whoever asked."""
        self._answer.status = self._parser.get_status_code()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(self._answer)
