"""`python -m bench [ROW ...]`: measure these rows, or all but the large ones; print them and write their lines to
docs/benchmarks.md."""

import asyncio
import gc
import math
import os
import platform
import sys
import time
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
    whole,
)
from bench.page import PAGE, lines_of, renewed
from bench.row import HEAD, Measure, Row, line

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
    "bookings-http-10000": bookings.measure_http_large,
    "kills-postgresql": kills.measure_postgresql,
    "kills-postgresql-100": kills.measure_postgresql_large,
    "kills-sqlite": kills.measure_sqlite,
    "kills-sqlite-100": kills.measure_sqlite_large,
    "backup": backups.measure_making,
    "restore": backups.measure_restoring,
    "audit-sqlite": audit_verify.measure_sqlite,
    "audit-postgresql": audit_verify.measure_postgresql,
    "audit-quiet": audit_verify.measure_quiet,
}
LARGE = ("bookings-http-10000", "kills-postgresql-100", "kills-sqlite-100")  # by name alone: an hour or so
ROW_SECONDS, WHOLE_SECONDS, LARGE_SECONDS = 480.0, 40 * 60.0, 3 * 3600.0
NOTHING: Mapping[str, Row] = {}


def main(wanted: list[str]) -> int:
    """The exit code: 0, 1 when a row failed, 2 when a row is unknown. The page is written after every row."""
    unknown = [name for name in wanted if name not in ROWS]
    if unknown:
        print(f"No such row: {', '.join(unknown)}. There are: {', '.join(ROWS)}.", file=sys.stderr)
        return 2
    if len(wanted) == 1:
        _measure(wanted[0])
        return 0
    return _several(wanted, seconds=LARGE_SECONDS) if wanted else _all()


def _all() -> int:
    began = time.monotonic()
    failed = _several(
        [name for name in ROWS if name not in LARGE], seconds=ROW_SECONDS, whole_seconds=WHOLE_SECONDS
    )
    minutes = max(1, round((time.monotonic() - began) / 60))
    print(f"It took {minutes} minutes.", flush=True)
    if not failed:
        _keep(minutes=minutes)
    return failed


def _several(names: list[str], *, seconds: float, whole_seconds: float = math.inf) -> int:
    print("\n".join(HEAD), flush=True)
    commands = {name: [sys.executable, "-m", "bench", name] for name in names}
    failed = whole.run(commands, seconds=seconds, whole=whole_seconds)
    missed = [name for name in names if name not in failed and "**missed**" in _line_of(name)]
    print(f"Missed: {', '.join(missed) or 'none'}. Failed: {', '.join(failed) or 'none'}.", flush=True)
    return 1 if failed else 0


def _measure(name: str) -> None:
    row = _measured(name)
    print(line(name, row), flush=True)
    _keep({name: row})


def _measured(name: str) -> Row:
    """In a process as the service runs in: on its loop, and without collections of what was loaded at the start."""
    gc.collect()
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_one(name))


async def _one(name: str) -> Row:
    return await ROWS[name]()


def _line_of(name: str) -> str:
    return lines_of(PAGE.read_text(encoding="utf-8")).get(name, "")


def _keep(rows: Mapping[str, Row] = NOTHING, *, minutes: int | None = None) -> None:
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    cores = len(os.sched_getaffinity(0))
    text = renewed(page, list(ROWS), rows, python=platform.python_version(), cores=cores, minutes=minutes)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
