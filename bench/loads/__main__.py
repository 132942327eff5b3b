"""`python -m bench.loads hour|monday [--size N] [--seconds N]`: put a practice under load, print what it showed and, at
its full size, write that to docs/benchmarks.md. By hand, since it takes minutes and all of the machine."""

import argparse
import asyncio
import os
from textwrap import fill

import uvloop

from bench.loads import hour, monday
from bench.page import PAGE, with_load

LOADS = {
    "hour": (
        hour.load,
        500,
        120,
        "The start of the hour: {size} rooms of two people, who come within {seconds} s, one in ten with an empty "
        "browser",
    ),
    "monday": (
        monday.load,
        1000,
        60,
        "A Monday morning: {size} people with empty browsers look for a time within {seconds} s, {tenth} book",
    ),
}


def main() -> None:
    """One load."""
    parser = argparse.ArgumentParser(prog="python -m bench.loads")
    parser.add_argument("load", choices=LOADS)
    parser.add_argument("--size", type=int)
    parser.add_argument("--seconds", type=int)
    wanted = parser.parse_args()
    run, size, seconds, title = LOADS[wanted.load]
    size, seconds = wanted.size or size, wanted.seconds or seconds
    before = os.getloadavg()[0]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(run(size, seconds))
    cores = len(os.sched_getaffinity(0))
    where = f"All parts and who makes the load share {cores} cores. "
    where += f"Before it, others used the machine at a load of {before:.0f}."
    said = fill(f"{found.said()} {where}", 120, break_on_hyphens=False)
    title = title.format(size=f"{size:,}", seconds=seconds, tenth=size // 10)
    text = "\n".join([title, "", *found.table(), "", *found.parts_table(), "", said])
    print(text)
    if (size, seconds) == LOADS[wanted.load][1:3]:
        PAGE.write_text(with_load(PAGE.read_text(encoding="utf-8"), wanted.load, text), encoding="utf-8")


if __name__ == "__main__":
    main()
