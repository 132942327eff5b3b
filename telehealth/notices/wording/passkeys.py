"""What is said of passkeys."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import SESSIONS, Kind, Words, at


def _added(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "A passkey was added",
        (
            f"“{body['name']}” was added at {at(body, zone)}. From now on it can be used to sign in as you.",
            "If that was you, all is well. If not, remove it, sign out everywhere else, and tell the practice.",
        ),
        way=SESSIONS,
    )


def _removed(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "A passkey was removed",
        (
            f"“{body['name']}” was removed at {at(body, zone)}. It opens nothing here any more.",
            "If that was not you, sign out everywhere else, and tell the practice.",
        ),
        way=SESSIONS,
    )


KINDS: Mapping[str, Kind] = {"passkey_added": _added, "passkey_removed": _removed}
