"""Files of the pages: what was found once needs no disk any more, style sheets come whole, and what is not there is
refused."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.exceptions import HTTPException
from starlette.responses import Response

from telehealth.web import modules, stylesheets
from telehealth.web.assets import Assets

STATIC = Path("frontend/static")


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


async def test_who_has_it_is_sent_nothing_and_who_wants_a_part_the_whole(assets: Assets) -> None:
    known = (await assets.get_response("main.css", asked())).headers["etag"]
    assert (await assets.get_response("main.css", asked(if_none_match=known))).status_code == 304
    other = await assets.get_response("main.css", asked(if_none_match='"other"'))
    part = await assets.get_response("main.css", asked(range="bytes=0-3"))
    assert [(each.status_code, each.body) for each in (other, part)] == 2 * [(200, b"body {}")]
    head = await assets.get_response("main.css", asked("HEAD"))
    assert (head.headers["etag"], head.headers["content-length"]) == (known, "7")


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


async def test_a_sheet_comes_with_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/a.css").write_text('@import url("b.css");\na {}\n')
    (tmp_path / "parts/b.css").write_text("b {}\n")
    (tmp_path / "all.css").write_text('@layer parts;\n@import url("parts/a.css") layer(parts);\n')
    sent = await Assets(tmp_path).get_response("all.css", asked())
    assert sent.body == b"@layer parts;\n@layer parts {\nb {}\n\na {}\n}\n"


@pytest.mark.parametrize("name", ["main.css", "room.css"])
def test_our_sheets_ask_for_nothing_more(name: str) -> None:
    written = STATIC / "css" / name
    text = stylesheets.whole(written)
    assert not re.search(r"@import|url\(", text)
    parts = re.findall(r'@import url\("([^"]+)"\)', written.read_text())
    assert len(parts) > 10
    assert [each for each in parts if (written.parent / each).read_text() not in text] == []


def test_modules_are_named_that_a_script_needs_each_once(tmp_path: Path) -> None:
    (tmp_path / "view").mkdir()
    (tmp_path / "main.js").write_text('import { a } from "./a.js";\nimport {\n  b,\n} from "./view/b.js";\n')
    (tmp_path / "a.js").write_text(
        '/** @typedef {import("./no.js").No} No */\nexport { b } from "./view/b.js";\n'
    )
    (tmp_path / "view/b.js").write_text('import "../a.js";\nexport const b = "./no.js";\n')
    found = [
        each.relative_to(tmp_path.resolve()).as_posix() for each in modules.needed_by(tmp_path / "main.js")
    ]
    assert found == ["a.js", "view/b.js"]


def test_the_modules_of_the_room_are_known() -> None:
    found = modules.needed_by(STATIC / "js/room/main.js")
    assert len(found) > 40
    assert all(each.is_file() for each in found)
