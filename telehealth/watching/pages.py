"""What machines ask: whether this process lives, and whether requests should come here."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from telehealth.watching.readiness import Readiness

RETRY_SECONDS = 5


async def healthz(request: Request) -> Response:
    """GET /healthz: this process answers."""
    return PlainTextResponse("ok\n")


async def readyz(request: Request) -> Response:
    """GET /readyz: JSON {"ready", "reasons"}; 503 with the reasons by code while a part it needs is away."""
    readiness: Readiness = request.app.state.readiness
    reasons = await readiness.reasons()
    response = JSONResponse({"ready": not reasons, "reasons": reasons}, 503 if reasons else 200)
    if reasons:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
