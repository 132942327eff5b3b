"""A real uvicorn on a port of its own, serving nothing but signaling."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from signaling.bus import Bus
from signaling.endpoint import Limits, Signaling
from tests.live.clerk import Clerk
from tests.live.talker import Talker
from tests.patience import within

ORIGIN = "https://clinic.example.org"


@dataclass
class Door:
    """The running server, as its visitors see it."""

    url: str
    clerk: Clerk
    signaling: Signaling

    def visitor(self) -> AbstractAsyncContextManager[Talker]:
        """A socket from an allowed page that has not joined yet."""
        return Talker.connected(self.url, ORIGIN)

    @asynccontextmanager
    async def joined(self, name: str) -> AsyncIterator[Talker]:
        """Somebody with a fresh ticket who was welcomed."""
        async with self.visitor() as talker:
            await talker.join(self.clerk.mint(name))
            yield talker

    @asynccontextmanager
    async def meeting(self) -> AsyncIterator[tuple[Talker, Talker]]:
        """Mara has admitted Anna: both inside."""
        async with self.joined("Mara") as mara, self.joined("Anna") as anna:
            await let_in(mara, anna)
            yield mara, anna


async def let_in(host: Talker, guest: Talker) -> None:
    """Knock and admit."""
    await guest.say("knock")
    knock = await host.hear("knocking")
    await host.say("admit", seat=knock["seat"])
    await guest.hear("admitted")
    await host.hear("joined")


class Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


OpenDoor = Callable[..., AbstractAsyncContextManager[Door]]


@pytest.fixture
def open_door() -> OpenDoor:
    """`async with open_door(limits=..., seconds=...) as door:` a server with a clerk of its own, or with this one."""

    @asynccontextmanager
    async def opened(
        limits: Limits | None = None,
        seconds: Callable[[], float] = time.monotonic,
        clerk: Clerk | None = None,
        bus: Bus | None = None,
    ) -> AsyncIterator[Door]:
        clerk = clerk or Clerk()
        signaling = Signaling(
            clerk,
            origins=frozenset({ORIGIN}),
            ice=lambda entry: {"servers": [], "policy": entry.ice_policy},
            clock=clerk.clock,
            limits=limits,
            seconds=seconds,
            bus=bus,
        )
        async with serving(signaling) as url:
            yield Door(url, clerk, signaling)

    return opened


@asynccontextmanager
async def serving(signaling: Signaling) -> AsyncIterator[str]:
    """The URL of its socket on a server that runs until the end."""
    app = Starlette(routes=[WebSocketRoute("/signaling", signaling)])
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_max_size=65536,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with running(config, listener):
            signaling.open()
            try:
                yield f"ws://127.0.0.1:{listener.getsockname()[1]}/signaling"
            finally:
                await signaling.close()


@asynccontextmanager
async def running(config: uvicorn.Config, listener: socket.socket) -> AsyncIterator[None]:
    """A server that listens there until the end."""
    server = Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    async with asyncio.timeout(10):
        await server.listening.wait()
    try:
        yield
    finally:
        server.should_exit = True
        async with within("the server to end: somebody keeps a connection open"):
            await serving
