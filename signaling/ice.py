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
        expiry = int(max(entry.closes_at + GRACE, now + GRACE).timestamp())
        opaque = hashlib.sha256(f"{entry.call}/{entry.seat}".encode()).hexdigest()[:16]
        username = f"{expiry}:{opaque}"
        digest = hmac.digest(turn_secret.encode(), username.encode(), "sha1")  # what coturn expects
        password = base64.b64encode(digest).decode()
        servers.append({"urls": list(turn_urls), "username": username, "credential": password})
    return servers
