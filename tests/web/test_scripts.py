"""What is published about scripts is what is served."""

import hashlib
import re
from pathlib import Path

from tests.web.conftest import Site

STATIC = Path(__file__).parents[2] / "frontend" / "static"
ROW = re.compile(r'<dt><a href="([^"]+)">([^<]+)</a></dt><dd><code>([0-9a-f]{64})</code>')


async def test_the_hash_of_every_script_is_published_as_it_is_served(site: Site) -> None:
    visitor = await site.browser()
    shown = ROW.findall((await visitor.get("/scripts")).text)
    assert {path for _, path, _ in shown} == {
        path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*.js")
    }
    for address, path, digest in shown:
        served = await visitor.get(address)
        assert hashlib.sha256(served.content).hexdigest() == digest, path
    lines = (await visitor.get("/scripts.sha256")).text.splitlines()
    assert lines == [f"{digest}  {path}" for _, path, digest in shown]


def test_pages_have_scripts_of_these_files_only() -> None:
    found = [
        tag
        for page in (STATIC.parent / "templates").rglob("*.html")
        for tag in re.findall(r"<script[^>]*>", page.read_text(encoding="utf-8"))
    ]
    assert found
    assert all(
        re.fullmatch(r"<script type=\"module\" src=\"\{\{ asset\('js/[^']+\.js'\) \}\}\">", tag)
        for tag in found
    )
