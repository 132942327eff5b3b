"""Where the demo listens: on a port that `localhost` reaches, and nobody else has; and whom a request is from."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from telehealth.cli import serving
from telehealth.cli.serving import listen_near
from telehealth.demo.folder import free_port
from telehealth.web.events import Streams, event, stream

IPV6 = ["::1"] if socket.has_dualstack_ipv6() else []


def test_a_free_port_is_taken_as_asked() -> None:
    port = free_port()
    with listen_near(port) as listening:
        assert listening.getsockname() == ("127.0.0.1", port)


@pytest.mark.parametrize("address", ["127.0.0.1", *IPV6])
def test_a_port_that_another_program_has_is_left_to_it(address: str) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with (
        socket.create_server((address, 0), family=family) as other,
        listen_near(other.getsockname()[1]) as listening,
    ):
        assert listening.getsockname()[1] > other.getsockname()[1]


def test_no_free_port_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="no port from"):
        listen_near(other.getsockname()[1], tries=1)


@pytest.mark.parametrize(
    ("comes_from", "says", "counts_as"),
    [
        ("172.18.0.2", "192.0.2.1", "192.0.2.1"),
        ("172.18.0.2", "198.51.100.9, 192.0.2.1", "192.0.2.1"),  # the first was made up by whoever asked
        ("172.18.0.2", "198.51.100.9, 192.0.2.1, 172.18.0.3", "192.0.2.1"),
        ("198.51.100.7", "192.0.2.1", "198.51.100.7"),  # a stranger who came past the front door
        ("127.0.0.1", "192.0.2.1", "127.0.0.1"),
    ],
)
async def test_where_somebody_comes_from_is_believed_of_the_front_door_alone(
    comes_from: str, says: str, counts_as: str
) -> None:
    assert await address_seen(("172.18.0.0/16",), comes_from, says) == counts_as


async def test_without_a_front_door_nobody_is_believed() -> None:
    assert await address_seen((), "127.0.0.1", "192.0.2.1") == "127.0.0.1"


async def test_a_page_that_listens_does_not_hold_up_the_goodbye(caplog: pytest.LogCaptureFixture) -> None:
    streams = Streams()

    async def told() -> AsyncIterator[bytes]:
        yield event("waiting", [])
        await streams.is_over(seconds=60)

    async def listens(request: Request) -> Response:
        return stream(told())

    app = Starlette(routes=[Route("/", listens)])
    app.state.streams = streams
    ready = asyncio.Event()
    service = serving.Service(app, on_ready=ready.set)
    with listen_near(free_port()) as listening:
        running = asyncio.create_task(service.run_until_stopped(listening))
        async with asyncio.timeout(10), httpx2.AsyncClient(trust_env=False) as client:
            await ready.wait()
            address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
            async with client.stream("GET", address) as answer:
                lines = answer.aiter_lines()
                while await anext(lines) != "event: waiting":
                    pass
                running.cancel()
                rest = [line async for line in lines]  # whole, and not cut off
        assert await running
    assert rest == ["data: []", ""]
    assert "Cancel" not in caplog.text


async def address_seen(front_door: tuple[str, ...], comes_from: str, says: str) -> str:
    """What the application takes for the address of a request, behind the very server that people reach."""
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])

    service = serving.Service(Starlette(), on_ready=lambda: None, front_door=front_door)
    service.config.app = app
    service.config.load()
    headers = [(b"x-forwarded-for", says.encode())]
    scope = {"type": "http", "client": (comes_from, 4000), "headers": headers, "scheme": "http"}
    await service.config.loaded_app(scope, no_message, no_answer)
    return seen[0]


async def no_message() -> Message:
    raise AssertionError("nothing is read")


async def no_answer(message: Message) -> None:
    raise AssertionError("nothing is said")
