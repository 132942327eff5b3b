"""What somebody may wish for, whether a time fits, and how long it is kept for them. Pure."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from telehealth.availability.parts import PARTS, is_in
from telehealth.errors import Invalid

MAX_WISHES = 3  # for each client
TO_ANSWER = timedelta(hours=4)  # by day; nobody has to answer at night
NIGHT_BEGINS, NIGHT_ENDS = 22, 8
SHORTEST = timedelta(minutes=30)  # less time to answer than that is no offer
LONGEST_DAYS = 366
RESTS = timedelta(hours=20)  # after an offer that was not answered: nobody is written to again and again

DAY_NEEDED = "Please say until which day an earlier time would help you."
DAY_PAST = "That day is over. Please choose one that is still to come."
DAY_FAR = "Please choose a day within a year."


@dataclass(frozen=True)
class Wish:
    """What stands sealed: with whom (None: anyone), which part of the day ("": any), and in which zone."""

    therapist_id: bytes | None
    part: str
    zone: str

    def text(self) -> str:
        """As it is sealed."""
        therapist = None if self.therapist_id is None else self.therapist_id.hex()
        return json.dumps({"therapist": therapist, "part": self.part, "zone": self.zone})

    def fits(self, start: datetime, therapist_id: bytes) -> bool:
        """Whether a time is one that was wished for."""
        with_them = self.therapist_id is None or self.therapist_id == therapist_id
        return with_them and is_in(self.part, start.astimezone(ZoneInfo(self.zone)).hour)


def wish_from(text: str) -> Wish:
    """What was sealed, read again."""
    values = json.loads(text)
    therapist = values["therapist"]
    return Wish(None if therapist is None else bytes.fromhex(therapist), values["part"], values["zone"])


def part_from(text: str) -> str:
    """A part of the day; anything else is any."""
    return text if text in PARTS else ""


def before_from(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The end of the day, in the zone, until which an earlier time helps. Invalid, with the field, for another one."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise _refused("day_needed", DAY_NEEDED) from None
    today = now.astimezone(zone).date()
    if day < today:
        raise _refused("day_past", DAY_PAST)
    if day > today + timedelta(days=LONGEST_DAYS):
        raise _refused("day_far", DAY_FAR)
    return datetime.combine(day + timedelta(days=1), time(), zone)


def _refused(code: str, sentence: str) -> Invalid:
    return Invalid(code, sentence, fields={"until": sentence})


def is_left_alone(answer: str | None, answer_by: datetime, now: datetime) -> bool:
    """Whether an offer made before is a reason to make no other one now: it is open, or went unanswered just now."""
    return answer is None or (answer == "lapsed" and now < answer_by + RESTS)


def answer_by(now: datetime, starts_at: datetime, notice_minutes: int, zone: ZoneInfo) -> datetime | None:
    """Until when an offered time is kept: four hours by day, never past the service's notice. None when that is too
    short to be fair."""
    latest = starts_at - max(timedelta(minutes=notice_minutes), SHORTEST)
    by = min(_by_day(now, TO_ANSWER, zone), latest)
    return by if by - now >= SHORTEST else None


def _by_day(now: datetime, wanted: timedelta, zone: ZoneInfo) -> datetime:
    """`wanted` from now, of which the hours of night in the zone do not count."""
    at, left = now, wanted
    while True:
        local = at.astimezone(zone)
        if local.hour >= NIGHT_BEGINS or local.hour < NIGHT_ENDS:
            morning = local.date() + timedelta(days=1 if local.hour >= NIGHT_BEGINS else 0)
            at = datetime.combine(morning, time(NIGHT_ENDS), zone).astimezone(now.tzinfo)
            continue
        evening = datetime.combine(local.date(), time(NIGHT_BEGINS), zone).astimezone(now.tzinfo)
        if at + left <= evening:
            return at + left
        left -= evening - at
        at = evening
