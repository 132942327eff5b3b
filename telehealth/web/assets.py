"""The files of the pages, each read once: they stay as they are while this process runs, and a room's page asks for
more than fifty."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

CONDITIONS = frozenset({b"range", b"if-range", b"if-none-match", b"if-modified-since"})


@dataclass(frozen=True)
class Kept:
    """A whole answer."""

    body: bytes
    headers: dict[str, str]


class Assets(StaticFiles):
    """Starlette decides what there is. What it has found once it is not asked for again, unless only a part is wanted
    or a condition is set."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._kept: dict[str, Kept] = {}

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or HTTPException."""
        is_plain = scope["method"] == "GET" and CONDITIONS.isdisjoint(name for name, _ in scope["headers"])
        if not is_plain:
            return await super().get_response(path, scope)
        kept = self._kept.get(path)
        if kept is None:
            found = await super().get_response(path, scope)
            if not isinstance(found, FileResponse):
                return found
            body = await asyncio.to_thread(Path(found.path).read_bytes)
            kept = self._kept[path] = Kept(body, dict(found.headers))
        return Response(kept.body, headers=kept.headers)
