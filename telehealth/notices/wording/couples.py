"""What is said of coming together. Nobody is told why somebody does not come, nor what else they do."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import Kind, Words, at


def _asks(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "You are asked to come along",
        (
            f"Your partner has booked an appointment for you both, at {at(body, zone, 'start')}.",
            "Nothing of your time is taken until you say yes. If you say no, nobody asks you why.",
        ),
        way=("See it and answer", f"/appointments/{body['id']}/joining"),
    )


def _joined(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "Your partner comes along",
        (f"The appointment at {at(body, zone, 'start')} is for you both now.",),
        way=_appointment(body),
    )


def _yours(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "It is booked for you both",
        (
            f"You come along at {at(body, zone, 'start')}. You can leave the appointment for your own part until it "
            f"begins.",
        ),
        way=_appointment(body),
    )


def _declined(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "Your partner does not come along",
        (
            f"Whoever you asked has said no to the appointment at {at(body, zone, 'start')}. It stays booked for you, "
            f"and you can come alone.",
        ),
        way=_appointment(body),
    )


def _suggested(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "Your partner suggests another time",
        (
            f"Instead of {at(body, zone, 'start')} they would rather come at {at(body, zone, 'instead')}. That time "
            f"was open when they chose it; nobody keeps it for you.",
            "The appointment stays as it is until you move it.",
        ),
        way=_appointment(body),
    )


def _left(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "One of you comes alone",
        (
            f"The other does not come to the appointment at {at(body, zone, 'start')} any more. It stays booked for "
            f"you. If you would rather not come alone, you can cancel it.",
        ),
        way=_appointment(body),
    )


def _left_one(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "One of two comes alone",
        (f"Somebody has left the appointment at {at(body, zone, 'start')}. The other still comes.",),
        way=_appointment(body),
    )


def _out(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "You have left an appointment",
        (
            f"Your part in the appointment at {at(body, zone, 'start')} has ended, and your time is free again.",
        ),
    )


def _appointment(body: Mapping[str, str]) -> tuple[str, str]:
    return "See the appointment", f"/appointments/{body['id']}"


KINDS: Mapping[str, Kind] = {
    "partner_asks": _asks,
    "partner_joined": _joined,
    "partner_yours": _yours,
    "partner_declined": _declined,
    "partner_suggests": _suggested,
    "partner_left": _left,
    "partner_left_one": _left_one,
    "partner_out": _out,
}
