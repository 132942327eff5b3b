"""`telehealth retention`: remove now what has been kept long enough; the service does it every night."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from telehealth.cli.configured import Data
from telehealth.cli.progress import Steps
from telehealth.cli.registry import Desk, run
from telehealth.office import retention_days
from telehealth.privacy import retention as job
from telehealth.privacy.retention import Done

app = typer.Typer(add_completion=False)


@app.command()
def retention(
    data: Data = None, as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False
) -> None:
    """Remove what has been kept long enough, but for legal holds: RETENTION_… in the settings, docs/retention.md."""
    steps = Steps()

    async def act(desk: Desk) -> Done:
        def tell(what: str, count: int) -> None:
            if count:
                steps.say(f"{what}: {count}")

        with steps.step("Removing what has been kept long enough"):
            return await job.run(desk.registry, retention_days(desk.settings), tell)

    done = run(data, act)
    if as_json:
        typer.echo(json.dumps(asdict(done)))
        return
    typer.echo(
        f"Removed: {done.account} clients, {done.booking} appointments, {done.clinical} clinical records, "
        f"{done.correspondence} messages; {done.passing} sessions, holds and tokens that were over."
    )
