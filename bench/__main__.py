"""`python -m bench [ROW ...]`: measure these rows, or all; print them and write their lines to docs/benchmarks.md."""

import asyncio
import gc
import os
import platform
import sys
from collections.abc import Mapping

import uvloop

from bench import (
    audit_verify,
    backups,
    blind_index,
    bookings,
    first_frame,
    kills,
    open_times,
    rotation,
    sealing,
    signaling,
    times_page,
)
from bench.page import PAGE, renewed
from bench.row import Measure, Row, line

ROWS: Mapping[str, Measure] = {
    "first-frame": first_frame.measure,
    "signaling-burst": signaling.measure_burst,
    "signaling-relay": signaling.measure_relay,
    "signaling-idle": signaling.measure_idle,
    "sealing": sealing.measure_sealing,
    "opening": sealing.measure_opening,
    "account-index": blind_index.measure_account,
    "address-index": blind_index.measure_address,
    "rotation-sqlite": rotation.measure_sqlite,
    "rotation-postgresql": rotation.measure_postgresql,
    "open-times": open_times.measure,
    "open-times-half": open_times.measure_half,
    "times-page": times_page.measure,
    "bookings-contended": bookings.measure,
    "bookings-http": bookings.measure_http,
    "kills-postgresql": kills.measure_postgresql,
    "kills-sqlite": kills.measure_sqlite,
    "backup": backups.measure_making,
    "restore": backups.measure_restoring,
    "audit-sqlite": audit_verify.measure_sqlite,
    "audit-postgresql": audit_verify.measure_postgresql,
    "audit-quiet": audit_verify.measure_quiet,
}


def main(wanted: list[str]) -> int:
    """The exit code: 0, or 2 when a row is unknown. The page is written after every row."""
    unknown = [name for name in wanted if name not in ROWS]
    if unknown:
        print(f"No such row: {', '.join(unknown)}. There are: {', '.join(ROWS)}.", file=sys.stderr)
        return 2
    for name in wanted or ROWS:
        row = _measured(name)
        print(line(name, row), flush=True)
        _keep(name, row)
    return 0


def _measured(name: str) -> Row:
    """In a process as the service runs in: on its loop, and without collections of what was loaded at the start."""
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_one(name))


async def _one(name: str) -> Row:
    return await ROWS[name]()


def _keep(name: str, row: Row) -> None:
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    cores = len(os.sched_getaffinity(0))
    text = renewed(page, list(ROWS), {name: row}, python=platform.python_version(), cores=cores)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
