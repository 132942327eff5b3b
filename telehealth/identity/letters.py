"""The provider's mails: confirming an address, a new password. They leave as the service's own do (docs/mail.md): to a
server whose certificate is good or not at all, from the neutral name, without the practice's."""

import logging
import smtplib
import ssl
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import localtime, make_msgid

from telehealth.mail_server import MailServer

SECONDS = 30
LOG = logging.getLogger(__name__)


class Letters:
    """In the place of Canaille's own `send_email`, which asks no server for a good certificate and
    puts the practice's name into the subject.

    Whoever asks for a mail does not wait for it: how long that takes would tell whether an address has an account.
    """

    def __init__(self, server: MailServer, practice: str) -> None:
        self._server = server
        self._practice = practice
        self._post = ThreadPoolExecutor(max_workers=2, thread_name_prefix="letters")

    def send(
        self, subject: str, recipient: str, text: str, html: str, attachments: Sequence[object] | None = None
    ) -> Future[bool]:
        """By Canaille's names; the plain words alone go. Whether it went is known later."""
        return self._post.submit(self._deliver, self.letter(subject, recipient, text))

    def letter(self, subject: str, recipient: str, text: str) -> EmailMessage:
        """The whole mail."""
        server, mail = self._server, EmailMessage()
        mail["From"] = Address(server.sender_name, addr_spec=server.sender_address)
        mail["To"] = Address(addr_spec=recipient)
        mail["Subject"] = self._neutral(subject)
        mail["Date"] = localtime()
        mail["Message-ID"] = make_msgid(domain=server.sender_address.rpartition("@")[2])
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
        mail.set_content(self._neutral(text).strip() + "\n")
        return mail

    def _neutral(self, text: str) -> str:
        return text.replace(self._practice, self._server.sender_name)

    def _deliver(self, mail: EmailMessage) -> bool:
        try:
            with self._reached() as way:
                way.send_message(mail)
        except (OSError, ValueError) as error:  # smtplib's own are OSErrors; their words may name somebody
            code = getattr(error, "smtp_code", "")
            LOG.warning("a mail of the identity provider did not go: %s %s", type(error).__name__, code)
            return False
        return True

    def _reached(self) -> smtplib.SMTP:
        """The server, under TLS and with our password."""
        server, tls = self._server, ssl.create_default_context(cafile=self._server.ca_file)
        if server.tls == "implicit":
            way: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=tls)
        else:
            way = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        try:
            if server.tls != "implicit":
                way.starttls(context=tls)
            if server.user:
                way.login(server.user, server.password)
        except BaseException:
            way.close()
            raise
        return way
