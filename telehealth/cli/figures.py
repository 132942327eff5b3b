"""The port that Prometheus reads, beside the service or the worker in the same process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import typer
from starlette.applications import Starlette

from telehealth.cli import serving
from telehealth.cli.configured import part_of
from telehealth.watching.plan import Watching


def listen() -> socket.socket | None:
    """A socket where METRICS_LISTEN says; None where it says nothing. What is wrong with it ends the command."""
    place = part_of(Watching).metrics_listen
    if place is None:
        return None
    try:
        return serving.listen(*place)
    except OSError as error:
        said = f"METRICS_LISTEN: port {place[1]} of {place[0]} cannot be listened on: {error.strerror}."
        typer.echo(f"{said} Service and worker on one computer need one each.", err=True)
        raise typer.Exit(1) from error


@asynccontextmanager
async def readable(figures: Starlette, listening: socket.socket | None) -> AsyncIterator[None]:
    """The figures can be read until the end of this block, where there is a socket."""
    if listening is None:
        yield
        return
    with listening:
        port = serving.Service(figures, on_ready=lambda: None)
        reading = asyncio.create_task(port.run_until_stopped(listening))
        try:
            yield
        finally:
            reading.cancel()
            await asyncio.wait({reading})
