"""Somebody at the other end of the wire: one real WebSocket, and what was heard on it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

from tests.patience import within

SECONDS = 20.0  # how long a test waits for what must come
Message = dict[str, Any]


class Talker:
    """Speaks PROTOCOL.md. `heard` keeps every message in order; `hear` waits for the next of one type."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.seat = ""
        self.heard: list[Message] = []
        self._next = 0
        self._news = asyncio.Condition()
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str, origin: str | None, **options: Any) -> AsyncIterator[Self]:
        """A socket that has not joined yet; closed at the end."""
        allowed = None if origin is None else Origin(origin)
        async with connect(url, origin=allowed, compression=None, proxy=None, **options) as socket:
            talker = cls(socket)
            try:
                yield talker
            finally:
                await talker.finish()

    async def join(self, ticket: str) -> Message:
        """Say the first message; returns the welcome."""
        await self.say("join", ticket=ticket, version=1)
        welcome = await self.hear("welcome")
        self.seat = welcome["seat"]
        return welcome

    async def say(self, type_: str, **fields: Any) -> None:
        """One message to the server."""
        await self.socket.send(json.dumps({"type": type_, **fields}))

    async def hear(self, type_: str) -> Message:
        """The next message of this type that was not heard yet; AssertionError when the socket closes first."""
        async with asyncio.timeout(SECONDS), self._news:
            while True:
                while self._next < len(self.heard):
                    message = self.heard[self._next]
                    self._next += 1
                    if message["type"] == type_:
                        return message
                assert not self._listening.done(), f"closed before {type_}: {self.heard}"
                await self._news.wait()

    async def hear_error(self) -> str:
        """The code of the next error."""
        return str((await self.hear("error"))["code"])

    async def closed(self) -> int | None:
        """Wait until the socket is closed; returns the close code."""
        async with asyncio.timeout(SECONDS):
            await self.socket.wait_closed()
        await self._listening
        return self.socket.close_code

    async def lose(self) -> None:
        """The network is gone, without a goodbye."""
        self.socket.transport.abort()
        await self.closed()

    async def received(self, message: Message) -> None:
        """What is done with a message before anybody hears of it; a peer negotiates."""

    async def finish(self) -> None:
        """Close, and wait for the listener."""
        await self.socket.close()
        await self._listening

    async def _listen(self) -> None:
        try:
            async for frame in self.socket:
                message = json.loads(frame)
                async with within(f"what follows from {message['type']}"):
                    await self.received(message)
                async with self._news:  # who waits for it can give up only while nobody else holds this
                    self.heard.append(message)
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        finally:
            async with self._news:
                self._news.notify_all()


def kinds(talker: Talker) -> list[str]:
    """The types of everything heard, in order."""
    return [message["type"] for message in talker.heard]
