"""A bare WebSocket client for load: it costs so little that the server is what is measured (RFC 6455).

Frames are masked with zeros, which the standard allows, so that a message is made once and sent as it is.
"""

import asyncio
import base64
import os
import ssl
from collections.abc import Callable
from typing import cast

Got = Callable[["Socket", bytes], None]


class Socket(asyncio.Protocol):
    """One connection; `got` is called with every text message."""

    def __init__(self, got: Got) -> None:
        self.got = got
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._buffer = b""

    @classmethod
    async def connect(
        cls,
        port: int,
        path: str,
        got: Got,
        origin: str = "http://localhost",
        *,
        tls: ssl.SSLContext | None = None,
        own: str | None = None,
    ) -> "Socket":
        """A socket that is open: by `tls` where it is given, from the address `own` where that is."""
        loop, host = asyncio.get_running_loop(), "localhost" if tls else "127.0.0.1"
        _, socket = await loop.create_connection(
            lambda: cls(got),
            *("127.0.0.1", port),
            ssl=tls,
            server_hostname=host if tls else None,
            local_addr=(own, 0) if own else None,
        )
        key = base64.b64encode(os.urandom(16)).decode()
        socket._write(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        await socket.opened
        return socket

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ready to speak HTTP first."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without being derived from it

    def data_received(self, data: bytes) -> None:
        """Whole messages go to `got`."""
        self._buffer += data
        if not self.opened.done():
            head, found, self._buffer = self._buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.opened.set_exception(ConnectionError(head.decode()))
                return
            self.opened.set_result(None)
        self._read()

    def connection_lost(self, error: Exception | None) -> None:
        """Whoever still waits is told."""
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed"))

    def send(self, frame: bytes) -> None:
        """A frame made by `frame`."""
        self._write(frame)

    def close(self) -> None:
        """Without a goodbye."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def _read(self) -> None:
        while len(self._buffer) >= 2:
            kind, length, start = self._buffer[0] & 0x0F, self._buffer[1] & 0x7F, 2
            if length == 126:
                length, start = int.from_bytes(self._buffer[2:4], "big"), 4
            if len(self._buffer) < start + length:
                return
            message, self._buffer = self._buffer[start : start + length], self._buffer[start + length :]
            if kind == 1:
                self.got(self, message)
            elif kind == 9:
                self._write(b"\x8a\x80\x00\x00\x00\x00")  # pings here carry nothing that must come back


def frame(message: bytes) -> bytes:
    """One text message of less than 64 KiB as a client sends it."""
    size = len(message)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return b"\x81" + length + b"\x00\x00\x00\x00" + message
