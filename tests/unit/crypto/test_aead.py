"""AES-256-GCM against NIST's CAVP vectors, through our own functions."""

from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest

from telehealth.crypto.aead import NONCE_BYTES, TAG_BYTES, CannotOpen, decrypt, encrypt

GCM = Path(cryptography_vectors.__file__).parent / "ciphers" / "AES" / "GCM"
Case = dict[str, str]


def cases(name: str) -> list[Case]:
    """The cases of a CAVP response file that have a 96-bit nonce and a 128-bit tag, the only sizes we use."""
    return [case for case in _all(name) if len(case["IV"]) == 24 and len(case["Tag"]) == 32]


def _all(name: str) -> Iterator[Case]:
    case: Case = {}
    for line in (GCM / name).read_text(encoding="ascii").splitlines():
        key, equals, value = line.partition("=")
        if line.strip() == "FAIL":
            case["FAIL"] = "yes"
        elif key.strip() == "Count":
            if case:
                yield case
            case = {"Count": value.strip()}
        elif equals and not line.startswith("["):
            case[key.strip()] = value.strip()
    yield case


def test_every_cavp_encryption_gives_the_published_bytes() -> None:
    encryptions = cases("gcmEncryptExtIV256.rsp")
    assert len(encryptions) >= 300
    for case in encryptions:
        key, nonce, plaintext, aad = (bytes.fromhex(case[name]) for name in ("Key", "IV", "PT", "AAD"))
        assert encrypt(key, nonce, plaintext, aad).hex() == case["CT"] + case["Tag"]


def test_every_cavp_decryption_opens_or_is_refused_as_published() -> None:
    opened = refused = 0
    for case in cases("gcmDecrypt256.rsp"):
        key, nonce, aad = (bytes.fromhex(case[name]) for name in ("Key", "IV", "AAD"))
        sealed = bytes.fromhex(case["CT"] + case["Tag"])
        if "FAIL" in case:
            with pytest.raises(CannotOpen):
                decrypt(key, nonce, sealed, aad)
            refused += 1
        else:
            assert decrypt(key, nonce, sealed, aad).hex() == case["PT"]
            opened += 1
    assert opened >= 100
    assert refused >= 100


def test_a_key_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        encrypt(bytes(16), bytes(NONCE_BYTES), b"", b"")
    with pytest.raises(ValueError, match="32 bytes"):
        decrypt(bytes(24), bytes(NONCE_BYTES), bytes(TAG_BYTES), b"")


def test_a_nonce_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        encrypt(bytes(32), bytes(16), b"", b"")
