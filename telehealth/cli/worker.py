"""`telehealth worker`: what happens by itself. Several may run at once."""

import asyncio
import socket
from datetime import timedelta
from functools import partial

import typer

from telehealth import jobs
from telehealth.cli import figures, logs, serving
from telehealth.cli.configured import part_of, settings_to_serve
from telehealth.cli.failure import plainly
from telehealth.cli.registry import Desk, with_desk
from telehealth.privacy import replaying
from telehealth.turns import build_jobs
from telehealth.watching.meters import Meters
from telehealth.watching.plan import Watching
from telehealth.watching.port import port

app = typer.Typer(add_completion=False)
GOODBYE_SECONDS = 20  # for the turns under way; what is cut off is done by the next worker
ALIVE_EVERY = timedelta(seconds=10)


@app.command()
def worker() -> None:
    """Do what nobody asks for, such as sending messages, until Ctrl-C or SIGTERM. Settings are those of the service.

    It writes the file ALIVE_FILE every ten seconds, for whoever watches a worker that has no port to ask.
    """
    settings = settings_to_serve()
    logs.log_to(None)
    read_at = figures.listen()
    with plainly():
        raise typer.Exit(serving.run(with_desk(settings, partial(_work, read_at))))


async def _work(read_at: socket.socket | None, desk: Desk) -> int:
    await replaying.replay(desk.registry)  # after a restore, nobody hears from us who was erased
    stop, meters = asyncio.Event(), Meters()
    desk.registry.office.told = meters.acted
    due = [*build_jobs(desk.settings, desk.registry.office), *_alive()]
    async with figures.readable(port(meters), read_at):
        working = asyncio.create_task(jobs.run(due, stop, meters.turned))
        typer.echo("ready")
        try:
            await asyncio.shield(working)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait({working}, timeout=GOODBYE_SECONDS)
    return 0


def _alive() -> list[jobs.Job]:
    file = part_of(Watching).alive_file
    if file is None:
        return []

    async def touch() -> int:
        await asyncio.to_thread(file.touch)
        return 0

    return [jobs.Job("alive", ALIVE_EVERY, touch)]
