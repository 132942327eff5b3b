"""The ASGI application: one raw WebSocket endpoint, mounted in any ASGI service. No task per message."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from signaling import protocol
from signaling.admission import Admission, Entry, Unanswered
from signaling.connection import Connection
from signaling.errors import RESTARTING, Refused, Violation, close_code_of
from signaling.hub import Hub
from signaling.room import Ice

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]


@dataclass(frozen=True)
class Limits:
    """Seconds; PROTOCOL.md, "Limits"."""

    join_seconds: float = 5.0
    ask_seconds: float = 60.0
    unanswered_seconds: float = 600.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Signaling:
    """`origins` are the exact values of Origin that may connect; `ice` gives {"servers", "policy"} for an entry."""

    def __init__(
        self,
        admission: Admission,
        *,
        origins: frozenset[str],
        ice: Callable[[Entry], Ice],
        clock: Callable[[], datetime] = _utc_now,
        seconds: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
    ) -> None:
        self.hub = Hub(admission, ice=ice, clock=clock)
        self.origins = origins
        self.seconds = seconds
        self.limits = limits or Limits()
        self._open: set[Connection] = set()
        self._writers: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            raise RuntimeError("signaling speaks WebSocket only")
        await receive()  # websocket.connect
        if _origin_of(scope) not in self.origins:
            await send({"type": "websocket.close", "code": 1008})  # before accept: HTTP 403
            return
        await send({"type": "websocket.accept"})
        connection = Connection(clock=self.seconds)
        self._open.add(connection)
        writer = asyncio.create_task(_write(connection, send))
        self._writers.add(writer)
        writer.add_done_callback(self._writers.discard)
        try:
            await self._serve(connection, receive)
        finally:
            self._open.discard(connection)
            await self.hub.drop(connection)
            connection.close(RESTARTING)
            await writer

    async def _serve(self, connection: Connection, receive: Receive) -> None:
        """Join, then one message after the other until the socket is gone."""
        try:
            async with asyncio.timeout(self.limits.join_seconds):
                frame = await _next(receive)
        except TimeoutError:
            connection.shut("join_timeout")
            return
        if frame is None or not await self._joined(connection, frame):
            return
        patrol = asyncio.create_task(self._patrol(connection))
        try:
            while (frame := await _next(receive)) is not None:
                if connection.is_open:
                    await self._handle(connection, frame)
        finally:
            patrol.cancel()
            with suppress(asyncio.CancelledError):
                await patrol

    async def _joined(self, connection: Connection, frame: str | bytes) -> bool:
        try:
            message = protocol.decode(frame)
            if not isinstance(message, protocol.Join):
                raise Violation("join_first")
            await self.hub.enter(connection, protocol.ticket_of(message))
        except Refused as error:
            _answer(connection, error)
            return False
        return True

    async def _handle(self, connection: Connection, frame: str | bytes) -> None:
        try:
            await self.hub.handle(connection, protocol.decode(frame))
        except Refused as error:
            _answer(connection, error)

    async def _patrol(self, connection: Connection) -> None:
        """Ask again and again whether somebody may still be here; no answer is no refusal for ten minutes."""
        entry = connection.entry
        answered_at = self.seconds()
        while entry is not None:
            left = (entry.closes_at - self.hub.clock()) / timedelta(seconds=1)
            await asyncio.sleep(max(0.05, min(self.limits.ask_seconds, left)))
            try:
                may_stay = await self.hub.admission.may_stay(entry)
                answered_at = self.seconds()
            except Unanswered:
                may_stay = self.seconds() - answered_at < self.limits.unanswered_seconds
            if not may_stay:
                await self.hub.expel(connection)
                return

    async def close(self) -> None:
        """The server goes down: every socket gets 1012, so that browsers come back; calls go on meanwhile."""
        for connection in list(self._open):
            connection.restart()
        if self._writers:
            await asyncio.wait(self._writers, timeout=2)


def _origin_of(scope: Scope) -> str:
    values = [value for name, value in scope["headers"] if name == b"origin"]
    return values[0].decode("latin-1") if len(values) == 1 else ""


async def _next(receive: Receive) -> str | bytes | None:
    """The next frame; None when the socket is gone."""
    event = await receive()
    if event["type"] != "websocket.receive":
        return None
    text = event.get("text")
    return text if text is not None else event.get("bytes") or b""


async def _write(connection: Connection, send: Send) -> None:
    """The only place that writes to the socket."""
    while True:
        item = await connection.queue.get()
        try:
            if isinstance(item, int):
                await send({"type": "websocket.close", "code": item})
                return
            await send({"type": "websocket.send", "text": item.decode()})
        except (OSError, RuntimeError):  # the other side is gone; the reader ends by itself
            connection.is_open = False
            return


def _answer(connection: Connection, error: Refused) -> None:
    """Say what was refused, and close where the socket cannot stay open."""
    if close_code_of(error) is None:
        connection.refuse(error.code)
    else:
        connection.shut(error.code)
