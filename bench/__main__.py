"""`python -m bench`: measure every row side by side, print the table and write docs/benchmarks.md."""

import asyncio
import os
import platform
from pathlib import Path

from bench import first_frame
from bench.row import Row, table

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Ratios of one run of `make bench`; absolute times differ from machine to machine and mean little by themselves.
Measured with Python {python} on {cores} cores.

"""


def main() -> None:
    rows = asyncio.run(measured())
    text = table(rows)
    print(text)
    cores = len(os.sched_getaffinity(0))
    PAGE.write_text(HEAD.format(python=platform.python_version(), cores=cores) + text + "\n")


async def measured() -> list[Row]:
    return [await first_frame.measure()]


if __name__ == "__main__":
    main()
