"""Entries of the audit chain with their hashes, and hashes that were made otherwise or of something else."""

import hashlib
import json

from tests.vectors.make.form import Vector, Vectors, flipped, refused

LEAF, LINK = "the leaf is not its hash", "the link does not hang on the one before"
FULL: Vector = {
    "id": "01" * 16,
    "ts": "2026-11-25T18:30:00.000250Z",
    "type": "note.write",
    "action": "U",
    "outcome": "success",
    "agent": "02" * 16,
    "session": "05" * 16,
    "entity_type": "note",
    "entity_id": "03" * 16,
    "patient": "04" * 16,
    "purpose": "TREAT",
    "detail": b"sealed".hex(),
}
BARE = FULL | {"agent": None, "session": None, "patient": None, "detail": None, "type": "keys.rotate"}
WORDS = FULL | {"type": 'wörter "und" \\ Zeilen\n\u2028', "purpose": "ÄTREAT"}


def canonical(entry: Vector) -> str:
    """The entry's JSON (RFC 8785), its detail standing in it by its SHA-256."""
    said = {name: value for name, value in entry.items() if name != "detail"}
    detail = entry["detail"]
    said["detail_sha256"] = None if detail is None else hashlib.sha256(bytes.fromhex(detail)).hexdigest()
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def leaf_of(written: str, domain: bytes = b"\x00") -> bytes:
    return hashlib.sha256(domain + written.encode()).digest()


def link_of(prev: bytes, leaf: bytes, domain: bytes = b"\x02") -> bytes:
    return hashlib.sha256(domain + prev + leaf).digest()


def good(entry: Vector, prev: bytes) -> Vector:
    written = canonical(entry)
    leaf = leaf_of(written)
    return {
        "entry": entry,
        "canonical": written,
        "prev": prev.hex(),
        "leaf": leaf.hex(),
        "hash": link_of(prev, leaf).hex(),
    }


def vectors() -> Vectors:
    """File name under `audit/` → vector."""
    first = good(FULL, bytes(32))
    made = {
        "good": first,
        "good-nobody-and-nothing": good(BARE, bytes.fromhex(first["hash"])),
        "good-words": good(WORDS, b"\xff" * 32),
    }
    whole = {name: value for name, value in first.items() if name != "canonical"}
    for name, value in _EDITS.items():
        changed = FULL | {name: value}
        flaw = f"the entry's {name} was changed after it was chained"
        made[f"refused-{name.replace('_', '-')}-changed"] = refused(whole, "good", flaw, LEAF, entry=changed)
    for name, (flaw, leaf) in _other_leaves(canonical(FULL)).items():
        linked = link_of(bytes(32), leaf).hex()  # an honest link to a dishonest leaf
        made[f"refused-{name}"] = refused(whole, "good", flaw, LEAF, leaf=leaf.hex(), hash=linked)
    leaf = bytes.fromhex(first["leaf"])
    for name, (flaw, link) in _other_links(bytes(32), leaf).items():
        made[f"refused-{name}"] = refused(whole, "good", flaw, LINK, hash=link.hex())
    flaw = "hung on another entry than the one before"
    made["refused-prev-changed"] = refused(whole, "good", flaw, LINK, prev=flipped(bytes(32), 0).hex())
    return made


_EDITS: dict[str, str | None] = {
    "id": "01" * 15 + "00",
    "ts": "2026-11-25T18:30:00.000251Z",
    "type": "note.read",
    "action": "R",
    "outcome": "refused",
    "agent": None,
    "session": None,
    "entity_type": "visit",
    "entity_id": "03" * 15 + "02",
    "patient": None,
    "purpose": "ETREAT",
    "detail": b"sealed otherwise".hex(),
}


def _other_leaves(written: str) -> dict[str, tuple[str, bytes]]:
    said = json.loads(written)
    spaced = json.dumps(said, sort_keys=True, ensure_ascii=False)
    unsorted = json.dumps(dict(reversed(said.items())), separators=(",", ":"), ensure_ascii=False)
    exchanged = canonical(FULL | {"agent": FULL["patient"], "patient": FULL["agent"]})
    clear = json.dumps({**said, "detail_sha256": FULL["detail"]}, sort_keys=True, separators=(",", ":"))
    without = {name: value for name, value in said.items() if name != "purpose"}
    return {
        "leaf-flipped": ("one bit of the leaf", flipped(leaf_of(written), -1)),
        "leaf-without-its-mark": ("hashed without the 00 before", leaf_of(written, b"")),
        "leaf-marked-as-a-link": ("hashed with the mark of a link", leaf_of(written, b"\x02")),
        "leaf-with-spaces": ("hashed with spaces in the JSON", leaf_of(spaced)),
        "leaf-unsorted": ("hashed with the names in another order", leaf_of(unsorted)),
        "leaf-of-the-detail-itself": ("the detail itself where its hash belongs", leaf_of(clear)),
        "leaf-without-a-field": ("hashed without the purpose", leaf_of(json.dumps(without, sort_keys=True))),
        "agent-and-patient-exchanged": ("who did it and whom it concerned exchanged", leaf_of(exchanged)),
    }


def _other_links(prev: bytes, leaf: bytes) -> dict[str, tuple[str, bytes]]:
    return {
        "link-flipped": ("one bit of the link", flipped(link_of(prev, leaf), -1)),
        "link-without-its-mark": ("hashed without the 02 before", link_of(prev, leaf, b"")),
        "link-marked-as-a-leaf": ("hashed with the mark of a leaf", link_of(prev, leaf, b"\x00")),
        "link-the-other-way-round": ("the leaf before the link", link_of(leaf, prev)),
        "link-is-the-leaf": ("the leaf given out as the link", leaf),
    }
