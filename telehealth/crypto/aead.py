"""AES-256-GCM with a 96-bit nonce and the full 128-bit tag, and nothing else (NIST SP 800-38D)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from telehealth.crypto.framing import KEY_BYTES

NONCE_BYTES = 12
TAG_BYTES = 16


class CannotOpen(Exception):
    """These bytes were not sealed by this key, for this place, in a form we know."""


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """Return ciphertext || 16 tag bytes. A nonce must never be used twice with the same key."""
    _check(key, nonce)
    return AESGCM(key).encrypt(nonce, plaintext, associated)


def decrypt(key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes) -> bytes:
    """Open ciphertext || tag; CannotOpen when one bit of anything differs."""
    _check(key, nonce)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        raise CannotOpen("the value, its key or its place is not the one it was sealed with") from None


def _check(key: bytes, nonce: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise ValueError("an AES-256 key has 32 bytes")
    if len(nonce) != NONCE_BYTES:
        raise ValueError("a nonce has 12 bytes")
