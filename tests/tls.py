"""A certificate of a throw-away authority, for servers of the tests."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Python 3.13 asks for what RFC 5280 asks for: this, and the keys' identifiers.
SIGNS = x509.KeyUsage(
    digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
    key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
)  # fmt: skip


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    """A certificate for an address or a name, and in ca.pem the authority that signed it."""
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    signed_by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Throw-away authority")])
    known_as = x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    root = (
        _builder(signed_by, signed_by, authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(SIGNS, critical=True)
    )
    leaf = (
        _builder(own, signed_by, key.public_key())
        .add_extension(x509.SubjectAlternativeName([known_as]), critical=False)
        .add_extension(issuer, critical=False)
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
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )
