"""The files of the pages, each read once: they stay as they are while this process runs, and a room's page asks for
more than fifty."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from telehealth.web import stylesheets


@dataclass(frozen=True)
class Kept:
    """A whole answer."""

    body: bytes
    headers: dict[str, str]


class Assets(StaticFiles):
    """Starlette decides what there is. It is not asked again for what it has found once: that is sent whole, whatever
    part is wanted (RFC 9110, section 14.2), or not at all to who has it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._kept: dict[str, Kept] = {}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or HTTPException."""
        kept = self._kept.get(path) if scope["method"] in ("GET", "HEAD") else None
        if kept is None:
            found = await super().get_response(path, {**scope, "headers": []})
            if not isinstance(found, FileResponse):
                return found
            kept = self._kept[path] = await asyncio.to_thread(_read, Path(found.path), found.headers)
        answer = Response(kept.body, headers=kept.headers)
        is_there = self.is_not_modified(answer.headers, Headers(scope=scope))
        return NotModifiedResponse(answer.headers) if is_there else answer


def _read(file: Path, found: Headers) -> Kept:
    is_sheet = file.suffix == ".css"
    body = stylesheets.whole(file).encode() if is_sheet else file.read_bytes()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Kept(body, {"content-type": found["content-type"], "etag": etag})
