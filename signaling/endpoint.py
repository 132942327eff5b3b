"""The ASGI application: one raw WebSocket endpoint, mounted in any ASGI service. No task per message."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from signaling import protocol
from signaling.admission import Admission, Entry, Unanswered
from signaling.bus import Ask, Bus
from signaling.checks import Checks, NewPeer
from signaling.connection import Connection
from signaling.errors import RESTARTING, Refused, Violation, close_code_of
from signaling.greeting import Ice
from signaling.hub import Hub

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

SAYS_GOODBYE = (1000, 1001)  # left on purpose, or the page is gone (RFC 6455, section 7.4.1)


@dataclass(frozen=True)
class Limits:
    """Seconds; PROTOCOL.md, "Limits"."""

    join_seconds: float = 5.0
    ask_seconds: float = 60.0
    ask_divided_seconds: float = 5.0
    unanswered_seconds: float = 600.0
    away_seconds: float = 30.0
    send_seconds: float = 10.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Signaling:
    """`origins` are the exact values of Origin that may connect; `ice` gives {"servers", "policy"} for an entry.

    `new_peer` makes the other end of a device check; without it there are none. `bus` leads to other processes.
    """

    def __init__(
        self,
        admission: Admission,
        *,
        origins: frozenset[str],
        ice: Callable[[Entry], Ice],
        clock: Callable[[], datetime] = _utc_now,
        seconds: Callable[[], float] = time.monotonic,
        limits: Limits | None = None,
        bus: Bus | None = None,
        new_peer: NewPeer | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.hub = Hub(
            admission,
            ice=ice,
            clock=clock,
            away_seconds=self.limits.away_seconds,
            bus=bus,
            seconds=seconds,
            checks=None if new_peer is None else Checks(new_peer, ice=ice),
        )
        self.origins = origins
        self.seconds = seconds
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
        writer = asyncio.create_task(_write(connection, send, self.limits.send_seconds))
        self._writers.add(writer)
        writer.add_done_callback(self._writers.discard)
        try:
            await self._serve(connection, receive)
        finally:
            self._open.discard(connection)
            try:
                await self.hub.drop(connection)
            finally:
                connection.close(RESTARTING)
                await writer

    async def _serve(self, connection: Connection, receive: Receive) -> None:
        """Join, then one message after the other until the socket is gone."""
        frame = await _first(connection, receive, self.limits.join_seconds)
        if frame is None:
            connection.shut("join_timeout")
            return
        if not await self._joined(connection, frame):
            return
        patrol = asyncio.create_task(self._patrol(connection))
        try:
            async with connection.limit(None):
                while (frame := await _next(connection, receive)) is not None:
                    if connection.is_open:
                        await self._handle(connection, frame)
        except TimeoutError:
            if not connection.is_over:
                raise
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
            every = (
                self.limits.ask_divided_seconds if self.hub.elsewhere.is_divided else self.limits.ask_seconds
            )
            await connection.in_question.heard(pause(every, left=left))
            try:
                if not await self.hub.admission.may_stay(entry):
                    await self.hub.expel(connection)
                    return
                answered_at = self.seconds()
            except Unanswered:
                if self.seconds() - answered_at >= self.limits.unanswered_seconds:
                    connection.shut("unavailable")
                    return
            except Exception:
                connection.shut("unavailable")  # a fault of ours must not let anybody stay unasked
                raise

    def ask_again(self, seats: Collection[str]) -> None:
        """Ask at once, not within the minute, whether these seats may stay: something about them has changed."""
        for connection in self._open:
            if connection.entry is not None and connection.entry.seat in seats:
                connection.in_question.ring()

    def open(self) -> None:
        """Begin to hear other processes, where there are any; called when the service starts."""
        self.hub.elsewhere.bus.open()

    def on_asked(self, asked: Callable[[Collection[bytes]], None]) -> None:
        """What to do when something is to be asked about, here or in another process: what it is, the service knows."""
        self.hub.elsewhere.asked = asked

    def ask_about(self, about: Collection[bytes]) -> None:
        """In this process and in all others."""
        self.hub.elsewhere.asked(about)
        self.hub.tell(Ask(self.hub.own, list(about)))

    async def close(self) -> None:
        """The server goes down: every socket gets 1012, so that browsers come back; calls go on meanwhile."""
        for connection in list(self._open):
            connection.restart()
        if self._writers:
            await asyncio.wait(self._writers, timeout=2)
        await self.hub.close()


def pause(ask_seconds: float, *, left: float) -> float:
    """Seconds until the next question: earlier when the room closes, and once a second when that cannot be asked."""
    return min(ask_seconds, max(1.0, left))


def _origin_of(scope: Scope) -> str:
    values = [value for name, value in scope["headers"] if name == b"origin"]
    return values[0].decode("latin-1") if len(values) == 1 else ""


async def _first(connection: Connection, receive: Receive, seconds: float) -> str | None:
    """The first frame; None when the socket is gone or nothing came in time."""
    try:
        async with connection.limit(seconds):
            return await _next(connection, receive)
    except TimeoutError:
        return None


async def _next(connection: Connection, receive: Receive) -> str | None:
    """The next frame, empty for a binary one; None when the socket is gone."""
    event = await connection.listen(receive)
    if event is None:
        return None
    if event["type"] != "websocket.receive":
        connection.is_polite |= event.get("code") in SAYS_GOODBYE and connection.is_open
        return None
    return event.get("text") or ""


async def _write(connection: Connection, send: Send, seconds: float) -> None:
    """The only place that writes to the socket; who takes nothing for `seconds` is gone."""
    item: bytes | int = b""
    try:
        while not isinstance(item, int):
            item = await connection.queue.get()
            async with asyncio.timeout(seconds):
                await send(_event(item))
    except (OSError, RuntimeError):  # the other side is gone, or takes nothing (TimeoutError is an OSError)
        pass
    finally:
        connection.over()


def _event(item: bytes | int) -> Event:
    if isinstance(item, int):
        return {"type": "websocket.close", "code": item}
    return {"type": "websocket.send", "text": item.decode()}


def _answer(connection: Connection, error: Refused) -> None:
    """Say what was refused, and close where the socket cannot stay open."""
    if close_code_of(error) is None:
        connection.refuse(error.code)
    else:
        connection.shut(error.code)
