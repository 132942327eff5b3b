"""Whose page may connect, also where the WebSocket library in front lets a doubled header through."""

import pytest

from signaling.endpoint import Event, Signaling
from tests.live.clerk import Clerk

OURS, OTHERS = b"https://clinic.example.org", b"https://evil.example.org"


async def answer(origins: list[bytes]) -> str:
    """The first thing a socket with these Origin headers is told."""
    told: list[Event] = []

    async def receive() -> Event:
        return {"type": "websocket.disconnect" if told else "websocket.connect", "code": 1001}

    async def send(event: Event) -> None:
        told.append(event)

    signaling = Signaling(Clerk(), origins=frozenset({OURS.decode()}), ice=lambda _: {})
    scope = {"type": "websocket", "headers": [(b"origin", origin) for origin in origins]}
    await signaling(scope, receive, send)
    return str(told[0]["type"])


async def test_our_own_page_may_connect() -> None:
    assert await answer([OURS]) == "websocket.accept"


@pytest.mark.parametrize(
    "origins",
    [
        [],
        [b""],
        [b"null"],
        [OTHERS],
        [OURS + b"/"],
        [OURS.upper()],
        [OURS, OURS],
        [OURS, OTHERS],
        [OTHERS, OURS],
    ],
)
async def test_no_origin_another_one_or_several_may_not(origins: list[bytes]) -> None:
    assert await answer(origins) == "websocket.close"
