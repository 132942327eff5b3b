"""Pure decisions about erasing, holding back and keeping."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from telehealth.errors import Conflict, Invalid

Class = Literal["account", "booking", "clinical", "correspondence"]
CLASSES: tuple[Class, ...] = get_args(Class)
CLASS_WORDS = {
    "account": "who you are and how you sign in",
    "booking": "your appointments and what you wrote for them",
    "clinical": "what was written down about your care",
    "correspondence": "messages to you",
}
WORD = "erase"  # typed by hand before anything is erased
MAX_REASON = 1_000
NIGHT_HOUR = 3  # local: nobody waits for the database then
BASES = {
    "request": "the person asked for it (GDPR, Article 17)",
    "retention": "the time for which it may be kept is over (GDPR, Article 5 (1) e)",
}


@dataclass(frozen=True)
class Retention:
    """How long one class is kept. `setting` names the number of days, `from_when` from when they count."""

    cls: str
    setting: str
    days: int
    from_when: str
    what: str
    basis: str


RETENTIONS = (
    Retention(
        "account",
        "RETENTION_ACCOUNT_DAYS",
        3650,
        "the last sign-in, appointment or other contact",
        "the client is erased, but for classes whose own days are not over",
        "treatment contract and its record (GDPR, Articles 6 (1) b and c; § 630f (3) BGB: ten years)",
    ),
    Retention(
        "booking",
        "RETENTION_BOOKING_DAYS",
        1460,
        "the end of the appointment",
        "the appointment is removed with what was written for it",
        "claims from the contract (GDPR, Article 6 (1) b and f; §§ 195, 199 BGB: three years from the year's end)",
    ),
    Retention(
        "clinical",
        "RETENTION_CLINICAL_DAYS",
        3650,
        "the last appointment",
        "the keys of the records are destroyed",
        "duty to keep records of treatment (GDPR, Articles 6 (1) c and 9 (2) h; § 630f (3) BGB: ten years)",
    ),
    Retention(
        "correspondence",
        "RETENTION_CORRESPONDENCE_DAYS",
        365,
        "the day of the message",
        "the message is removed",
        "telling people what happened to their record (GDPR, Article 6 (1) b and f)",
    ),
)


def due_before(days: int, now: datetime) -> datetime | None:
    """What is older than this is due; None where nothing ever is (0 days)."""
    return None if days == 0 else now - timedelta(days=days)


def to_erase(present: Collection[str], held: Collection[str]) -> tuple[str, ...]:
    """The classes whose keys are destroyed now: all that are there and that no legal hold keeps."""
    return tuple(cls for cls in CLASSES if cls in present and cls not in held)


def check_word(typed: str) -> None:
    """Refuse unless the word was typed; a capital letter or a space more is no reason to refuse."""
    if typed.strip().casefold() != WORD:
        sentence = f"Please type the word {WORD}, so that nothing is erased by accident."
        raise Invalid("word_missing", sentence, fields={"word": sentence})


def reason_from(text: str) -> str:
    """Why something is held back, white space at the ends removed; Invalid when empty or too long."""
    reason = text.strip()
    if not reason:
        raise Invalid("reason_missing", "Say why it must be kept, for example the file number of the claim.")
    if len(reason) > MAX_REASON:
        raise Invalid("reason_too_long", f"Please use at most {MAX_REASON} characters for the reason.")
    return reason


def class_from(text: str) -> Class:
    """One of the classes that are held or erased on their own."""
    for known in CLASSES:
        if text == known:
            return known
    raise Invalid("class_unknown", f"The class is one of {', '.join(CLASSES)}.")


def check_may_be_erased(*, is_last_administrator: bool, has_clients_ahead: bool) -> None:
    """Refuse to erase somebody without whom the practice stands still."""
    if is_last_administrator:
        raise Conflict(
            "last_administrator",
            "This is the only administrator. Give somebody else that role first, then erase.",
        )
    if has_clients_ahead:
        raise Conflict(
            "clients_ahead",
            "Clients have appointments ahead with this therapist. Move or cancel them first, then erase.",
        )


def is_night(local: datetime, last: datetime) -> bool:
    """Whether the night's hour of this local day has come since `last`; both in the practice's zone."""
    night = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return last < night <= local
