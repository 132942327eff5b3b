"""Sealed values of every layer: good ones, and for each layer the same list of flaws."""

from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.vectors.make.form import Vector, Vectors, flipped, lp, refused, without

KEY = bytes(range(0x20, 0x40))
INNER = bytes(range(32))
NONCE = bytes(range(0xA0, 0xAC))
RECORD, PERSON = b"\x11" * 16, b"\x22" * 16
OTHER = b"\x33" * 16
AAD = "the value, its key or its place is not the one it was sealed with"
PADDING = "the padding is not ours"
SHORT = "too short to be a sealed value"


@dataclass(frozen=True)
class Written:
    """A value and the place it is sealed for."""

    layer: str
    table: str
    column: str
    record_id: bytes
    subject_id: bytes
    version: int
    plaintext: bytes
    clinic: str = "practice-1"

    def header(self, form: int = 1, algorithm: int = 1) -> bytes:
        return bytes((form, algorithm)) + self.version.to_bytes(4, "big")

    def associated(self, header: bytes) -> bytes:
        names = [name.encode() for name in (self.layer, self.clinic, self.table, self.column)]
        return lp(b"TB1", *names, self.record_id, self.subject_id, header)

    def sealed(
        self,
        *,
        header: bytes | None = None,
        padded: bytes | None = None,
        associated: bytes | None = None,
        nonce: bytes = NONCE,
    ) -> bytes:
        """header || nonce || ciphertext || tag; each part can be made wrong while the seal stays authentic."""
        head = self.header() if header is None else header
        inside = pad(self.plaintext) if padded is None else padded
        beside = self.associated(head) if associated is None else associated
        return head + nonce + AESGCM(KEY).encrypt(nonce, inside, beside)

    def vector(self) -> Vector:
        return {
            "clinic": self.clinic,
            "key": KEY.hex(),
            "nonce": NONCE.hex(),
            "layer": self.layer,
            "table": self.table,
            "column": self.column,
            "record_id": self.record_id.hex(),
            "subject_id": self.subject_id.hex(),
            "version": self.version,
            "plaintext": self.plaintext.hex(),
            "associated": self.associated(self.header()).hex(),
            "sealed": self.sealed().hex(),
        }


def pad(plaintext: bytes, length: int = 64) -> bytes:
    """80 and zeros up to 64·2^k."""
    while length <= len(plaintext):
        length *= 2
    return plaintext + b"\x80" + bytes(length - len(plaintext) - 1)


LAYERS = {
    "kek": Written("kek", "subject_keys", "wrapped#clinical", PERSON, PERSON, 7, INNER),
    "sk": Written("sk", "record_keys", "wrapped", RECORD, PERSON, 2, INNER),
    "field": Written("field", "people", "name#3", RECORD, b"", 1, "Zoë".encode()),
}
_REASON = replace(LAYERS["field"], table="appointments", column="reason#0", record_id=PERSON)
MORE_GOOD = {
    "field/good-empty": replace(_REASON, plaintext=b""),
    "field/good-63-bytes-fill-one-block": replace(_REASON, plaintext=b"x" * 63),
    "field/good-64-bytes-need-two-blocks": replace(_REASON, plaintext=b"x" * 64),
    "field/good-ends-like-padding": replace(_REASON, plaintext=b"end\x80\x00", version=2**32 - 1),
    "kek/good-largest-number": replace(LAYERS["kek"], version=2**32 - 1),
    "sk/good-key-ends-like-padding": replace(LAYERS["sk"], plaintext=INNER[:29] + b"\x80\x00\x00"),
}


def vectors() -> Vectors:
    """File name under `sealed/` → vector."""
    made = {name: written.vector() for name, written in MORE_GOOD.items()}
    for layer, written in LAYERS.items():
        good = without(written.vector(), "nonce", "plaintext", "associated")
        made[f"{layer}/good"] = written.vector()
        flaws = _bytes(written) | _framed(written) | _padded(written) | _moved(written)
        for name, (flaw, because, changes) in flaws.items():
            made[f"{layer}/refused-{name}"] = refused(good, f"{layer}/good", flaw, because, **changes)
    return made


Flaws = dict[str, tuple[str, str, dict[str, object]]]


def _bytes(written: Written) -> Flaws:
    """Changed on the way."""
    sealed = written.sealed()
    other = written.sealed(nonce=flipped(NONCE, 0))

    def given(flaw: str, value: bytes, because: str = AAD) -> tuple[str, str, dict[str, object]]:
        return flaw, because, {"sealed": value.hex()}

    return {
        "empty": given("nothing at all", b"", SHORT),
        "header-only": given("a header and nothing after it", sealed[:6], SHORT),
        "tag-missing": given("the whole tag is missing", sealed[:-16], SHORT),
        "tag-shortened": given("the last byte of the tag is missing", sealed[:-1], SHORT),
        "first-byte-missing": given("everything but the first byte", sealed[1:], SHORT),
        "nonce-flipped": given("one bit of the nonce", flipped(sealed, 6)),
        "ciphertext-flipped": given("one bit of the ciphertext", flipped(sealed, 18)),
        "tag-flipped": given("one bit of the tag", flipped(sealed, -1)),
        "byte-appended": given("one byte more than was sealed", sealed + b"\x00"),
        "said-twice": given("the value twice, one after the other", sealed * 2),
        "nonce-of-another-value": given("the nonce of another sealing", other[:18] + sealed[18:]),
        "tag-of-another-value": given("the tag of another sealing", sealed[:-16] + other[-16:]),
        "another-key": ("the key differs in one bit", AAD, {"key": flipped(KEY, -1).hex()}),
    }


