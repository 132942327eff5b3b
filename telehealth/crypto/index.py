"""Blind index: find a sealed value by equality without storing it. Every hit is opened and compared afterwards."""

import hmac
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from telehealth.crypto.framing import KEY_BYTES, length_prefixed

FULL_BITS = 256  # exact look-ups, only where each index says why
FEWEST_ROWS = 64  # below, no number of bits keeps the bound with the margin of `planned_bits`


class NotIndexable(ValueError):
    """The value has no normal form under this transform."""


def hkdf_expand(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand with SHA-256 (RFC 5869, section 2.3)."""
    return HKDFExpand(algorithm=SHA256(), length=length, info=info).derive(key)


def index_key(root: bytes, *, clinic: str, table: str, column: str, transform: str, version: int) -> bytes:
    """The 32-byte key of one index; no two indexes share one (security.md, section 1)."""
    if len(root) != KEY_BYTES:
        raise ValueError("the index root has 32 bytes")
    names = (name.encode() for name in (clinic, table, column, transform))
    return hkdf_expand(root, length_prefixed(b"TB1-bidx", *names) + version.to_bytes(4, "big"), KEY_BYTES)


def blind_index(key: bytes, value: str, *, transform: str, bits: int) -> bytes:
    """The first `bits` bits of the keyed hash of the normalised value; unused low bits of the last byte are zero."""
    if not 1 <= bits <= FULL_BITS:
        raise ValueError("an index has 1 to 256 bits")
    digest = hmac.digest(key, length_prefixed(TRANSFORMS[transform](value).encode()), "sha256")
    unused = -bits % 8
    tag = bytearray(digest[: (bits + unused) // 8])
    tag[-1] &= 0xFF << unused & 0xFF
    return bytes(tag)


def is_within_bound(rows: int, bits: Sequence[int]) -> bool:
    """Whether 2 <= rows / 2^sum(bits) < sqrt(rows): each tag is shared by enough rows, yet narrows the search.

    The coincidence bound of CipherSweet, for all indexes of one column taken together.
    """
    cells = 1 << sum(bits)
    return 2 * cells <= rows < cells * cells


def planned_bits(rows: int) -> int:
    """How many bits an index has that is planned for so many rows, at least 64: one more than the fewest within the
    bound, so that it still holds for four times as many rows, and for an eighth of them where there are a thousand.
    """
    if rows < FEWEST_ROWS:
        raise ValueError(f"an index is planned for {FEWEST_ROWS} rows or more")
    return (rows.bit_length() + 1) // 2 + 1


def joined(*parts: str) -> str:
    """Several values as one, without one running into the next: ("ab", "c") differs from ("a", "bc")."""
    return "".join(f"{len(part)}:{part}" for part in parts)


def _exact(value: str) -> str:
    return value


def _email(value: str) -> str:
    """NFKC, strip, casefold, and the domain in its IDNA form."""
    local, at, domain = unicodedata.normalize("NFKC", value).strip().casefold().rpartition("@")
    if not at or not local or not domain:
        raise NotIndexable("not an e-mail address")
    try:
        return f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise NotIndexable("the domain of the e-mail address has no IDNA form") from None


TRANSFORMS: Mapping[str, Callable[[str], str]] = {"exact": _exact, "email": _email}
