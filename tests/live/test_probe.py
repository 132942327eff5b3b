"""The probe of a deployment: two ends through a real server and a real relay, and the command around it."""

import asyncio
import json
import os
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from signaling.admission import Entry
from signaling.endpoint import Signaling
from signaling.ice import ice_servers
from signaling.probe import Report, Way, probe
from telehealth.cli import probe as command
from tests.clock import FakeClock
from tests.coturn import SECRET as RELAY_SECRET
from tests.coturn import Coturn
from tests.live.clerk import Clerk, seat_of
from tests.live.conftest import running
from tests.patience import within

SECRET = "throw-away-secret-of-the-tests-probe"
SECONDS = 1.0


@dataclass
class Deployment:
    """A service with one room, to which it gives tickets to whoever knows the secret."""

    origin: str
    clerk: Clerk

    def tickets(self) -> tuple[str, str]:
        return self.clerk.mint("Mara"), self.clerk.mint("Anna")

    async def probed(self, way: Way) -> Report:
        socket_url = self.origin.replace("http", "ws", 1) + "/signaling"
        return await probe(socket_url, self.origin, self.tickets(), way, seconds=SECONDS)


@asynccontextmanager
async def deployed(
    relay: Coturn | None = None, policy: Literal["all", "relay"] = "all"
) -> AsyncIterator[Deployment]:
    """Served on loopback until the end; at the real time, which a relay looks at."""
    clerk = Clerk(clock=FakeClock(datetime.now(UTC)), admitted={seat_of("Anna")})

    def ice(entry: Entry) -> dict[str, Any]:
        urls = () if relay is None else relay.urls[:1]
        servers = ice_servers(
            entry, stun_urls=(), turn_urls=urls, turn_secret=RELAY_SECRET, now=clerk.clock()
        )
        return {"servers": servers, "policy": policy}

    async def tickets(request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return Response(status_code=404)
        return JSONResponse({"tickets": deployment.tickets(), "expires_in": 30}, 201)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        deployment = Deployment(f"http://127.0.0.1:{listener.getsockname()[1]}", clerk)
        signaling = Signaling(clerk, origins=frozenset({deployment.origin}), ice=ice, clock=clerk.clock)
        routes = [Route("/probe/tickets", tickets, methods=["POST"]), WebSocketRoute("/signaling", signaling)]
        config = uvicorn.Config(
            Starlette(routes=routes), ws="websockets-sansio", lifespan="off", log_config=None
        )
        async with running(config, listener):
            try:
                yield deployment
            finally:
                await signaling.close()


@pytest.mark.parametrize(("way", "path"), [("direct", "host - host"), ("relayed", "relay - relay")])
async def test_two_ends_hold_a_session_directly_and_by_the_relay_alone(
    relay: Coturn, way: Way, path: str
) -> None:
    async with deployed(relay) as deployment:
        report = await deployment.probed(way)
    assert (report.failure, report.path) == ("", path)
    assert report.set_up is not None
    assert report.round_trip is not None
    assert 0 < report.round_trip < report.set_up
    assert report.loss is not None
    assert report.loss < 0.5


@pytest.mark.parametrize(
    ("way", "policy", "failure"), [("relayed", "all", "no_relay"), ("direct", "relay", "not_allowed")]
)
async def test_what_the_practice_has_or_allows_not_is_said(
    way: Way, policy: Literal["all", "relay"], failure: str
) -> None:
    async with deployed(policy=policy) as deployment:
        assert await deployment.probed(way) == Report(way, failure)


async def test_a_relay_that_is_away_is_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.probe.CONNECT_SECONDS", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    async with deployed(Coturn(port, port)) as deployment:
        report = await deployment.probed("relayed")
    assert report.failure == "no_connection"


async def test_a_used_ticket_is_refused_and_nobody_there_is_not_reached() -> None:
    async with deployed() as deployment:
        deployment.clerk.ended = True
        assert (await deployment.probed("direct")).failure == "refused"
    assert (await deployment.probed("direct")).failure == "not_reached"


async def test_the_command_prints_both_and_tells_by_its_code_whether_all_is_well(relay: Coturn) -> None:
    async with deployed(relay) as deployment:
        code, said = await _command(deployment.origin, SECRET)
        assert (code, [(each["way"], each["failure"]) for each in said["sessions"]]) == (
            0,
            [("direct", ""), ("relayed", "")],
        )
        tls = ssl.create_default_context()
        refused = await command._session(deployment.origin, "x" * 40, "direct", SECONDS, tls)
    assert refused == asdict(Report("direct", "no_secret"))
    assert command.said(refused) == "direct: the service does not take this secret, or has none"


async def _command(url: str, secret: str) -> tuple[int, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telehealth", "probe", url, "--seconds", "1", "--json"),
        env={**os.environ, "PROBE_SECRET": secret},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with within("the command"):
        out, err = await process.communicate()
    assert out, err.decode()
    return process.returncode or 0, json.loads(out)
