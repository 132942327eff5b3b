"""Every answer is counted under its route as the table writes it, never under a path with an id, and has a log line."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from telehealth.watching.meters import Meters

UNKNOWN = "none"  # no route: an address that is not there, or a request that got no further
QUIET = ("/healthz", "/readyz")  # asked every few seconds by machines
# Where somebody asks for a time: that it is gone is an outcome of a booking.
FOR_TIMES = ("/holds", "/appointments", "/appointments/{id}/time", "/clients/{id}/booking")
_log = logging.getLogger(__name__)


class Counted:
    """The outermost of all: sees every answer as it leaves."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self.app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._count(scope, status, time.perf_counter() - started)
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            if not status:  # whoever asked has gone, or nothing could be answered
                self._count(scope, 499, time.perf_counter() - started)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route, method, state = route_of(scope), _method_of(scope), scope.get("state", {})
        self._meters.requests.labels(route, method, str(status)).inc()
        self._meters.seconds.labels(route).observe(seconds)
        code = state.get("refused_as")
        if code is not None:
            self._meters.refusals.labels(route, code).inc()
        if status == 409 and method == "POST" and route in FOR_TIMES:
            self._meters.bookings.labels("refused").inc()
        if route not in QUIET:
            told = {"request_id": state.get("request_id"), "route": route, "method": method, "status": status}
            _log.info("answered", extra={**told, "milliseconds": round(seconds * 1000, 1)})


def route_of(scope: Scope) -> str:
    """The route as the table writes it."""
    path = getattr(scope.get("route"), "path", None)
    return path if isinstance(path, str) else UNKNOWN


def _method_of(scope: Scope) -> str:
    """A name that no stranger chose: there is a figure for each."""
    method = scope["method"]
    return method if method in ("GET", "HEAD", "POST") else "other"
