"""`telehealth demo`: a whole clinic on this computer, for trying it out."""

import socket
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from telehealth.app import create_app
from telehealth.cli import logs, serving
from telehealth.cli.progress import Steps
from telehealth.db import schema
from telehealth.demo import bookings, processes, seed
from telehealth.demo import folder as folders
from telehealth.demo.folder import Folder
from telehealth.office import build_office
from telehealth.settings import Settings

app = typer.Typer(add_completion=False)
ROLE_WORDS = {
    "client": "client",
    "therapist": "therapist",
    "front_desk": "front desk",
    "administrator": "administrator",
}


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of the service.")] = 8000,
    fresh: Annotated[bool, typer.Option("--fresh", help="Remove what the demo kept and start over.")] = False,
    data: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path(".demo"),
    leave_url: Annotated[str, typer.Option(help='Where "Leave quickly" goes.')] = folders.LEAVE_URL,
) -> None:
    """Run a believable clinic on this computer: no database, no account, no configuration. Ctrl-C ends it all."""
    steps = Steps()
    try:
        with folders.held(data):
            if fresh:
                folders.start_over(data)
            with steps.step("Data folder"):
                folder = folders.open_folder(data)
            logs.log_to(folder.logs / "service.log")
            code = serving.run(_run(steps, folder, port, leave_url))
    except (
        folders.FolderInUse,
        folders.NotADemoFolder,
        processes.ProviderFailed,
        bookings.CannotSeed,
    ) as error:
        steps.say(str(error))
        raise typer.Exit(1) from error
    raise typer.Exit(code)


async def _run(steps: Steps, folder: Folder, port: int, leave_url: str) -> int:
    with _listen(steps, port) as listening:
        public_url = f"http://localhost:{listening.getsockname()[1]}"
        settings = Settings.from_environment(folder.environment(public_url, leave_url=leave_url))
        async with processes.provider(folder, public_url) as provider:
            with steps.step("Database"):
                await schema.upgrade(settings.database_url)
            with steps.step("People and clinic"):
                soon = await _seed(folder, settings)
            with steps.step("Identity provider"):
                await provider.ready()
            service = serving.Service(
                create_app(settings), on_ready=lambda: _announce(steps, folder, public_url, soon)
            )
            started = await service.run_until_stopped(listening)
            steps.say("Stopping ..." if started else f"{service.failure} Logs: {folder.logs}")
    return 0 if started else 1


def _listen(steps: Steps, port: int) -> socket.socket:
    listening = serving.listen_near(port)
    chosen = listening.getsockname()[1]
    if chosen != port:
        steps.say(f"Port {port} is taken by another program, so this demo uses {chosen}.")
    return listening


async def _seed(folder: Folder, settings: Settings) -> bookings.Soon | None:
    office = build_office(settings)
    try:
        members = await seed.clinic(office, folder)
        await bookings.book_ahead(office, members)
        return await bookings.appointment_soon(office, members)
    finally:
        await office.database.close()


def _announce(steps: Steps, folder: Folder, public_url: str, soon: bookings.Soon | None) -> None:
    Console(stderr=True, highlight=False).print(_sign_ins(folder))
    for line in how_to_meet(folder, public_url, soon):
        steps.say(line)
    steps.say(f"Data: {folder.path}   Logs: {folder.logs}   Ctrl-C stops everything.")
    typer.echo(f"ready: {public_url}")


def _sign_ins(folder: Folder) -> Table:
    table = Table("who", "role", "user name", "password", box=None, header_style="bold", pad_edge=False)
    for account in folder.accounts:
        table.add_row(account.name, ROLE_WORDS[account.role], account.user_name, account.password)
    return table


def how_to_meet(folder: Folder, public_url: str, soon: bookings.Soon | None) -> list[str]:
    """Three lines: how one person can be both people of a session."""
    if soon is None:
        return [
            "No appointment begins soon, since nobody is free right now; book one, or start over with --fresh."
        ]
    client, therapist = folder.account(soon.client), folder.account(soon.therapist)
    starts = soon.starts_at.astimezone().strftime("%H:%M")
    return [
        f"1. In this browser open {public_url} and sign in as {client.user_name}: the session at {starts} is open.",
        f"2. In a private window open {public_url} and sign in as {therapist.user_name}, their therapist.",
        "3. Join in both; the client knocks, the therapist lets them in. Camera and microphone may be shared by both.",
    ]
