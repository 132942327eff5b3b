"""Sealed values: the one form in which anything about a person, and every wrapped key, is stored.

01 format | 01 AES-256-GCM | u32be key version | 12 nonce bytes | ciphertext | 16 tag bytes
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal, NewType

from msgspec import Struct

from telehealth.crypto.aead import NONCE_BYTES, TAG_BYTES, CannotOpen, decrypt, encrypt
from telehealth.crypto.framing import ID_BYTES, KEY_BYTES, length_prefixed

Sealed = NewType("Sealed", bytes)
Chance = Callable[[int], bytes]  # os.urandom, or a known sequence in a test
Layer = Literal["kek", "sk", "field"]

FORMAT = 1
AES_256_GCM = 1
HEADER_BYTES = 6
PAD_BLOCK = 64
MAX_VERSION = 2**32 - 1
_PROTOCOL = b"TB1"


class Place(
    Struct, frozen=True
):  # one for every value: a frozen dataclass takes a tenth of the time of opening
    """Where a value belongs; it opens nowhere else. Ids are 16 bytes; `subject_id` is empty in the field layer."""

    layer: Layer
    clinic: str
    table: str
    column: str
    record_id: bytes
    subject_id: bytes = b""

    def __post_init__(self) -> None:
        subject_bytes = 0 if self.layer == "field" else ID_BYTES
        if len(self.record_id) != ID_BYTES or len(self.subject_id) != subject_bytes:
            raise ValueError(f"the ids do not fit a place in the {self.layer} layer")

    def associated(self, header: bytes) -> bytes:
        """The additional data that binds a value to this place and to its own header."""
        names = _named(self.layer, self.clinic, self.table, self.column)
        return names + length_prefixed(self.record_id, self.subject_id, header)


def seal(key: bytes, version: int, place: Place, plaintext: bytes, chance: Chance) -> Sealed:
    """Seal `plaintext` under the key that `version` names; the length is hidden up to the next 64·2^k bytes."""
    header = bytes((FORMAT, AES_256_GCM)) + _version_bytes(version)
    nonce = chance(NONCE_BYTES)
    return Sealed(header + nonce + encrypt(key, nonce, pad(plaintext), place.associated(header)))


def unseal(key: bytes, version: int, place: Place, sealed: bytes) -> bytes:
    """Open what `seal` made with the same key, version and place; anything else raises CannotOpen."""
    if version_of(sealed) != version:
        raise CannotOpen("the value names another key version")
    header, nonce = sealed[:HEADER_BYTES], sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    return unpad(decrypt(key, nonce, sealed[HEADER_BYTES + NONCE_BYTES :], place.associated(header)))


def wrap(key: bytes, version: int, place: Place, inner: bytes, chance: Chance) -> Sealed:
    """Seal a 32-byte key under another key."""
    if len(inner) != KEY_BYTES:
        raise ValueError("only 32-byte keys are wrapped")
    return seal(key, version, place, inner, chance)


def unwrap(key: bytes, version: int, place: Place, wrapped: bytes) -> bytes:
    """The 32-byte key inside; CannotOpen when it is not one."""
    inner = unseal(key, version, place, wrapped)
    if len(inner) != KEY_BYTES:
        raise CannotOpen("what is inside is no 32-byte key")
    return inner


def version_of(sealed: bytes) -> int:
    """The key version that a sealed value names, after its form has been checked."""
    if len(sealed) < HEADER_BYTES + NONCE_BYTES + PAD_BLOCK + TAG_BYTES:
        raise CannotOpen("too short to be a sealed value")
    if sealed[0] != FORMAT:
        raise CannotOpen("unknown format of sealed value")
    if sealed[1] != AES_256_GCM:
        raise CannotOpen("unknown algorithm of sealed value")
    return int.from_bytes(sealed[2:HEADER_BYTES], "big")


def pad(plaintext: bytes) -> bytes:
    """Append 0x80 and zeros up to the next length of 64·2^k."""
    return (plaintext + b"\x80").ljust(_padded_length(len(plaintext)), b"\x00")


def unpad(padded: bytes) -> bytes:
    """Undo `pad`; CannotOpen for any bytes that `pad` would not have made."""
    plaintext = padded[: padded.rfind(b"\x80")]
    if pad(plaintext) != padded:
        raise CannotOpen("the padding is not ours")
    return plaintext


def _padded_length(length: int) -> int:
    return max(PAD_BLOCK, 1 << length.bit_length())


@lru_cache(maxsize=256)
def _named(*names: str) -> bytes:
    """The part of a place that many values share: made once, since it is a fifth of the work of sealing."""
    return length_prefixed(_PROTOCOL, *(name.encode() for name in names))


def _version_bytes(version: int) -> bytes:
    if not 1 <= version <= MAX_VERSION:
        raise ValueError("a key version is a number from 1 to 2^32 - 1")
    return version.to_bytes(4, "big")
