"""The bus over Valkey or Redis: messages only, each sealed, none kept.

Who holds Valkey can hold back and repeat messages, but neither read nor make them.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress

import msgspec
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from signaling.bus import AnyMessage, Beat, Hear, Reach

BEAT_SECONDS = 2.0
SILENT_SECONDS = 6.0  # own beats come back, too: so long without any message, and Valkey is away
AGAIN_SECONDS = 0.5
WRITE_SECONDS = 2.0
QUEUE_MESSAGES = 20_000

_encoder = msgspec.msgpack.Encoder()
_decoder: "msgspec.msgpack.Decoder[AnyMessage]" = msgspec.msgpack.Decoder(AnyMessage)


class ValkeyBus:
    """One channel for all processes under `name`, and one for each. `seal` and `unseal` turn bytes into bytes;
    `unseal` raises ValueError for what was not sealed by one of ours."""

    def __init__(
        self, url: str, *, name: str, seal: Callable[[bytes], bytes], unseal: Callable[[bytes], bytes]
    ) -> None:
        self.own = secrets.token_hex(8)
        self.is_united = False
        self._url = url
        self._name = name
        self._seal, self._unseal = seal, unseal
        self._queue: asyncio.Queue[tuple[str, AnyMessage]] = asyncio.Queue(QUEUE_MESSAGES)
        self._hear: Hear = lambda message: None
        self._reach: Reach = lambda united: None
        self._running: asyncio.Task[None] | None = None

    def listen(self, hear: Hear, reach: Reach) -> None:
        """`hear` is to get what others say, and every beat; `reach`, whether they can be reached."""
        self._hear, self._reach = hear, reach

    def open(self) -> None:
        """Begin; until Valkey has answered, others cannot be reached."""
        self._running = asyncio.create_task(self._run())

    def tell(self, message: AnyMessage, to: str = "") -> None:
        """Queue a message. Without Valkey it is dropped: everybody says again how it is once Valkey is back."""
        if self.is_united:
            with suppress(asyncio.QueueFull):
                self._queue.put_nowait((to, message))

    async def close(self) -> None:
        """Write what is queued, and let go."""
        if self._running is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(WRITE_SECONDS if self.is_united else 0):
                await self._queue.join()
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def _run(self) -> None:
        while True:
            with suppress(RedisError, OSError):
                await self._connected()
            if self.is_united:
                self.is_united = False
                self._reach(False)
            while not self._queue.empty():
                self._queue.get_nowait()
                self._queue.task_done()
            await asyncio.sleep(AGAIN_SECONDS)

    async def _connected(self) -> None:
        """Listen, write and beat until one of them fails."""
        client = Redis.from_url(
            self._url, socket_connect_timeout=WRITE_SECONDS, socket_timeout=WRITE_SECONDS, retry=None
        )
        async with client as redis, redis.pubsub() as pubsub:
            await pubsub.subscribe(self._channel(), self._channel(self.own))
            self.is_united = True
            self._reach(True)
            tasks = [
                asyncio.create_task(act) for act in (self._read(pubsub), self._write(redis), self._beat())
            ]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                task.result()

    async def _read(self, pubsub: PubSub) -> None:
        while True:
            got = await pubsub.get_message(timeout=SILENT_SECONDS)
            if got is None:
                raise OSError("nothing was heard, not even our own beat")
            if got["type"] != "message":
                continue
            try:
                message = _decoder.decode(self._unseal(got["data"]))
            except (ValueError, msgspec.DecodeError):
                continue  # not one of ours, or of another version while servers are replaced
            if message.home != self.own or isinstance(message, Beat):
                self._hear(message)

    async def _write(self, redis: Redis) -> None:
        while True:
            to, message = await self._queue.get()
            try:
                await redis.publish(self._channel(to), self._seal(_encoder.encode(message)))
            finally:
                self._queue.task_done()

    async def _beat(self) -> None:
        while True:
            self._queue.put_nowait(("", Beat(self.own)))
            await asyncio.sleep(BEAT_SECONDS)

    def _channel(self, to: str = "") -> str:
        return f"signaling:{self._name}:{to}"
