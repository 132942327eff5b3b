"""Time-limited TURN credentials (draft-uberti-behave-turn-rest-00, as coturn's use-auth-secret reads them)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from signaling.admission import Entry

GRACE = timedelta(minutes=5)


def ice_servers(
    entry: Entry, *, stun_urls: Sequence[str], turn_urls: Sequence[str], turn_secret: str, now: datetime
) -> list[dict[str, Any]]:
    """RTCIceServer dictionaries for one admitted seat; credentials live until the room's close and five minutes.

    The user name is `expiry:opaque`, opaque for each person and call, so that a relay's log names nobody.
    """
    servers: list[dict[str, Any]] = [{"urls": list(stun_urls)}] if stun_urls else []
    if turn_urls:
        opaque = hashlib.sha256(f"{entry.call}/{entry.seat}".encode()).hexdigest()[:16]
        until = max(entry.closes_at + GRACE, now + GRACE)
        servers.append(turn_server(turn_urls, turn_secret, until, opaque))
    return servers


def turn_server(urls: Sequence[str], secret: str, until: datetime, opaque: str) -> dict[str, Any]:
    """One RTCIceServer dictionary; its credentials are somebody's whom `opaque` names, and end at `until`."""
    username = f"{int(until.timestamp())}:{opaque}"
    digest = hmac.digest(secret.encode(), username.encode(), "sha1")  # what coturn expects
    return {"urls": list(urls), "username": username, "credential": base64.b64encode(digest).decode()}
