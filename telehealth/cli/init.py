"""`telehealth init`: everything a new deployment needs before its first start, with secrets of its own."""

import json
import secrets
import sys
import uuid
from pathlib import Path
from typing import Annotated

import typer
from joserfc.jwk import RSAKey

from telehealth.cli.configured import WRONG_SETTING
from telehealth.deployment.answers import Answers, BadAnswer, check
from telehealth.deployment.files import Made, files_of
from telehealth.deployment.writing import IMAGE_USER, NotWritten, write

app = typer.Typer(add_completion=False)
KEY_BITS = 2048


@app.command()
def init(
    host: Annotated[str | None, typer.Option(help="The name people type: clinic.example")] = None,
    name: Annotated[str | None, typer.Option(help="The practice's name.")] = None,
    zone: Annotated[str | None, typer.Option(help="Its IANA time zone: Europe/Berlin.")] = None,
    administrator: Annotated[
        str | None, typer.Option(help="E-mail address of the first administrator.")
    ] = None,
    tls: Annotated[
        str | None,
        typer.Option(
            help="The e-mail address that the certificate authority writes to, or internal: an authority of your own."
        ),
    ] = None,
    login_host: Annotated[
        str | None,
        typer.Option(
            help="The name where people sign in, with the provider that comes along: login.clinic.example."
        ),
    ] = None,
    providers: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="A file with your own OpenID providers instead: deploy/examples.",
        ),
    ] = None,
    relay_host: Annotated[
        str | None, typer.Option(help="The name of the relay for video: relay.clinic.example; empty: none.")
    ] = None,
    relay_address: Annotated[
        str | None,
        typer.Option(
            help="The relay's address: 203.0.113.5; where a router translates, PUBLIC/OWN: 203.0.113.5/10.0.0.5."
        ),
    ] = None,
    smtp_host: Annotated[str | None, typer.Option(help="The server that takes mail; empty: none.")] = None,
    smtp_port: Annotated[str, typer.Option(help="587, or 465 with implicit TLS, unless given.")] = "",
    smtp_tls: Annotated[str, typer.Option(help="starttls or implicit.")] = "starttls",
    smtp_user: Annotated[
        str | None, typer.Option(help="As whom we sign in there; empty: not at all.")
    ] = None,
    smtp_password_file: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A file with the password to it.")
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option(help="Whom mail comes from: Appointments <office@clinic.example>.")
    ] = None,
    leave_url: Annotated[
        str, typer.Option(help='Where "Leave quickly" goes.')
    ] = "https://www.wikipedia.org/",
    minimal: Annotated[bool, typer.Option("--minimal", help="One replica, no Valkey.")] = False,
    folder: Annotated[
        Path,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Where .env and secrets/ are written: beside docker-compose.yml.",
        ),
    ] = Path(),
    user: Annotated[int, typer.Option(hidden=True)] = IMAGE_USER,
) -> None:
    """Ask what is needed, write .env and secrets/, and change nothing that is there.

    A flag answers without asking. A script, which nobody can ask, needs the first five at least.
    """
    _must_have(
        {"--host": host, "--name": name, "--zone": zone, "--administrator": administrator, "--tls": tls}
    )
    host = _asked(host, "--host", "Where people come (host name)")
    smtp_host = _asked(smtp_host, "--smtp-host", "The server that takes mail (empty: none)", "")
    relay_host = _asked(relay_host, "--relay-host", "The relay for video (empty: none)", f"relay.{host}")
    if smtp_host:
        smtp_user = _asked(smtp_user, "--smtp-user", "Our name at the mail server (empty: none)", "")
        mail_from = _asked(mail_from, "--mail-from", "Mail comes from", f"Appointments <office@{host}>")
    answers = Answers(
        clinic_host=host,
        clinic_name=_asked(name, "--name", "The practice's name"),
        clinic_zone=_asked(zone, "--zone", "Its time zone"),
        administrator=_asked(administrator, "--administrator", "E-mail address of the first administrator"),
        tls=_asked(tls, "--tls", "E-mail address for the certificate authority, or internal"),
        identity_host=""
        if providers
        else _asked(login_host, "--login-host", "Where people sign in", f"login.{host}"),
        providers=providers.read_text(encoding="utf-8") if providers else "",
        relay_host=relay_host,
        relay_address=_asked(relay_address, "--relay-address", "The relay's address") if relay_host else "",
        smtp_host=smtp_host,
        smtp_port=smtp_port,
        smtp_tls=smtp_tls,
        smtp_user=smtp_user or "",
        smtp_password=_password(smtp_password_file) if smtp_user else "",
        mail_from=mail_from or "",
        leave_url=leave_url,
        size="minimal" if minimal else "full",
    )
    made = _made(answers)
    try:
        check(answers)
        write(folder, files_of(answers, made, secrets.token_bytes), user=user)
    except BadAnswer as error:
        typer.echo(f"{error}\nNothing was written.", err=True)
        raise typer.Exit(WRONG_SETTING) from error
    except NotWritten as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except OSError as error:
        typer.echo(f"{folder} cannot be written to: {error.strerror}.", err=True)
        raise typer.Exit(1) from error
    typer.echo("\n".join(next_steps(answers, made)))


def next_steps(answers: Answers, made: Made) -> list[str]:
    """What whoever typed it does now, a line each."""
    names = [name for name in (answers.clinic_host, answers.identity_host, answers.relay_host) if name]
    lines = [
        ".env and secrets/ were written. Keep a copy of secrets/ apart from every backup of the database.",
        f"These names must lead to this computer: {', '.join(names)}",
        "Ports: 80 and 443 by TCP, 443 by UDP"
        + (
            "; for the relay 3478 by TCP and UDP, 5349 by TCP, 49160 to 49359 by UDP"
            if answers.relay_host
            else ""
        ),
    ]
    if answers.identity_host:
        lines.append(
            f"First administrator: user name {made.first['user_name']}, password {made.first['password']} - it is not "
            f"shown again. Sign in, and change it at https://{answers.identity_host}/"
        )
    return [*lines, "Then: docker compose up -d --wait, and docker compose exec app-a telehealth doctor"]


def _made(answers: Answers) -> Made:
    return Made(
        client_secret=secrets.token_urlsafe(32),
        first={
            "subject": str(uuid.uuid4()),
            "user_name": "administrator",
            "email": answers.administrator,
            "password": secrets.token_urlsafe(12),
        },
        key=json.loads(json.dumps(RSAKey.generate_key(KEY_BITS, auto_kid=True).as_dict(private=True))),
    )


def _must_have(answers: dict[str, str | None]) -> None:
    """Where nobody can be asked, all that is missing is said at once."""
    missing = [flag for flag, value in answers.items() if value is None]
    if missing and not sys.stdin.isatty():
        typer.echo(
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing, and nobody is here to be asked. "
            "Nothing was written.",
            err=True,
        )
        raise typer.Exit(WRONG_SETTING)


def _asked(value: str | None, flag: str, question: str, default: str | None = None) -> str:
    if value is not None:
        return value.strip()
    if sys.stdin.isatty():
        return str(typer.prompt(question, default=default)).strip()
    if default is not None:
        return default
    typer.echo(f"{flag} is missing, and nobody is here to be asked. Nothing was written.", err=True)
    raise typer.Exit(WRONG_SETTING)


def _password(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    if sys.stdin.isatty():
        return str(typer.prompt("Our password at the mail server", hide_input=True))
    typer.echo("--smtp-password-file is missing. Nothing was written.", err=True)
    raise typer.Exit(WRONG_SETTING)
