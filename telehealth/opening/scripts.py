"""The SHA-256 of every script that this service serves, so that anyone can compare it with the released ones."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from telehealth.web.templating import page


async def scripts(request: Request) -> Response:
    """GET /scripts"""
    return page(request, "opening/scripts.html", {"scripts": hashes_of(request.app.state.templates.static)})


async def checksums(request: Request) -> Response:
    """GET /scripts.sha256: the same, as `sha256sum --check` reads it in the folder frontend/static of a release."""
    listed = hashes_of(request.app.state.templates.static)
    return PlainTextResponse("".join(f"{digest}  {path}\n" for path, digest in listed.items()))


@cache
def hashes_of(static: Path) -> dict[str, str]:
    """Path below `static` → SHA-256 of that script in hex, in order of path."""
    found = sorted(static.rglob("*.js"))
    return {
        path.relative_to(static).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found
    }
