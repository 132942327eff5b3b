"""docs/benchmarks.md: a line for each row; a row that is measured again leaves the others' figures as they are."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill

from bench.row import HEAD, Row, line

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
TEXT = """# Benchmarks

Each line is ours beside something else, measured in turns in one run; the figure that counts is the ratio. Absolute
times differ from machine to machine and mean little by themselves. `make bench` measures all rows but those whose
names end in a number, which are the same for longer, and `make bench ROW=sealing` one of them; the other lines stay as
they were. Last measured with Python {python} on {cores} cores{minutes}.

"""
MINUTES = ", all of them in {} minutes"
NOTES = {  # written here, not on the page, which is made anew
    "kills-postgresql-100": (
        "what was asked again had no answer when the "
        "service was killed; its key makes the second time the first. Nearly all of the time is the start of a process "
        "on a machine that others used as well."
    ),
    "restore": (
        "rows go in by COPY, as pg_restore's do; by INSERT of many it was 6.4 times pg_restore. Three fifths of ours "
        "is waiting for PostgreSQL, which keeps the indexes and foreign keys that stand from the start (pg_restore "
        "makes them at the end); the rest is opening and decoding the archives, and making the schema by its "
        "migrations. Measured on a machine that others used as well."
    ),
    "signaling-relay": (
        "a third goes into uvicorn's write to the socket, a tenth into decoding, deciding and passing on; no task is "
        "made for a message and nothing is compressed. One limit for all waits of a socket, in place of one for each "
        "message, took a tenth off. What is left to try is one clock for all sockets in place of the limit around each "
        "write, which is a twentieth of it."
    ),
    "signaling-idle": (
        "half of it is the WebSocket below us: its task, the headers of its request, a queue and two events. The task "
        "that reads, the one that writes and the one that asks again whether somebody may stay are most of the rest. "
        "Queue and event of ours became a list and a future, which took 34.2 KiB to 29.5. Node keeps a socket without "
        "any task. What is left to try is one task that asks for all sockets."
    ),
    "times-page": (
        "the nearest open peer takes 520 ms and 379 statements for its page. The statements are as many whatever the "
        "practice's size. Both sides are times on the wall, and a machine that others use makes both of them several "
        "times as long: the least of each says most then."
    ),
    "bookings-contended": (
        "what separates the two is how long Python takes to send a statement, so that fewer statements help both "
        "sides alike. One booking takes 28 instead of 73; an attempt that comes too late takes 19, writes nothing, "
        "and looks for other times when its locks are gone. Statements are built once, rows of one table are written "
        "at once, lists are one parameter, and a pooled connection is not asked whether it still lives. That took a "
        "booking from 34 ms of one core to 5, and a refusal from 33 to 5. Then, as time of the processor in one "
        "process, measured in turns on a machine that others used: what is built once goes to the driver without "
        "SQLAlchemy's looking at it again (`telehealth/db/direct.py`): a statement takes about 0.05 ms in place of "
        "0.13, of which asyncpg alone takes 0.02, and a booking with its refusal a third less; transactions end "
        "without a wait of SQLAlchemy's: a twentieth less. Statements with a list were planned anew each time, twelve "
        "for a booking and a refusal; planned once for a connection, as pgbench's are, PostgreSQL's part is a third "
        "less. Times instead of a taken one are looked for within two days, and only where too few are open there "
        "within two weeks: in a practice nearly booked up an attempt took twice as long. pgbench sends the same "
        "statements, those of the late attempt, too; neither side counts the time to connect. "
        "Where others use the machine as well, its 32 servers get a larger share of it than our two processes."
    ),
}
LOADS = """A practice as it is deployed, under load for a minute or two: `scripts/bench loads hour` and `monday`, by
hand. Everybody comes from an address of their own, by TLS through Caddy with `deploy/Caddyfile`, which sends a room's
sockets to one replica and pages to either. What grows with what, and what to add: [capacity.md](capacity.md).
"""
DEPLOYMENT = """`make test-deploy` makes a deployment from an empty folder, as [clinic-it.md](clinic-it.md) says,
and does to it what goes wrong in a practice, while two real Chromium talk through its relay. It fails where a figure
misses what is asked for. Then it starts the other forms that a deployment may have; `make test-deploy FORM=minimal`
starts one of them alone, and the figures of the others stay as they were. Last measured on {cores} cores, which
everything shared: the deployment, both browsers and whatever else ran.
"""
FIGURES = "| what | measured | asked for |\n|---|---|---|\n"
OF_LOADS, OF_DEPLOYMENT = "Loads", "A whole deployment"
SECTIONS = (OF_LOADS, OF_DEPLOYMENT)
_TAKEN = re.compile(MINUTES.format(r"\d+"))
_SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=\n## |\Z)", re.MULTILINE | re.DOTALL)
_PART = re.compile(r"^### ([\w-]+)\n(.*?)(?=\n### |\Z)", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^\| `([\w-]+)` \|.*$", re.MULTILINE)


def lines_of(page: str) -> dict[str, str]:
    """The lines of a page by the name of their row."""
    return {match[1]: match[0] for match in _LINE.finditer(page)}


def renewed(
    page: str,
    order: Sequence[str],
    rows: Mapping[str, Row],
    *,
    python: str,
    cores: int,
    minutes: int | None = None,
) -> str:
    """The page with these rows' lines new, in the given order; a row that is no longer measured is left out.

    `minutes` are those of a run of all rows; without them the page's own stay."""
    lines = lines_of(page) | {name: line(name, row) for name, row in rows.items()}
    kept = [lines[name] for name in order if name in lines]
    notes = [f"`{name}`: {NOTES[name]}" for name in order if name in lines and name in NOTES]
    taken = MINUTES.format(minutes) if minutes else "".join(_TAKEN.findall(page))
    table = TEXT.format(python=python, cores=cores, minutes=taken) + "\n".join([*HEAD, *kept]) + "\n"
    rows_and_notes = [table, *(fill(note, 120, break_on_hyphens=False) + "\n" for note in notes)]
    return _joined("\n".join(rows_and_notes), _sections(page))


