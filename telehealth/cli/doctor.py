"""`telehealth doctor`: every part of a deployment looked at, from where the service runs."""

import asyncio
import json
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from telehealth.backups.plan import Plan
from telehealth.cli.configured import Data, part_of, settings_of
from telehealth.cli.progress import Steps
from telehealth.doctor.asking import Tried
from telehealth.doctor.checking import checks, examine
from telehealth.doctor.rules import Verdict
from telehealth.office import build_office, build_registry, system_clock
from telehealth.settings import Settings

MARKS = {"well": "ok", "look": "LOOK", "wrong": "WRONG", "without": "-"}
app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    data: Data = None,
    ca: Annotated[
        Path | None,
        typer.Option(exists=True, help="Who signed the front door's certificate, beside the system's."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")] = False,
) -> None:
    """Look at every part, change nothing, and say for each failure what to do. Exit code 1 when something is wrong."""
    settings, plan = settings_of(data), part_of(Plan)
    found = asyncio.run(_examined(settings, plan, ca))
    wrong = any(verdict.state == "wrong" for verdict in found)
    if as_json:
        typer.echo(json.dumps({"well": not wrong, "parts": [verdict.plain() for verdict in found]}))
    else:
        typer.echo("\n".join(line for verdict in found for line in said(verdict)))
    raise typer.Exit(1 if wrong else 0)


def said(verdict: Verdict) -> list[str]:
    """A verdict as one line, with the remedy in a second."""
    line = f"{MARKS[verdict.state]:5}  {verdict.part}: {verdict.finding}"
    return [line, f"       {verdict.remedy}"] if verdict.remedy else [line]


async def _examined(settings: Settings, plan: Plan, ca: Path | None) -> list[Verdict]:
    office = build_office(settings, by_operator=True)
    tombstones = build_registry(settings, office).tombstones

    async def try_relay(url: str) -> Tried:
        """aiortc takes a third of a second, more where there is much else to do: no other command waits for it, nor
        this one without a relay, and the other parts' time does not run out meanwhile."""
        relays = await asyncio.to_thread(lambda: import_module("signaling.relays"))
        return Tried(**asdict(await relays.tried(url, settings.turn_secret, system_clock())))

    try:
        parts = checks(settings, plan, office, tombstones, try_relay, ca)
        with Steps().count("Parts looked at") as tell:
            return await examine(parts, tell)
    finally:
        await office.database.close()
