"""Style sheets are written as many files and sent as one, so that a page is not shown late because its browser had to
ask forty times, and only knew so after the first answer."""

import re
from pathlib import Path

IMPORT = re.compile(r'@import url\("([^":]+)"\)(?: layer\(([a-z]+)\))?;')


def whole(sheet: Path) -> str:
    """The text of a style sheet with those it imports in their places and layers (CSS Cascade 5, section 6.4). Their
    addresses are relative to themselves, so that they may name no other file with `url()`."""

    def in_its_place(found: re.Match[str]) -> str:
        name, layer = found.groups()
        text = whole(sheet.parent / name)
        return f"@layer {layer} {{\n{text}}}" if layer else text

    return IMPORT.sub(in_its_place, sheet.read_text(encoding="utf-8"))
