"""Blind indexes: keys and tags by the written formula, and what must not lead to the same tag."""

import hashlib
import hmac

from tests.vectors.make.form import Vector, Vectors, flipped, lp, refused, without

ROOT = bytes(range(0x40, 0x60))
OTHER = "it has another tag"


def index_key(vector: Vector) -> bytes:
    """The first block of HKDF-Expand, which is the whole of 32 bytes (RFC 5869, section 2.3)."""
    names = [str(vector[name]).encode() for name in ("clinic", "table", "column", "transform")]
    info = lp(b"TB1-bidx", *names) + int(vector["version"]).to_bytes(4, "big")
    return hmac.digest(bytes.fromhex(vector["root"]), info + b"\x01", hashlib.sha256)


def tag(key: bytes, normalised: str, bits: int) -> bytes:
    """The first `bits` bits of the keyed hash; the rest of the last byte is zero."""
    digest = int.from_bytes(hmac.digest(key, lp(normalised.encode()), hashlib.sha256), "big")
    length = -(-bits // 8)
    return (digest >> 256 - bits << 8 * length - bits).to_bytes(length, "big")


def good(value: str, normalised: str, transform: str, bits: int, version: int = 1) -> Vector:
    table, column = ("people", "email") if transform == "email" else ("accounts", "key")
    vector: Vector = {
        "clinic": "practice-1",
        "root": ROOT.hex(),
        "table": table,
        "column": column,
        "transform": transform,
        "version": version,
        "value": value,
        "bits": bits,
    }
    key = index_key(vector)
    return vector | {"key": key.hex(), "tag": tag(key, normalised, bits).hex()}


def vectors() -> Vectors:
    """File name under `index/` → vector."""
    ann = "ann@example.org"
    account = "26:https://id.example.org/auth7:subject"
    made = {
        "good-address": good(ann, ann, "email", 6),
        "good-address-all-bits": good(ann, ann, "email", 256),
        "good-address-seven-bits": good(ann, ann, "email", 7),
        "good-address-nine-bits": good(ann, ann, "email", 9),
        "good-address-one-bit": good(ann, ann, "email", 1),
        "good-address-in-capitals": good("Ann@EXAMPLE.org", ann, "email", 256),
        "good-address-with-spaces": good(" ann@example.org\n", ann, "email", 256),
        "good-address-in-wide-letters": good("ａｎｎ@example.org", ann, "email", 256),
        "good-address-with-umlaut": good("ann@bücher.example", "ann@xn--bcher-kva.example", "email", 256),
        "good-address-quoted-at": good('"a@b"@example.org', '"a@b"@example.org', "email", 256),
        "good-address-next-key": good(ann, ann, "email", 256, version=2),
        "good-account": good(account, account, "exact", 256),
        "good-nothing": good("", "", "exact", 256),
    }
    return made | _other_tags(made) | _refused_values(made)


def _other_tags(made: Vectors) -> Vectors:
    """One thing differs: the tag must be another one."""
    address, account = made["good-address-all-bits"], made["good-account"]

    def of_address(flaw: str, **changes: object) -> Vector:
        return refused(without(address, "key"), "good-address-all-bits", flaw, OTHER, **changes)

    def of_account(flaw: str, value: str) -> Vector:
        return refused(without(account, "key"), "good-account", flaw, OTHER, value=value)

    return {
        "refused-another-root": of_address("the root differs in one bit", root=flipped(ROOT, -1).hex()),
        "refused-another-clinic": of_address("asked in another clinic", clinic="practice-2"),
        "refused-another-table": of_address("asked in another table", table="persons"),
        "refused-another-column": of_address("asked in another column", column="name"),
        "refused-another-transform": of_address("normalised by another rule", transform="exact"),
        "refused-another-version": of_address("asked under the next key", version=2),
        "refused-names-run-together": of_address(
            "the same letters divided otherwise", table="peoplee", column="mail"
        ),
        "refused-another-address": of_address("another address", value="anne@example.org"),
        "refused-a-dot-more": of_address("a dot in the name is another address", value="an.n@example.org"),
        "refused-account-in-capitals": of_account("an account is compared exactly", account["value"].upper()),
        "refused-account-with-space": of_account(
            "a space behind is part of an account", account["value"] + " "
        ),
        "refused-account-run-together": of_account(
            "the same letters divided otherwise", "25:https://id.example.org/aut8:hsubject"
        ),
    }


def _refused_values(made: Vectors) -> Vectors:
    """What has no tag at all."""
    address = without(made["good-address-all-bits"], "key")
    shown = "not an e-mail address"
    domain = "the domain of the e-mail address has no IDNA form"

    def valued(flaw: str, value: str, because: str = shown) -> Vector:
        return refused(address, "good-address-all-bits", flaw, because, value=value)

    def sized(flaw: str, bits: int) -> Vector:
        return refused(address, "good-address-all-bits", flaw, "an index has 1 to 256 bits", bits=bits)

    root = "the index root has 32 bytes"
    return {
        "refused-address-empty": valued("nothing where an address belongs", ""),
        "refused-address-of-spaces": valued("only spaces where an address belongs", "  "),
        "refused-address-without-at": valued("a name without a domain", "ann"),
        "refused-address-without-name": valued("a domain without a name", "@example.org"),
        "refused-address-without-domain": valued("an at sign and nothing after it", "ann@"),
        "refused-domain-with-empty-label": valued("two dots in a row", "ann@a..b", domain),
        "refused-domain-label-of-64": valued("a label longer than 63", f"ann@{'x' * 64}.org", domain),
        "refused-no-bits": sized("an index of nothing", 0),
        "refused-fewer-than-no-bits": sized("less than nothing", -1),
        "refused-257-bits": sized("more bits than the hash has", 257),
        "refused-root-of-31-bytes": refused(
            address, "good-address-all-bits", "the root is too short", root, root=ROOT[:-1].hex()
        ),
        "refused-root-of-33-bytes": refused(
            address, "good-address-all-bits", "the root is too long", root, root=ROOT.hex() + "00"
        ),
        "refused-root-empty": refused(address, "good-address-all-bits", "no root at all", root, root=""),
    }
