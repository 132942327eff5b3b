"""What is said when a time has become free for somebody who waits."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import Kind, Words, at


def _offer(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "An earlier time is free",
        (
            f"{body['who']} has time at {at(body, zone, 'start')}. We keep it for you until "
            f"{at(body, zone, 'answer_by')}.",
            "If it does not suit you, you need not do anything: you go on waiting, and the next one is offered to you.",
        ),
        way=("See it and answer", "/waiting"),
    )


KINDS: Mapping[str, Kind] = {"waiting_offer": _offer}
