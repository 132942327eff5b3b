"""Files of the pages: what was found once needs no disk any more, and everything else is as Starlette has it."""

from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.responses import Response

from telehealth.web.assets import Assets


def asked(method: str = "GET", **headers: str) -> dict[str, Any]:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "headers": told}


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    (tmp_path / "main.css").write_text("body {}")
    return Assets(tmp_path)


async def test_a_file_is_read_once(assets: Assets, tmp_path: Path) -> None:
    first = await assets.get_response("main.css", asked())
    (tmp_path / "main.css").unlink()
    first.headers["x-said-once"] = "1"
    again = await assets.get_response("main.css", asked())
    assert type(again) is Response
    assert again.body == b"body {}"
    assert again.headers["content-type"] == "text/css; charset=utf-8"
    assert again.headers["etag"] == first.headers["etag"]
    assert "x-said-once" not in again.headers


async def test_conditions_and_parts_are_answered_as_ever(assets: Assets) -> None:
    known = (await assets.get_response("main.css", asked())).headers["etag"]
    assert (await assets.get_response("main.css", asked(if_none_match=known))).status_code == 304
    assert type(await assets.get_response("main.css", asked(range="bytes=0-3"))) is not Response
    assert type(await assets.get_response("main.css", asked("HEAD"))) is not Response


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("none.css", "GET", 404), ("../main.css", "GET", 404), (".", "GET", 404), ("main.css", "POST", 405)],
)
async def test_what_is_not_there_or_cannot_be_done_is_refused(
    assets: Assets, path: str, method: str, status: int
) -> None:
    await assets.get_response("main.css", asked())
    with pytest.raises(HTTPException) as refused:
        await assets.get_response(path, asked(method))
    assert refused.value.status_code == status
