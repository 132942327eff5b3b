"""The administrator tries the relay: a short session of two machines through this very deployment."""

import asyncio
import json
import os
import sys
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from telehealth.clinic.pages import administrator
from telehealth.errors import Conflict, TooMany, Unavailable
from telehealth.rooms import impressions
from telehealth.settings import Settings
from telehealth.web.forms import form_of
from telehealth.web.templating import page

SECONDS = 3
AT_MOST = 90.0  # seconds for both sessions
UNSET = "This service has no secret for probes. Whoever runs it sets PROBE_SECRET, and then it can be tried."
RUNNING = "Somebody is trying it just now. Please wait half a minute."
FAILED = "The relay could not be tried. Whoever runs the service finds the reason with: telehealth probe"
_one_at_a_time = asyncio.Lock()


async def relay(request: Request) -> Response:
    """GET /clinic/relay"""
    administrator(request)
    return await _page(request, [])


async def try_relay(request: Request) -> Response:
    """POST /clinic/relay: the same as `telehealth probe`, in a process of its own, and what came of it."""
    await form_of(request)
    administrator(request)
    settings: Settings = request.app.state.settings
    if not settings.probe_secret:
        raise Conflict("no_probe_secret", UNSET)
    if _one_at_a_time.locked():
        raise TooMany("probe_running", RUNNING)
    async with _one_at_a_time:
        return await _page(request, await _sessions(settings))


async def _page(request: Request, sessions: list[dict[str, Any]]) -> Response:
    context = {
        "sessions": sessions,
        "has_secret": bool(request.app.state.settings.probe_secret),
        "months": await impressions.months(request.app.state.office),
    }
    return page(request, "clinic/relay.html", context)


async def _sessions(settings: Settings) -> list[dict[str, Any]]:
    """What the command says, session by session."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "telehealth", "probe", settings.public_url, "--json", f"--seconds={SECONDS}"),
        env={**os.environ, "PROBE_SECRET": settings.probe_secret},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(AT_MOST):
            said, _ = await process.communicate()
        found: list[dict[str, Any]] = json.loads(said)["sessions"]
    except (TimeoutError, ValueError) as error:
        raise Unavailable("probe_failed", FAILED) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return found
