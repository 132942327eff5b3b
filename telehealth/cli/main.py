"""`telehealth`: the commands, and what they have in common.

Exit codes: 0 done; 1 it did not work or something was found wrong; 2 the command line or a setting is wrong.
"""

from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS = {  # each with its file, which has an `app`
    "demo": "demo",
    "serve": "serve",
    "worker": "worker",
    "init": "init",
    "migrate": "migrate",
    "passkey-code": "passkeys",
    "probe": "probe",
    "retention": "retention",
    "audit": "audit",
    "identity": "identity",
    "keys": "keys",
    "person": "person",
    "backup": "backup",
    "restore": "restore",
    "drill": "drill",
    "wal": "wal",
    "doctor": "doctor",
    "settings": "settings",
}


class OnDemand(TyperGroup):
    """Reads a command's file when the command is given: all of them together take longer than most commands."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order in which help shows them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(import_module(f"telehealth.cli.{COMMANDS[cmd_name]}").app)
        command.name = cmd_name
        return command


app = typer.Typer(
    cls=OnDemand,
    name="telehealth",
    help="Book, prepare and meet one's therapist in a private video session in the browser.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("telehealth"))
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Every setting is read from the environment: NAME, or NAME_FILE for a file that holds it. telehealth settings."""
