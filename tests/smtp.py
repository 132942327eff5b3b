"""A real SMTP server with STARTTLS and a certificate of a throw-away authority."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from telehealth.demo.folder import free_port

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
    folder: Path, *, starttls: bool = True, name: str = LOOPBACK, implicit: bool = False
) -> Iterator[Mailbox]:
    """A server on loopback whose certificate is for `name`."""
    box = Mailbox(port=free_port(), ca_file=folder / "ca.pem")
    context = _certificate(folder, name)
    options: dict[str, Any] = {"ident": "test"}
    if implicit:
        options["ssl_context"] = context
    elif starttls:
        options |= {"tls_context": context, "require_starttls": True}
        options |= {"authenticator": box.login, "auth_require_tls": True}
    controller = Controller(box, hostname=LOOPBACK, port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def _certificate(folder: Path, name: str) -> ssl.SSLContext:
    """A certificate for an address or a name, and in ca.pem the authority that signed it."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    signed_by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Throw-away authority")])
    known_as = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    root = _builder(signed_by, signed_by, authority.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    leaf = _builder(own, signed_by, key.public_key()).add_extension(
        x509.SubjectAlternativeName([known_as]), critical=False
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(pem))
    (folder / "server.pem").write_bytes(
        leaf.sign(authority, hashes.SHA256()).public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
    )
