"""Signed notes of the audit chain's head (c2sp.org/signed-note), and what is none."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.vectors.make.form import Vector, Vectors, flipped, refused, without

SEED = bytes(range(0x60, 0x80))
ORIGIN = "practice-1/audit"
HEAD = b"\x44" * 32
FORM = "it does not have the lines of a note"
KEY = "it is not signed by this key"
SIGNATURE = "its signature does not fit"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
LOOSE = {letter: LETTERS[at + 1] for at, letter in enumerate(LETTERS) if at % 4 == 0}  # two bits are unused
BASE64 = "it is not base64 where it should be"
CONTENT = "it names no sequence number and head"


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def key_hash(name: str, seed: bytes, algorithm: bytes = b"\x01") -> bytes:
    """The first four bytes of SHA-256(name || 0A || 01 || public key)."""
    return hashlib.sha256(name.encode() + b"\n" + algorithm + public(seed)).digest()[:4]


def signature(
    body: str,
    name: str = ORIGIN,
    seed: bytes = SEED,
    *,
    algorithm: bytes = b"\x01",
    signed: str | None = None,
) -> str:
    """The line with the signature; `signed` is another text than the one it stands under."""
    made = Ed25519PrivateKey.from_private_bytes(seed).sign((body if signed is None else signed).encode())
    return f"— {name} {encoded(key_hash(name, seed, algorithm) + made)}\n"


def loosened(line: str) -> str:
    """The line with the bits set that the last letter before `=` does not use."""
    letter = line[-3]
    assert line.endswith("=\n")
    assert letter in LOOSE
    return f"{line[:-3]}{LOOSE[letter]}=\n"


def text(origin: str = ORIGIN, seq: str = "256", head: str | None = None) -> str:
    return f"{origin}\n{seq}\n{encoded(HEAD) if head is None else head}\n"


def note(body: str) -> str:
    return f"{body}\n{signature(body)}\n"


def good(origin: str, seq: int, head: bytes) -> Vector:
    body = text(origin, str(seq), encoded(head))
    written = f"{body}\n{signature(body, origin)}\n"
    return {
        "seed": SEED.hex(),
        "public_key": public(SEED).hex(),
        "origin": origin,
        "seq": seq,
        "head": head.hex(),
        "note": written,
    }


def vectors() -> Vectors:
    """File name under `notes/` → vector."""
    made = {
        "good": good(ORIGIN, 256, HEAD),
        "good-first-entry": good(ORIGIN, 1, bytes(32)),
        "good-largest-number": good(ORIGIN, 2**63 - 1, b"\xff" * 32),
        "good-name-with-umlaut": good("Praxis-Lindenhügel/audit", 512, HEAD),
    }
    whole = without(made["good"], "seed", "origin", "seq", "head")

    def flawed(flaw: str, because: str, written: str) -> Vector:
        return refused(whole, "good", flaw, because, note=written)

    for name, (flaw, because, written) in (_torn() | _signed() | _said()).items():
        made[f"refused-{name}"] = flawed(flaw, because, written)
    other = public(flipped(SEED, 0)).hex()
    made["refused-another-key"] = refused(whole, "good", "read with another key", KEY, public_key=other)
    return made


Flaws = dict[str, tuple[str, str, str]]


def _torn() -> Flaws:
    """Not the lines of a note."""
    whole = note(text())
    body, _, line = whole.partition("\n\n")
    return {
        "empty": ("nothing at all", FORM, ""),
        "cut-short": ("the second half is missing", FORM, whole[: len(whole) // 2]),
        "last-line-break-missing": ("the empty line at its end is missing", FORM, whole[:-1]),
        "line-appended": ("a line more than a note has", FORM, whole + "\n"),
        "windows-line-breaks": ("lines that end with 0D 0A", FORM, whole.replace("\n", "\r\n")),
        "no-empty-line": ("no empty line before the signature", FORM, f"{body}\n{line}\n"),
        "line-between": ("a line more in the text", FORM, f"{body}\nmore\n\n{line}"),
        "two-signatures": ("a second signature", FORM, f"{body}\n\n{line[:-1]}{line}"),
        "unsigned": ("a text without a signature", FORM, f"{body}\n\n"),
    }


def _signed() -> Flaws:
    """A signature that is not this key's over this text."""
    body = text()

    def under(flaw: str, because: str, line: str) -> tuple[str, str, str]:
        return flaw, because, f"{body}\n{line}\n"

    mine = base64.b64decode(signature(body).split(" ")[2])
    stranger = flipped(SEED, 0)
    forged = key_hash(ORIGIN, SEED) + Ed25519PrivateKey.from_private_bytes(stranger).sign(body.encode())

    def raw(value: bytes) -> str:
        return f"— {ORIGIN} {encoded(value)}\n"

    return {
        "signature-flipped": under("one bit of the signature", SIGNATURE, raw(flipped(mine, -1))),
        "signature-shortened": under("the last byte of the signature is missing", SIGNATURE, raw(mine[:-1])),
        "signature-too-long": under("a byte more than a signature has", SIGNATURE, raw(mine + b"\x00")),
        "signature-missing": under("only the key's four bytes", SIGNATURE, raw(mine[:4])),
        "signature-no-base64": under("a signature that is no base64", BASE64, f"— {ORIGIN} !!!!\n"),
        "key-hash-flipped": under("one bit of the four bytes that name the key", KEY, raw(flipped(mine, 0))),
        "key-hash-of-another-type": under(
            "the four bytes name another kind of signature", KEY, signature(body, algorithm=b"\x04")
        ),
        "another-signer": under(
            "signed by another key under its own name", KEY, signature(body, seed=stranger)
        ),
        "forged": under("signed by another key under this one's name", SIGNATURE, raw(forged)),
        "another-name": under(
            "the signature's name is not the origin", KEY, signature(body, "practice-2/audit")
        ),
        "another-name-over-this-key": under(
            "another name before the four bytes that name this key and origin",
            KEY,
            signature(body).replace(ORIGIN, "practice-2/audit"),
        ),
        "signature-with-loose-bits": under(
            "bits set that the last letter of the base64 does not use", BASE64, loosened(signature(body))
        ),
        "hyphen-for-dash": under("a hyphen where the dash belongs", KEY, signature(body).replace("—", "-")),
        "signature-of-another-text": under(
            "the signature of the entry before", SIGNATURE, signature(body, signed=text(seq="255"))
        ),
        "signature-without-last-line-break": under(
            "signed without the line break at the text's end", SIGNATURE, signature(body, signed=body[:-1])
        ),
    }


