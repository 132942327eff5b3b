"""`python -m signaling MODULE:ADMISSION`: signaling alone, for any service that can say who may be in which room."""

import argparse
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from signaling.admission import Admission, Entry
from signaling.endpoint import Signaling
from signaling.protocol import FRAME_BYTES


def main(words: Sequence[str] | None = None) -> None:
    """Serve until the process is told to stop."""
    asked = _parser().parse_args(words)
    app = create_app(_admission(asked.admission), asked.origin, asked.stun)
    uvicorn.run(
        app,
        host=asked.host,
        port=asked.port,
        ws="websockets-sansio",
        ws_max_size=FRAME_BYTES,
        ws_per_message_deflate=False,
    )


def create_app(admission: Admission, origins: Sequence[str], stun: Sequence[str]) -> Starlette:
    """One socket at /signaling, for pages of these origins."""

    def ice(entry: Entry) -> dict[str, Any]:
        return {"servers": [{"urls": list(stun)}] if stun else [], "policy": entry.ice_policy}

    signaling = Signaling(admission, origins=frozenset(origins), ice=ice)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        signaling.open()
        yield
        await signaling.close()

    return Starlette(routes=[WebSocketRoute("/signaling", signaling)], lifespan=running)


def _admission(name: str) -> Admission:
    module, _, attribute = name.partition(":")
    admission: Admission = getattr(import_module(module), attribute)
    return admission


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m signaling", description=__doc__)
    parser.add_argument("admission", help="where your signaling.admission.Admission is, as module:name")
    parser.add_argument("--origin", action="append", required=True, help="an Origin whose pages may connect")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--stun", action="append", default=[], help="stun:HOST:PORT")
    return parser


if __name__ == "__main__":
    main()
