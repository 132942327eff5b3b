"""The front door of a practice with several servers: each visitor has one of them, or another where that is gone."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
SESSION = re.compile(rb"[Cc]ookie:[^\r\n]*\bsid=([^;\s]+)")


@dataclass
class FrontDoor:
    """`servers` are ports by name; `server_of` says which one a session has. Connections of sessions that are `stuck`
    stay open and carry nothing any more."""

    servers: dict[str, int]
    server_of: dict[str, str] = field(default_factory=dict)
    port: int = 0
    _stuck: set[asyncio.StreamWriter] = field(default_factory=set)
    _open: dict[asyncio.StreamWriter, str] = field(default_factory=dict)

    def let_stick(self, session: str) -> None:
        """All connections of this session that are open now; new ones are as ever."""
        self._stuck |= {writer for writer, own in self._open.items() if own == session}

    async def opened(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a browser, from its first request to its end."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            found = SESSION.search(head)
            session = found[1].decode() if found else ""
            onward = await self._server(session)
            if onward is None:
                return
            self._open[writer] = session
            onward[1].write(head)
            both = (self._carry(reader, onward[1], writer), self._carry(onward[0], writer, writer))
            ways = [asyncio.create_task(way) for way in both]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                onward[1].close()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.pop(writer, None)
            writer.close()

    async def _server(self, session: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        own = self.server_of.get(session, "")
        for name in sorted(self.servers, key=lambda name: name != own):
            with suppress(OSError):
                return await asyncio.open_connection(LOOPBACK, self.servers[name])
        return None

    async def _carry(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, whose: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                if whose not in self._stuck:
                    to.write(data)
                    await to.drain()


@asynccontextmanager
async def front_door(servers: dict[str, int]) -> AsyncIterator[FrontDoor]:
    """Open until the end."""
    door = FrontDoor(servers)
    serving = await asyncio.start_server(door.opened, LOOPBACK, 0)
    door.port = serving.sockets[0].getsockname()[1]
    try:
        yield door
    finally:
        serving.close()