def _said() -> Flaws:
    """The text was changed under its signature, or was signed although it says nothing we can use."""
    line = signature(text())

    def changed(flaw: str, body: str) -> tuple[str, str, str]:
        return flaw, SIGNATURE, f"{body}\n{line}\n"

    def signed(flaw: str, body: str, because: str = CONTENT) -> tuple[str, str, str]:
        return flaw, because, note(body)

    return {
        "sequence-changed": changed("another sequence number", text(seq="255")),
        "head-changed": changed("another head", text(head=encoded(flipped(HEAD, -1)))),
        "origin-changed": ("another origin", KEY, f"{text('practice-2/audit')}\n{line}\n"),
        "sequence-zero": signed("signed, but an empty chain has no head", text(seq="0")),
        "sequence-with-zero-before": signed(
            "signed, but the number is written with a 0 before", text(seq="0256")
        ),
        "sequence-negative": signed("signed, but the number is negative", text(seq="-1")),
        "sequence-in-other-digits": signed("signed, but the digits are not 0 to 9", text(seq="２５６")),
        "sequence-of-twenty-digits": signed("signed, but the number is too large", text(seq="1" * 20)),
        "sequence-is-a-word": signed("signed, but there is no number", text(seq="many")),
        "head-too-short": signed("signed, but the head has 31 bytes", text(head=encoded(HEAD[:-1]))),
        "head-too-long": signed("signed, but the head has 33 bytes", text(head=encoded(HEAD + b"\x00"))),
        "head-no-base64": signed("signed, but the head is no base64", text(head="*" * 44), BASE64),
    }
