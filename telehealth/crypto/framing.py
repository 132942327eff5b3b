"""How parts are joined before they are authenticated, hashed or derived from: nothing may run into its neighbour."""

ID_BYTES = 16
KEY_BYTES = 32


def length_prefixed(*parts: bytes) -> bytes:
    """LP(x) = u32be(len(x)) || x for each part, one after the other (security.md, the notation above section 1)."""
    return b"".join([len(part).to_bytes(4, "big") + part for part in parts])
