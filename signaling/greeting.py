"""The first message to whoever joined, a room or a check."""

from typing import Any, Literal

from signaling import protocol
from signaling.admission import Entry

Ice = dict[str, Any]


def welcome(
    entry: Entry,
    ice: Ice,
    state: Literal["outside", "waiting", "inside"],
    *,
    locked: bool = False,
    around: dict[str, Any] | None = None,
    waiting: list[dict[str, Any]] | None = None,
    missing: list[dict[str, Any]] | None = None,
) -> bytes:
    """PROTOCOL.md, "welcome". Who stands outside learns neither the ways to the others nor that there are any."""
    inside = state == "inside"
    return protocol.encode(
        "welcome",
        version=protocol.VERSION,
        seat=entry.seat,
        role="host" if entry.host else "guest",
        state=state,
        room={
            "locked": locked,
            "opens_at": entry.opens_at,
            "closes_at": entry.closes_at,
            "starts_at": entry.starts_at,
        },
        call=entry.call,
        ice=ice if inside else None,
        **((around if inside else None) or {"participants": [], "apart": []}),
        waiting=(waiting if entry.host else None) or [],
        missing=(missing if entry.host else None) or [],
    )
