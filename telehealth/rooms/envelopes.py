"""What our servers tell one another about rooms passes through Valkey sealed: it holds names and network addresses."""

import hmac
import secrets
from dataclasses import dataclass, field

from signaling.bus import Bus, LocalBus
from signaling.valkey import ValkeyBus
from telehealth.crypto.aead import NONCE_BYTES, CannotOpen, decrypt, encrypt

PLACE = b"signaling bus"


@dataclass(frozen=True)
class Envelopes:
    """`key` is 32 bytes that all servers of one service have."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "Envelopes":
        """By a key for this alone, derived from a secret that all servers have."""
        return cls(hmac.digest(secret, PLACE, "sha256"))

    def seal(self, message: bytes) -> bytes:
        """12 random nonce bytes | ciphertext | 16 tag bytes."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + encrypt(self.key, nonce, message, PLACE)

    def unseal(self, sealed: bytes) -> bytes:
        """Raises ValueError for what was not sealed with this key."""
        try:
            return decrypt(self.key, sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], PLACE)
        except CannotOpen as error:
            raise ValueError("not sealed by one of our servers") from error


def bus_between(url: str, clinic: str, secret: bytes) -> Bus:
    """The bus between the servers of one clinic, by their Valkey; without a URL there is but one server."""
    if not url:
        return LocalBus()
    envelopes = Envelopes.of(secret)
    return ValkeyBus(url, name=clinic, seal=envelopes.seal, unseal=envelopes.unseal)
