"""`telehealth serve`: the service for a clinic, behind its own front door."""

import socket
from typing import Annotated

import typer

from telehealth.app import create_app
from telehealth.backups.plan import Plan
from telehealth.cli import figures, logs, serving
from telehealth.cli.configured import part_of, settings_to_serve
from telehealth.cli.failure import Wrong, must_be_current, plainly
from telehealth.db.engine import Database
from telehealth.providers import LOOPBACK
from telehealth.settings import Settings

app = typer.Typer(add_completion=False)
NOT_FOR_OTHERS = (
    "On {host} others reach this service, and it would meet them without TLS or without the staff's second factor. "
    "Leave --host out, or give PUBLIC_URL an https:// address and take DEMO=1 away."
)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
) -> None:
    """Run the service with settings from the environment (telehealth settings). Before it: telehealth migrate."""
    settings = settings_to_serve()
    logs.log_to(None)
    if (settings.demo or not settings.secure) and host not in LOOPBACK:
        typer.echo(NOT_FOR_OTHERS.format(host=host), err=True)
        raise typer.Exit(1)
    try:
        listening = serving.listen(host, port)
    except OSError as error:
        typer.echo(
            f"Port {port} of {host} cannot be listened on: {error.strerror}. Choose another: --port.",
            err=True,
        )
        raise typer.Exit(1) from error
    read_at = figures.listen()
    with listening, plainly():
        raise typer.Exit(serving.run(_serve(settings, listening, read_at)))


async def _serve(settings: Settings, listening: socket.socket, read_at: socket.socket | None) -> int:
    database = Database(settings.database_url)
    try:
        await must_be_current(database)
    finally:
        await database.close()
    app = create_app(settings, backups=part_of(Plan).folder)
    service = serving.Service(
        app,
        on_ready=lambda: typer.echo(f"ready: {settings.public_url}"),
        front_door=settings.front_door,
    )
    async with figures.readable(app.state.figures, read_at):
        if not await service.run_until_stopped(listening):
            raise Wrong(service.failure)
    return 0
