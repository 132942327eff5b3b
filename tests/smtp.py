"""A real SMTP server with STARTTLS and a certificate of a throw-away authority."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from ssl import SSLContext
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from telehealth.demo.folder import free_port
from tests.tls import certificate

LOOPBACK = "127.0.0.1"
USER, PASSWORD = "appointments", "throw-away"


@dataclass
class Mailbox:
    """What the server took; `answer` is what it says to a mail, `before` is called when one is whole."""

    mails: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    answer: str = "250 OK"
    before: Callable[[EmailMessage], None] = lambda _mail: None
    port: int = 0
    ca_file: Path = Path()
    tls: SSLContext | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        if self.answer.startswith("250"):
            self.mails.append(mail)
            self.encrypted.append(session.ssl is not None)
        self.before(mail)
        return self.answer

    def login(self, server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
        """Whether a user name and password are right; aiosmtpd asks."""
        assert isinstance(said, LoginPassword)
        self.logins.append(said.login)
        right = (said.login, said.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=False)


@contextmanager
def running(
    folder: Path,
    *,
    starttls: bool = True,
    name: str = LOOPBACK,
    implicit: bool = False,
    address: str = LOOPBACK,
) -> Iterator[Mailbox]:
    """A server on an address of this computer, whose certificate is for `name`."""
    context = certificate(folder, name)
    box = Mailbox(port=free_port(), ca_file=folder / "ca.pem", tls=context)
    options: dict[str, Any] = {"ident": "test"}
    if implicit:
        options["ssl_context"] = context
    elif starttls:
        options |= {"tls_context": context, "require_starttls": True}
        options |= {"authenticator": box.login, "auth_require_tls": True}
    controller = Controller(box, hostname=address, port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()
