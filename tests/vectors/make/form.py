"""What all vectors have in common: parts with their lengths, and files named for what they show."""

from collections.abc import Mapping
from typing import Any

Vector = dict[str, Any]
Vectors = dict[str, Vector]  # file name without .json → content


def lp(*parts: bytes) -> bytes:
    """u32be(len(x)) || x, for each part."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def refused(good: Vector, of: str, flaw: str, because: str, **changes: object) -> Vector:
    """A copy of a good vector with one flaw. `because` is what the refusal says."""
    differs = sorted(name for name, value in changes.items() if good.get(name) != value)
    return {"flaw": flaw, "of": of, "differs": differs, "because": because} | good | changes


def without(vector: Mapping[str, Any], *names: str) -> Vector:
    """The vector without what only a good one needs."""
    return {name: value for name, value in vector.items() if name not in names}


def flipped(value: bytes, at: int) -> bytes:
    """The same bytes with the lowest bit of one changed; `at` may count from the end."""
    changed = bytearray(value)
    changed[at] ^= 1
    return bytes(changed)
