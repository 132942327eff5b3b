"""The way to whoever carries mail: the clinic's SMTP server, TLS always."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal, Protocol

import aiosmtplib

SECONDS = 30
PERMANENT = range(500, 600)  # RFC 5321, section 4.2.1


class NotDelivered(Exception):
    """It did not go. `code` is stable and says nothing of anybody; `permanent`: it never will."""

    def __init__(self, code: str, *, permanent: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class Post(Protocol):
    """Takes a finished mail, or raises NotDelivered."""

    async def deliver(self, notice_id: bytes, mail: EmailMessage) -> None: ...


@dataclass(frozen=True)
class SmtpPost:
    """The clinic's server. `tls` "starttls": refused where the server does not offer it; "implicit": from the start.

    `ca_file` is the authority that signed its certificate; None: those that this computer trusts.
    """

    host: str
    port: int
    tls: Literal["starttls", "implicit"]
    domain: str  # what we call ourselves to the server
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    async def knock(self) -> None:
        """Come in as a mail would, under TLS and with our password, and leave again. Raises NotDelivered."""
        server = aiosmtplib.SMTP(**self._way())
        try:
            async with server:
                await server.noop()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise failure_of(error) from None

    async def deliver(self, notice_id: bytes, mail: EmailMessage) -> None:
        """Hand it to the server. Its words may name somebody, so only their code is kept."""
        try:
            await aiosmtplib.send(mail, **self._way())
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise failure_of(error) from None

    def _way(self) -> dict[str, Any]:
        """How we reach the server and who we are there, as aiosmtplib has it."""
        return {
            "hostname": self.host,
            "port": self.port,
            "username": self.user or None,
            "password": self.password or None,
            "local_hostname": self.domain,
            "timeout": SECONDS,
            "use_tls": self.tls == "implicit",
            "start_tls": self.tls == "starttls",
            "tls_context": ssl.create_default_context(cafile=self.ca_file),
        }


def failure_of(error: Exception) -> NotDelivered:
    """What an error means: a 5xx about this mail is for ever; about the server or our password it may be mended."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        error = error.recipients[0]
    if isinstance(error, aiosmtplib.SMTPResponseException):
        about_us = isinstance(
            error,
            aiosmtplib.SMTPAuthenticationError
            | aiosmtplib.SMTPHeloError
            | aiosmtplib.SMTPConnectResponseError,
        )
        return NotDelivered(f"smtp_{error.code}", permanent=error.code in PERMANENT and not about_us)
    if _is_of_tls(error):
        return NotDelivered("tls")
    for kind, code in CODES.items():
        if isinstance(error, kind):
            return NotDelivered(code)
    return NotDelivered("unexpected")


def _is_of_tls(error: BaseException | None) -> bool:
    """The server's certificate is not what it should be; aiosmtplib wraps the error of ssl."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


CODES: Mapping[type[Exception], str] = {
    TimeoutError: "timeout",
    ConnectionError: "connection",
    OSError: "connection",
    aiosmtplib.SMTPException: "not_supported",  # no STARTTLS, or no way to sign in, or no letters beyond ASCII
}
