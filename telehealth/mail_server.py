"""How mail leaves: checked settings. Never without TLS, never half a password, never by accident out of a demo."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
NAME = re.compile(r"[^\"<>@\\\x00-\x1f]{1,60}")
PORTS = {"starttls": 587, "implicit": 465}


class BadMail(Exception):
    """The settings of mail do not fit together; the sentence names one and the remedy."""


@dataclass(frozen=True)
class MailServer:
    """The clinic's SMTP server and who writes. Without a host no mail is sent; `folder` is where the demo keeps it."""

    host: str = ""
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Literal["starttls", "implicit"] = "starttls"
    ca_file: Path | None = None
    sender_name: str = "Appointments"
    sender_address: str = "appointments@mail.example"
    folder: Path | None = None

    @property
    def sends(self) -> bool:
        """Whether somebody takes mail: a server, or in its place the demo's folder."""
        return bool(self.host) or self.folder is not None


def mail_from(
    *,
    host: str,
    port: str,
    user: str,
    password: str,
    tls: str,
    ca_file: str,
    sender: str,
    folder: str,
    demo: bool,
) -> MailServer:
    """Check them together. BadMail says which is wrong."""
    if folder and not demo:
        raise BadMail("MAIL_FOLDER is for the demo: it keeps mails where anybody here may read them.")
    if demo and host:
        raise BadMail("SMTP_HOST and DEMO=1 do not go together: a demo must not write to anybody.")
    if not host:
        if port or user or password or sender or ca_file:
            raise BadMail(
                "SMTP_HOST is missing, and without it no mail is sent. Set it, or none of SMTP_… and MAIL_FROM."
            )
        return MailServer(folder=Path(folder) if folder else None)
    if bool(user) != bool(password):
        raise BadMail("SMTP_USER and SMTP_PASSWORD go together. Set both, or none.")
    if tls not in PORTS:
        raise BadMail("SMTP_TLS is either starttls or implicit. Without TLS no mail leaves.")
    if ca_file and not Path(ca_file).is_file():
        raise BadMail("SMTP_CA_FILE is not a file.")
    name, address = _sender(sender)
    return MailServer(
        host=host,
        port=_port(port, PORTS[tls]),
        user=user,
        password=password,
        tls="implicit" if tls == "implicit" else "starttls",
        ca_file=Path(ca_file) if ca_file else None,
        sender_name=name,
        sender_address=address,
    )


def _port(text: str, default: int) -> int:
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise BadMail("SMTP_PORT must be a number such as 587.")
    return int(text)


def _sender(text: str) -> tuple[str, str]:
    """`Name <address>`: the name is what people see in a list of mails, so it should not say what for."""
    name, _, rest = text.partition("<")
    name, address = name.strip().strip('"'), rest.removesuffix(">").strip()
    if not text.endswith(">") or not NAME.fullmatch(name) or not ADDRESS.fullmatch(address):
        raise BadMail("MAIL_FROM must be a neutral name and an address: Appointments <office@clinic.example>")
    return name, address
