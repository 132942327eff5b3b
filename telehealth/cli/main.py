"""`telehealth`: the commands, and what they have in common.

Exit codes: 0 done; 1 it did not work or something was found wrong; 2 the command line or a setting is wrong.
"""

from importlib.metadata import version
from typing import Annotated

import typer

from telehealth.cli import audit, demo, keys, migrate, passkeys, person, probe, retention, serve, worker

app = typer.Typer(
    name="telehealth",
    help="Book, prepare and meet one's therapist in a private video session in the browser.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("migrate")(migrate.migrate)
app.command("passkey-code")(passkeys.passkey_code)
app.command("probe")(probe.probe)
app.command("retention")(retention.retention)
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="keys")
app.add_typer(person.app, name="person")


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
    """Every setting is read from the environment: NAME, or NAME_FILE for a file that holds it."""