def with_load(page: str, name: str, text: str) -> str:
    """The page with what one load showed, in place of what it showed before."""
    sections = _sections(page)
    parts = dict(_PART.findall(sections.get(OF_LOADS, ""))) | {name: text.strip() + "\n"}
    told = [f"\n### {each}\n{parts[each]}" for each in sorted(parts)]
    return _joined(_head(page), sections | {OF_LOADS: LOADS + "".join(told)})


def with_deployment(
    page: str,
    form: str,
    about: str,
    figures: Sequence[tuple[str, str, str]],
    *,
    order: Sequence[str],
    cores: int,
) -> str:
    """The page with what one form of a whole deployment showed: each what, as measured, and what is asked for."""
    sections = _sections(page)
    rows = "".join(f"| {what} | {measured} | {wanted} |\n" for what, measured, wanted in figures)
    parts = dict(_PART.findall(sections.get(OF_DEPLOYMENT, "")))
    parts |= {form: fill(about, 120, break_on_hyphens=False) + f"\n\n{FIGURES}{rows}"}
    told = [f"\n### {each}\n{parts[each]}" for each in order if each in parts]
    return _joined(_head(page), sections | {OF_DEPLOYMENT: DEPLOYMENT.format(cores=cores) + "".join(told)})


def _head(page: str) -> str:
    return page.partition("\n## ")[0]


def _sections(page: str) -> dict[str, str]:
    return dict(_SECTION.findall(page))


def _joined(head: str, sections: Mapping[str, str]) -> str:
    told = [f"## {each}\n{sections[each]}" for each in SECTIONS if each in sections]
    return "\n".join(f"{each.strip()}\n" for each in (head, *told))
