"""Pure decisions about what an administrator writes down: services, public profiles, policies, emergency numbers.

Every limit stands here once; the pages show the same ones.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, cast
from unicodedata import normalize

from telehealth.clinic.fields import Fields
from telehealth.person import Role

MINUTES = range(5, 481)
BUFFER = range(121)  # minutes
SEATS = range(1, 5)
GRID = range(5, 241)  # minutes
HORIZON = range(1, 367)  # days
CANCEL = range(721)  # hours
PLACES = range(1, 1000)  # in the clinic's order
NOTICE = range(1001)  # of the unit beside it
NOTICE_UNITS: Mapping[str, int] = {"minutes": 1, "hours": 60, "days": 1440}
DAY = 1440  # minutes
ROOM_SEATS = 4  # of one session, the therapists' among them (signaling/PROTOCOL.md, limits)

MAX_NAME = 120
MAX_SUMMARY = 600
MAX_PRICE = 120
MAX_STAFF_NAME = 80  # as `people.rules` has it
MAX_PRONOUNS = 40
MAX_ABOUT = 1_500
MAX_ENTRIES, MAX_ENTRY = 12, 60  # specialties and languages
MAX_CANCELLATION = 2_000
MAX_NUMBER = 40
MAX_REGION = 80
MAX_NUMBERS = 20
MAX_SLUG = 48

STAFF: tuple[Role, ...] = ("therapist", "front_desk", "administrator")
AS_SET = "setting"
ICE_CHOICES = (AS_SET, "all", "relay")
Secrets = Literal["none", "limited"]
Ice = Literal["all", "relay"]

NO_NAME = "Please give it a name."
NO_PUBLIC_NAME = "Please say what stands in calendars. “Appointment” says nothing to anybody."
NOTICE_TOO_LONG = "Nobody could ever book it: the notice is as long as the days ahead. Make it shorter."
TWO_NEEDED = "It needs two therapists at once. Choose at least two, or nobody yet."
ROOM_TOO_SMALL = f"A session has {ROOM_SEATS} places, the therapists’ among them. Choose fewer who take part."
GONE = "Somebody you chose does not work here any more. Please look at the list once more."
NO_ZONE = "We do not know this time zone. Please choose one from the list, such as Europe/Berlin."
NO_NUMBER = "Please write the number as it is dialled, such as 112 or +49 30 1234567."

# Beginnings of words that say what a calendar entry is about, and parts of words that do so anywhere.
_TELLING = re.compile(
    r"\b(?:sex|couple|paar|partner|marri|marital|ehe|relationship|beziehung|intim|desire|lust|libido|porn|orgasm"
    r"|counsel|clinic|mental|trauma|addict|dysfunction|erecti|pain)"
    r"|therap|psych|sexual|sexuell|erotic|erotik"
)
_DIALLED = re.compile(r"\+?[0-9(][0-9 ()/.-]*")


@dataclass(frozen=True)
class Offer:
    """A service as the form says it. Minutes, hours and days are whole numbers of the unit in the name; `place` is
    where it stands among the others, from 1."""

    name: str
    public_name: str
    summary: str
    minutes: int
    buffer_before: int
    buffer_after: int
    seats: int
    grid_minutes: int
    notice_minutes: int
    horizon_days: int
    cancel_hours: int
    price_text: str
    therapists_needed: int
    confirms_first: bool
    therapist_ids: tuple[bytes, ...]
    place: int


@dataclass(frozen=True)
class Profile:
    """A public profile as the form says it; `zone` is an IANA name."""

    name: str
    title: str
    pronouns: str
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    about: str
    zone: str
    place: int


@dataclass(frozen=True)
class Newcomer:
    """Somebody who begins to work here."""

    name: str
    role: Role


@dataclass(frozen=True)
class Policies:
    """What holds for the whole practice.

    `cancellation`: in the practice's own words, plain text with line breaks, "" until somebody wrote it. `secrets`:
    none kept between partners, or "limited". `ice_policy`: "all" or "relay"; None as the setting says.
    """

    cancellation: str = ""
    secrets: Secrets = "none"
    ice_policy: Ice | None = None


@dataclass(frozen=True)
class Number:
    """Whom to call in danger, as the form says it."""

    label: str
    number: str
    region: str
    place: int


def offer_from(form: Mapping[str, str], therapist_ids: Collection[bytes]) -> Offer:
    """The service of a form, whose boxes are named by `box_of`; Invalid with a sentence at each field that is wrong.

    `therapist_ids` are those who work here. A public name that gives something away is refused once: sent again with
    that very name in `keep_public_name`, it is taken.
    """
    fields = Fields(form)
    made = Offer(
        name=fields.line("name", MAX_NAME, missing=NO_NAME),
        public_name=_public_name(fields),
        summary=fields.words("summary", MAX_SUMMARY),
        minutes=fields.whole("minutes", MINUTES, "minutes"),
        buffer_before=fields.whole("buffer_before", BUFFER, "minutes"),
        buffer_after=fields.whole("buffer_after", BUFFER, "minutes"),
        seats=fields.whole("seats", SEATS, "people"),
        grid_minutes=fields.whole("grid_minutes", GRID, "minutes"),
        notice_minutes=fields.whole("notice", NOTICE)
        * NOTICE_UNITS[fields.one_of("notice_unit", NOTICE_UNITS)],
        horizon_days=fields.whole("horizon_days", HORIZON, "days"),
        cancel_hours=fields.whole("cancel_hours", CANCEL, "hours"),
        price_text=fields.line("price_text", MAX_PRICE),
        therapists_needed=int(fields.one_of("therapists_needed", ("1", "2"))),
        confirms_first=fields.ticked("confirms_first"),
        therapist_ids=tuple(id_ for id_ in therapist_ids if fields.ticked(box_of(id_))),
        place=fields.whole("place", PLACES),
    )
    _check_together(fields, made, therapist_ids)
    fields.check()
    return made


def _public_name(fields: Fields) -> str:
    name = fields.line("public_name", MAX_NAME, missing=NO_PUBLIC_NAME)
    kept = fields.form.get("keep_public_name", "")
    if telling_words(name) and kept != name:
        fields.refuse("public_name", "public_name_tells", warning_of(name))
    return name


def _check_together(fields: Fields, made: Offer, therapist_ids: Collection[bytes]) -> None:
    """What no field alone shows to be wrong."""
    if made.notice_minutes >= made.horizon_days * DAY:
        fields.refuse("notice", "notice_past_horizon", NOTICE_TOO_LONG)
    if made.therapists_needed == 2 and len(made.therapist_ids) == 1:
        fields.refuse("therapist_ids", "therapists_too_few", TWO_NEEDED)
    if made.seats + made.therapists_needed > ROOM_SEATS:
        fields.refuse("seats", "seats_too_many", ROOM_TOO_SMALL)
    boxes = {box_of(id_) for id_ in therapist_ids}
    if any(name.startswith("by-") and name not in boxes for name in fields.form):
        fields.refuse("therapist_ids", "therapist_gone", GONE)


def box_of(therapist_id: bytes) -> str:
    """The name of the box that says this therapist offers a service."""
    return f"by-{therapist_id.hex()}"


def telling_words(public_name: str) -> tuple[str, ...]:
    """The words of a name that say more than that there is an appointment."""
    plain = normalize("NFKC", public_name).casefold()
    return tuple(word for word in re.split(r"[\s/,;:.()–—-]+", plain) if _TELLING.search(word))


def warning_of(public_name: str) -> str:
    """Why a public name is asked about once more."""
    words = [f"“{word}”" for word in dict.fromkeys(telling_words(public_name))]
    said = f"{' and '.join(words)} {'says' if len(words) == 1 else 'say'}"
    return f"This stands in calendars and messages that others may see, and {said} what it is about."


def profile_from(form: Mapping[str, str], zones: Collection[str]) -> Profile:
    """The public profile of a form; `zones` are the names of every zone there is."""
    fields = Fields(form)
    made = Profile(
        name=fields.line("name", MAX_NAME, missing="Please say under which name they are found."),
        title=fields.line("title", MAX_NAME),
        pronouns=fields.line("pronouns", MAX_PRONOUNS),
        specialties=fields.lines("specialties", MAX_ENTRIES, MAX_ENTRY),
        languages=fields.lines("languages", MAX_ENTRIES, MAX_ENTRY),
        about=fields.words("about", MAX_ABOUT),
        zone=fields.line("zone", 64),
        place=fields.whole("place", PLACES),
    )
    if made.zone not in zones:
        fields.refuse("zone", "zone_unknown", NO_ZONE)
    fields.check()
    return made


def newcomer_from(form: Mapping[str, str]) -> Newcomer:
    """Somebody new on the staff."""
    fields = Fields(form)
    name = fields.line("name", MAX_STAFF_NAME, missing="Please say who it is.")
    role = cast(Role, fields.one_of("role", STAFF))
    fields.check()
    return Newcomer(name, role)


def policies_from(form: Mapping[str, str]) -> Policies:
    """What holds for the whole practice."""
    fields = Fields(form)
    cancellation = fields.words("cancellation", MAX_CANCELLATION)
    secrets = cast(Secrets, fields.one_of("secrets", ("none", "limited")))
    ice = fields.one_of("ice_policy", ICE_CHOICES)
    fields.check()
    return Policies(cancellation, secrets, None if ice == AS_SET else cast(Ice, ice))


def number_from(form: Mapping[str, str]) -> Number:
    """One emergency number."""
    fields = Fields(form)
    made = Number(
        label=fields.line(
            "label", MAX_NAME, missing="Please say whom one reaches, such as “Emergency services”."
        ),
        number=fields.line("number", MAX_NUMBER, missing=NO_NUMBER),
        region=fields.line("region", MAX_REGION),
        place=fields.whole("place", PLACES),
    )
    if not _DIALLED.fullmatch(made.number) or sum(each.isdigit() for each in made.number) < 2:
        fields.refuse("number", "number_malformed", NO_NUMBER)
    fields.check()
    return made


def slug_of(name: str, taken: Collection[str]) -> str:
    """What stands in addresses for a name: small letters, digits and hyphens, and a number where it is taken."""
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_SLUG].strip("-") or "offer"
    number = 1
    while (slug := stem if number == 1 else f"{stem}-{number}") in taken:
        number += 1
    return slug


def in_order(ids: Collection[bytes], moved: bytes, place: int) -> list[bytes]:
    """These ids with one of them, new or not, at its place from 1; a place past the end is the end."""
    others = [each for each in ids if each != moved]
    at = min(place - 1, len(others))
    return [*others[:at], moved, *others[at:]]
