"""Faults on the wire: a small proxy for datagrams that can be told to lose them all."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

LOOPBACK = "127.0.0.1"


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, heard: Any) -> None:
        self.heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard(data, addr)


@dataclass
class Datagrams:
    """From whoever sends to `port`, on to a server, and back; while `cut` nothing passes."""

    server: int
    port: int = 0
    cut: bool = False
    _front: Any = None
    _onward: dict[tuple[str, int], Any] = field(default_factory=dict)

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        ours = lambda: _Ear(self._from_client)  # noqa: E731
        self._front, _ = await loop.create_datagram_endpoint(ours, (LOOPBACK, 0), family=socket.AF_INET)
        self.port = self._front.get_extra_info("sockname")[1]

    def close(self) -> None:
        for each in (self._front, *self._onward.values()):
            each.close()

    def _from_client(self, data: bytes, client: tuple[str, int]) -> None:
        if self.cut:
            return
        onward = self._onward.get(client)
        if onward is None:
            onward = self._onward[client] = self._to_server(client)
        onward.send(data)

    def _to_server(self, client: tuple[str, int]) -> socket.socket:
        """A socket of this client's own, so that the server tells clients apart."""
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.bind((LOOPBACK, 0))
        made.connect((LOOPBACK, self.server))
        asyncio.get_running_loop().add_reader(made, self._from_server, made, client)
        return made

    def _from_server(self, onward: socket.socket, client: tuple[str, int]) -> None:
        data = onward.recv(65535)
        if not self.cut:
            self._front.sendto(data, client)


@asynccontextmanager
async def datagrams_to(server: int) -> AsyncIterator[Datagrams]:
    """A proxy before a server of this computer, by its port."""
    made = Datagrams(server)
    await made.open()
    try:
        yield made
    finally:
        made.close()
