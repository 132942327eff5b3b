"""The port that Prometheus reads: apart from the one that people reach, and with nothing on it but the figures."""

from collections.abc import Awaitable, Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from telehealth.watching.meters import Meters


async def _nothing() -> None:
    return


def port(meters: Meters, refresh: Callable[[], Awaitable[None]] = _nothing) -> Starlette:
    """An application with /metrics alone; `refresh` is awaited before each reading."""

    async def metrics(request: Request) -> Response:
        """GET /metrics"""
        await refresh()
        return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/metrics", metrics)])
