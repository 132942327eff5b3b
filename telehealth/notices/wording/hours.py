"""What is said when a therapist's hours change, or the clocks' own rules do."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from telehealth.notices.wording.words import Kind, Words, at
from telehealth.web.templating import city, clock, day

HOURS = ("See your hours", "/hours")


def _offer_new_times(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "Would another time suit you?",
        (
            f"The hours of {body['with']} change, and your appointment at {at(body, zone, 'start')} lies outside them "
            f"from now on. Please choose another time that suits you.",
            "Nothing happens by itself: until you choose, the appointment stays as it is. You can move or cancel it "
            "until it begins, and that does not count as late.",
        ),
        way=("See the appointment and other times", f"/appointments/{body['id']}"),
    )


def _zone_changed(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    was, becomes = (datetime.fromisoformat(body[name]).astimezone(zone) for name in ("was", "start"))
    there = datetime.fromisoformat(body["start"]).astimezone(ZoneInfo(body["zone"]))
    stays = f"Your appointment stays at {body['local']} on {day(there)} in {city(body['zone'])}"
    if zone.key == body["zone"]:
        sentence = f"{stays}, which is where you read this, too. Your own clock shows what it did before."
    else:
        sentence = f"{stays}. In {city(zone.key)} that was {_then(was)} until now and is {_then(becomes)} from now on."
    return Words(
        "The clocks change differently",
        ("The rules by which clocks change have been changed, after your appointment was booked.", sentence),
        way=("See the appointment", f"/appointments/{body['id']}"),
    )


def _zone_clash(body: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Words:
    return Words(
        "Two things fall on the same time",
        (
            f"The rules by which clocks change in {city(body['zone'])} have been changed. An appointment that should "
            f"stay at {body['local']} by the clocks there would now meet something else, for you or for somebody who "
            f"takes part.",
            f"Nothing has been moved: it is still at {at(body, zone, 'was')} as your clock shows it. Please move it or "
            f"cancel it yourself.",
        ),
        way=HOURS,
    )


def _then(moment: datetime) -> str:
    return f"{clock(moment)} on {day(moment)}"


KINDS: Mapping[str, Kind] = {
    "appointment_offer_new_times": _offer_new_times,
    "zone_changed": _zone_changed,
    "zone_clash": _zone_clash,
}