def _framed(written: Written) -> Flaws:
    """Authentic under the right key, but sealed in another form than the one that is written down."""
    head = written.header()
    later = replace(written, version=written.version + 1)
    names = [name.encode() for name in (written.layer, written.clinic, written.table, written.column)]
    parts = [b"TB1", *names, written.record_id, written.subject_id, head]
    little = b"".join(len(part).to_bytes(4, "little") + part for part in parts)

    def given(flaw: str, associated: bytes) -> tuple[str, str, dict[str, object]]:
        return flaw, AAD, {"sealed": written.sealed(associated=associated).hex()}

    def headed(flaw: str, because: str, header: bytes) -> tuple[str, str, dict[str, object]]:
        return flaw, because, {"sealed": written.sealed(header=header).hex()}

    rewritten = later.header() + written.sealed()[6:]
    return {
        "unknown-format": headed("format byte 02", "unknown format of sealed value", written.header(form=2)),
        "format-zero": headed("format byte 00", "unknown format of sealed value", written.header(form=0)),
        "unknown-algorithm": headed(
            "algorithm byte 02", "unknown algorithm of sealed value", written.header(algorithm=2)
        ),
        "names-another-version": headed(
            "sealed under another version of the key than the one at hand",
            "the value names another key version",
            later.header(),
        ),
        "version-rewritten": (
            "the version was changed afterwards, in the header and in the row",
            AAD,
            {"sealed": rewritten.hex(), "version": later.version},
        ),
        "nothing-associated": given("bound to no place at all", b""),
        "header-not-associated": given("bound to its place but not to its header", lp(*parts[:-1])),
        "protocol-not-associated": given("without the name of the protocol", lp(*parts[1:])),
        "another-protocol": given("under the name of another protocol", lp(b"TB2", *parts[1:])),
        "lengths-not-associated": given("the parts without their lengths", b"".join(parts)),
        "lengths-little-endian": given("the lengths with their bytes the other way round", little),
    }


def _padded(written: Written) -> Flaws:
    """Authentic, but padded as we never do; or no key inside where a key belongs."""
    text = written.plaintext

    def given(flaw: str, padded: bytes, because: str = PADDING) -> tuple[str, str, dict[str, object]]:
        return flaw, because, {"sealed": written.sealed(padded=padded).hex()}

    flaws = {
        "padding-mark-missing": given(
            "without the mark 80", (text.replace(b"\x80", b"\x00")).ljust(64, b"\x00")
        ),
        "padding-not-zero": given("a byte after the mark is not zero", pad(text)[:-1] + b"\x01"),
        "padding-longer-than-needed": given("padded to 128 where 64 suffice", pad(text, 128)),
        "padding-off-the-steps": given("padded to 192, which is no 64·2^k", pad(text, 192)),
        "shorter-than-one-block": given("63 bytes inside", pad(text)[:-1], SHORT),
    }
    if written.layer != "field":
        because = "what is inside is no 32-byte key"
        flaws |= {
            "key-too-short": given("31 bytes inside where a key has 32", pad(INNER[:-1]), because),
            "key-too-long": given("33 bytes inside where a key has 32", pad(INNER + b"\x01"), because),
            "key-empty": given("nothing inside where a key has 32 bytes", pad(b""), because),
        }
    return flaws


def _moved(written: Written) -> Flaws:
    """Taken out of its place and put into another."""

    def to(flaw: str, **place: str) -> tuple[str, str, dict[str, object]]:
        return flaw, AAD, dict(place)

    moved = {
        "another-clinic": to("moved to another clinic", clinic="practice-2"),
        "another-table": to("moved to another table", table=written.table + "s"),
        "another-column": to("moved to another column", column="e" + written.column),
        "another-record": to("moved to another row", record_id=OTHER.hex()),
        "names-run-together": to(
            "the same letters divided otherwise between table and column",
            table=written.table + written.column[0],
            column=written.column[1:],
        ),
        "clinic-run-together": to(
            "the same letters divided otherwise between clinic and table",
            clinic=written.clinic + written.table[0],
            table=written.table[1:],
        ),
        "record-cut-at-a-bit": to("one bit of the row's id", record_id=flipped(written.record_id, 0).hex()),
    }
    if written.layer == "field":
        return moved | {
            "older-revision": to("moved to an older revision of the row", column="name#2"),
            "newer-revision": to("moved to a newer revision of the row", column="name#4"),
            "no-revision": to("moved to a column without a revision", column="name"),
            "another-layer": to("a field given out as a wrapped key", layer="sk", subject_id=PERSON.hex()),
        }
    other_layer = "sk" if written.layer == "kek" else "kek"
    moved |= {
        "another-subject": to("moved to another person", subject_id=OTHER.hex()),
        "another-layer": to("a wrap of one layer given out as one of the other", layer=other_layer),
        "given-out-as-a-field": to("a wrapped key given out as a field", layer="field", subject_id=""),
    }
    if written.layer == "kek":
        return moved | {"another-class": to("a key of one class for another", column="wrapped#booking")}
    exchanged = to("row and person exchanged", record_id=PERSON.hex(), subject_id=RECORD.hex())
    return moved | {"row-and-person-exchanged": exchanged}
