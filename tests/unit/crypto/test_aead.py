"""AES-256-GCM against NIST's CAVP vectors, through our own functions."""

from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest

from telehealth.crypto.aead import NONCE_BYTES, TAG_BYTES, CannotOpen, decrypt, encrypt

GCM = Path(cryptography_vectors.__file__).parent / "ciphers" / "AES" / "GCM"
Case = dict[str, str]
CASES_OF_OUR_SIZES = 375  # in each file: 5 lengths of plaintext, 5 of associated data, 15 of each
PLAINTEXT_BITS = (0, 104, 128, 256, 408)
AAD_BITS = (0, 128, 160, 384, 720)


def is_ours(case: Case) -> bool:
    """Whether it has a 96-bit nonce and a 128-bit tag, the only sizes we use."""
    return len(case["IV"]) == 24 and len(case["Tag"]) == 32


def cases(name: str) -> Iterator[Case]:
    """Every case of a CAVP response file."""
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
    encryptions = [case for case in cases("gcmEncryptExtIV256.rsp") if is_ours(case)]
    assert len(encryptions) == CASES_OF_OUR_SIZES
    lengths = {(len(case["PT"]) * 4, len(case["AAD"]) * 4) for case in encryptions}
    assert lengths == {(text, aad) for text in PLAINTEXT_BITS for aad in AAD_BITS}
    for case in encryptions:
        key, nonce, plaintext, aad = (bytes.fromhex(case[name]) for name in ("Key", "IV", "PT", "AAD"))
        assert encrypt(key, nonce, plaintext, aad).hex() == case["CT"] + case["Tag"]


def test_every_cavp_decryption_opens_or_is_refused_as_published() -> None:
    opened = refused = 0
    for case in filter(is_ours, cases("gcmDecrypt256.rsp")):
        key, nonce, aad = (bytes.fromhex(case[name]) for name in ("Key", "IV", "AAD"))
        sealed = bytes.fromhex(case["CT"] + case["Tag"])
        if "FAIL" in case:
            with pytest.raises(CannotOpen):
                decrypt(key, nonce, sealed, aad)
            refused += 1
        else:
            assert decrypt(key, nonce, sealed, aad).hex() == case["PT"]
            opened += 1
    assert opened + refused == CASES_OF_OUR_SIZES
    assert min(opened, refused) > 100


def test_every_cavp_case_of_a_size_we_do_not_use_is_refused() -> None:
    others = [case for case in cases("gcmDecrypt256.rsp") if "FAIL" not in case and not is_ours(case)]
    assert len(others) > 3000
    for case in others:  # authentic each, but with a shorter tag or a nonce of another size
        key, nonce, aad = (bytes.fromhex(case[name]) for name in ("Key", "IV", "AAD"))
        with pytest.raises(CannotOpen if len(nonce) == NONCE_BYTES else ValueError):
            decrypt(key, nonce, bytes.fromhex(case["CT"] + case["Tag"]), aad)


@pytest.mark.parametrize("name", ["gcmEncryptExtIV128.rsp", "gcmEncryptExtIV192.rsp"])
def test_every_cavp_case_of_a_shorter_key_is_refused(name: str) -> None:
    shorter = [case for case in cases(name) if is_ours(case)]
    assert len(shorter) == CASES_OF_OUR_SIZES
    for case in shorter:
        key, nonce, plaintext, aad = (bytes.fromhex(case[part]) for part in ("Key", "IV", "PT", "AAD"))
        with pytest.raises(ValueError, match="32 bytes"):
            encrypt(key, nonce, plaintext, aad)
        with pytest.raises(ValueError, match="32 bytes"):
            decrypt(key, nonce, bytes.fromhex(case["CT"] + case["Tag"]), aad)


def test_a_key_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        encrypt(bytes(16), bytes(NONCE_BYTES), b"", b"")
    with pytest.raises(ValueError, match="32 bytes"):
        decrypt(bytes(24), bytes(NONCE_BYTES), bytes(TAG_BYTES), b"")


def test_a_nonce_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="12 bytes"):
        encrypt(bytes(32), bytes(16), b"", b"")
