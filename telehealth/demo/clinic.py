"""What the demo clinic offers: therapists with their hours, and services. Plain values, written by `seed.py`."""

from dataclasses import dataclass
from datetime import time

from telehealth.clinic.rules import Number, Policies

WEEKDAYS = range(5)
GRID = 30
BUFFER = 10


@dataclass(frozen=True)
class Profile:
    """A therapist's public page. `hours` are (weekday with Monday 0, from, to) on the wall clock of `zone`."""

    key: str
    slug: str
    name: str
    title: str
    pronouns: str
    zone: str
    specialties: tuple[str, ...]
    languages: tuple[str, ...]
    about: str
    hours: tuple[tuple[int, time, time], ...]
    vacation: tuple[int, int] | None = None  # from and until how many days after the first start
    break_minutes: int = 0


@dataclass(frozen=True)
class Offer:
    """A service; `by` are the keys of those who offer it."""

    slug: str
    name: str
    public_name: str
    minutes: int
    seats: int
    price_text: str
    summary: str
    by: tuple[str, ...]
    buffer_after: int = BUFFER
    notice_minutes: int = 240
    horizon_days: int = 56
    cancel_hours: int = 24
    therapists_needed: int = 1
    confirms_first: bool = False


def _each(days: range | tuple[int, ...], *periods: tuple[int, int]) -> tuple[tuple[int, time, time], ...]:
    return tuple((day, time(start), time(end)) for day in days for start, end in periods)


PROFILES = (
    Profile(
        key="mara",
        slug="mara-lind",
        name="Mara Lind",
        title="Psychologist, sex and couples therapist",
        pronouns="she/her",
        zone="Europe/Berlin",
        specialties=("Low or mismatched desire", "Couples", "Intimacy after birth or illness"),
        languages=("English", "German", "Swedish"),
        about=(
            "I work slowly and without a script. Many people I see have never said aloud what brings them here. "
            "We begin with what you would like to be different, and you decide how far we go."
        ),
        hours=_each(WEEKDAYS, (9, 13), (14, 17)),
    ),
    Profile(
        key="jonas",
        slug="jonas-okafor",
        name="Jonas Okafor",
        title="Psychotherapist, psychosexual therapy",
        pronouns="he/him",
        zone="Europe/London",
        specialties=("Performance anxiety", "Shame and trust", "Compulsive habits"),
        languages=("English", "French"),
        about=(
            "Worry about how we perform is common and treatable. I offer clear exercises between sessions, "
            "some humour where it helps, and no judgment of anyone's body, partner or past."
        ),
        hours=_each((0, 1, 3), (13, 20)) + _each((5,), (10, 14)),
    ),
    Profile(
        key="elif",
        slug="elif-arslan",
        name="Elif Arslan",
        title="Clinical psychologist, trauma and sexuality",
        pronouns="she/her",
        zone="Europe/Istanbul",
        specialties=("Pain", "Healing after trauma", "Sexuality and faith"),
        languages=("English", "Turkish"),
        about=(
            "Pain and fear have reasons, and so has the wish to be close again. I combine talking with body awareness, "
            "always at your pace and always without physical procedures."
        ),
        hours=_each((1, 2, 4), (10, 14), (15, 19)),
        vacation=(21, 30),
        break_minutes=5,
    ),
)

OFFERS = (
    Offer(
        slug="first-conversation",
        name="First conversation",
        public_name="Conversation",
        minutes=30,
        seats=1,
        price_text="Free of charge",
        summary="Half an hour to get to know one another, ask anything, and see whether we fit. No preparation needed.",
        by=("mara", "jonas", "elif"),
        notice_minutes=60,
        cancel_hours=2,
    ),
    Offer(
        slug="individual-session",
        name="Individual session",
        public_name="Appointment",
        minutes=50,
        seats=1,
        price_text="90 €",
        summary="Fifty minutes for you alone, whether or not you have a partner.",
        by=("mara", "jonas", "elif"),
    ),
    Offer(
        slug="couples-session",
        name="Couple's session",
        public_name="Appointment",
        minutes=80,
        seats=2,
        price_text="140 €",
        summary="Eighty minutes for you both, together in one place or each on your own device.",
        by=("mara", "elif"),
        buffer_after=15,
    ),
    Offer(
        slug="follow-up",
        name="Follow-up",
        public_name="Appointment",
        minutes=25,
        seats=1,
        price_text="50 €",
        summary="A shorter meeting between sessions: how did it go, what got in the way, what next.",
        by=("mara", "jonas"),
        buffer_after=5,
    ),
    Offer(
        slug="with-two-of-us",
        name="Couple's session with two of us",
        public_name="Appointment",
        minutes=80,
        seats=2,
        price_text="220 €",
        summary="Eighty minutes for you both with two therapists, when each of you wants somebody at your side.",
        by=("mara", "elif"),
        buffer_after=15,
        notice_minutes=1440,
        therapists_needed=2,
    ),
    Offer(
        slug="longer-session",
        name="Longer session",
        public_name="Appointment",
        minutes=100,
        seats=1,
        price_text="170 €",
        summary="Time to go deeper than fifty minutes allow. You ask for it, and your therapist answers within a day.",
        by=("jonas", "elif"),
        notice_minutes=2880,
        cancel_hours=48,
        confirms_first=True,
    ),
)


POLICIES = Policies(
    cancellation=(
        "Plans change, and you need not say why. Until the hour that stands with your appointment you cancel on its "
        "page, and it costs nothing.\n\nAfter that please call us all the same: somebody may wait for that time."
    ),
    secrets="none",
)
NUMBERS = (
    Number("Emergency services", "112", "European Union", 1),
    Number("Someone to talk to, day and night", "030 555 0100", "made up for this demonstration", 2),
)


@dataclass(frozen=True)
class Booking:
    """An appointment the demo begins with: the first open time from `in_days` on."""

    service: str
    therapist: str
    clients: tuple[str, ...]
    in_days: int
    reason: str


BOOKINGS = (
    Booking(
        "couples-session",
        "elif",
        ("partner_one", "partner_two"),
        1,
        "We love each other and avoid each other.",
    ),
    Booking(
        "first-conversation", "jonas", ("partner_two",), 2, "I would like to ask a few things alone first."
    ),
    Booking("individual-session", "jonas", ("first_client",), 3, "I tense up as soon as it matters."),
    Booking("individual-session", "elif", ("partner_one",), 4, "It hurts, and I have stopped saying so."),
    Booking(
        "couples-session",
        "mara",
        ("partner_one", "partner_two"),
        8,
        "We want to talk about what we each need.",
    ),
    Booking(
        "couples-session", "elif", ("first_client",), 9, "I would like us to come together for once."
    ),  # the partner is still to be invited
    Booking("follow-up", "mara", ("first_client",), 10, "The exercise went better than I thought."),
)

SOON_REASON = (
    "Since the new job I have hardly felt any desire, and I do not know how to talk about it at home."
)
