"""docs/benchmarks.md: a line for each row; a row that is measured again leaves the others' figures as they are."""

import re
from collections.abc import Mapping, Sequence

from bench.row import HEAD, Row, line

TEXT = """# Benchmarks

Each line is ours beside something else, measured in turns in one run; the figure that counts is the ratio. Absolute
times differ from machine to machine and mean little by themselves. `make bench` measures all rows, and
`make bench ROW=sealing` one of them; the other lines stay as they were.
Last measured with Python {python} on {cores} cores.

"""
_LINE = re.compile(r"^\| `([\w-]+)` \|.*$", re.MULTILINE)


def lines_of(page: str) -> dict[str, str]:
    """The lines of a page by the name of their row."""
    return {match[1]: match[0] for match in _LINE.finditer(page)}


def renewed(page: str, order: Sequence[str], rows: Mapping[str, Row], *, python: str, cores: int) -> str:
    """The page with these rows' lines new, in the given order; a row that is no longer measured is left out."""
    lines = lines_of(page) | {name: line(name, row) for name, row in rows.items()}
    kept = [lines[name] for name in order if name in lines]
    return TEXT.format(python=python, cores=cores) + "\n".join([*HEAD, *kept]) + "\n"
