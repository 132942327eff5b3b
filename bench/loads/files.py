"""The files that a page brings along, and those that they name in turn; a browser keeps them for ever."""

import re
from urllib.parse import urljoin

LINKED = re.compile(r'(?:href|src)="(/static/[^"#]+)')
NAMED = re.compile(r"""@import url\("([^"]+)"\)|(?:import|from) '(\.[^']+)'""")


def linked(page: str) -> set[str]:
    """Their paths, as a page names them."""
    return set(LINKED.findall(page))


def named(path: str, text: str) -> set[str]:
    """Those that a stylesheet or a module at this path needs besides."""
    return {urljoin(path, style or module) for style, module in NAMED.findall(text)}
