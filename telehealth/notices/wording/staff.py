"""What is said to staff of their own account."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import SESSIONS, Kind, Words, at

ROLES = {"therapist": "a therapist", "front_desk": "at the front desk", "administrator": "an administrator"}


def _role(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    was, role = (ROLES.get(body[name], body[name]) for name in ("was", "role"))
    return Words(
        "You have another role here",
        (
            f"An administrator changed it at {at(body, zone)}: you were {was}, and you are {role} now.",
            "Every session of yours ended with it. If you did not expect this, tell the practice.",
        ),
        way=SESSIONS,
    )


KINDS: Mapping[str, Kind] = {"role_changed": _role}
