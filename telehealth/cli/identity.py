"""`telehealth identity`: the identity provider that comes with the service, for a clinic without one of its own."""

import asyncio
import json
import secrets
import uuid
from typing import Annotated

import typer

from telehealth.cli import logs
from telehealth.cli.configured import part_of
from telehealth.cli.failure import Wrong, plainly
from telehealth.identity import canaille
from telehealth.identity.building import build
from telehealth.identity.settings import IdentitySettings

app = typer.Typer(
    help="The identity provider that comes with the service: serve, account, password, remove.",
    no_args_is_help=True,
)
AsJson = Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")]
UserName = Annotated[str, typer.Argument(help="What is typed to sign in; it need not be anybody's name.")]


@app.callback()
def group() -> None:
    """The identity provider that comes with the service."""


@app.command("serve")
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
) -> None:
    """Run it, behind the front door. Its database is brought up to date first."""
    settings = part_of(IdentitySettings)
    provider = build(settings)
    logs.log_to(None)
    asyncio.run(canaille.serve(provider, host, port, ready=f"ready: {settings.provider.issuer}"))


@app.command("account")
def account(
    user_name: UserName,
    email: Annotated[str, typer.Argument(help="The account's e-mail address.")],
    as_json: AsJson = False,
) -> None:
    """Make an account with a password of its own, which is shown once. For STAFF it is named by its subject."""
    from canaille.app import models  # noqa: PLC0415 - a third of a second that no other command waits for
    from canaille.backends import Backend  # noqa: PLC0415

    made = {"subject": str(uuid.uuid4()), "user_name": user_name, "password": secrets.token_urlsafe(12)}
    with plainly(), build(part_of(IdentitySettings)).app_context(), Backend.instance.session():
        if Backend.instance.get(models.User, user_name=user_name) is not None:
            raise Wrong(
                f"There is an account {user_name} already. A new password: telehealth identity password"
            )
        canaille.keep_user(Backend.instance, email=email, **made)
    _say(made, as_json)


@app.command("password")
def password(user_name: UserName, as_json: AsJson = False) -> None:
    """Give an account a new password, which is shown once; the old one ends."""
    from canaille.app import models  # noqa: PLC0415
    from canaille.backends import Backend  # noqa: PLC0415

    made = {"user_name": user_name, "password": secrets.token_urlsafe(12)}
    with plainly(), build(part_of(IdentitySettings)).app_context(), Backend.instance.session():
        user = Backend.instance.get(models.User, user_name=user_name)
        if user is None:
            raise Wrong(f"There is no account {user_name}.")
        Backend.instance.set_user_password(user, made["password"])
        Backend.instance.save(user)
    _say(made, as_json)


@app.command("remove")
def remove(user_name: UserName, as_json: AsJson = False) -> None:
    """Remove an account with its sign-ins, and every byte of it from the file: an erasure leaves it as it is."""
    from canaille.backends import Backend  # noqa: PLC0415

    settings = part_of(IdentitySettings)
    with plainly():
        with build(settings).app_context(), Backend.instance.session():
            if not canaille.remove_user(Backend.instance, user_name):
                raise Wrong(f"There is no account {user_name}.")
        canaille.rewrite(settings.database)
    _say({"removed": user_name}, as_json)


def _say(made: dict[str, str], as_json: bool) -> None:
    typer.echo(json.dumps(made) if as_json else "\n".join(f"{name}: {value}" for name, value in made.items()))
