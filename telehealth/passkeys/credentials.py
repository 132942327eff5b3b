"""What is kept of a passkey, and how its bytes are written down. It needs no library: every command reads it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass


@dataclass(frozen=True)
class Credential:
    """What is kept of a passkey: `id` up to 1,023 bytes, `key` a COSE public key, `transports` as the browser said."""

    id: bytes
    key: bytes
    transports: tuple[str, ...]


def text_of(value: bytes) -> str:
    """base64url without padding, the form of every byte string in the messages of a browser."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    """The bytes that `text_of` wrote."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
