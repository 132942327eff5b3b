"""Pure decisions about emergency access: who may ask, who decides, and how long it stands."""

from datetime import datetime, timedelta
from typing import Literal

from telehealth.errors import Invalid
from telehealth.person import Role

STANDS = timedelta(hours=2)
WAITS = timedelta(hours=1)
WAITING_AT_ONCE = 3
MAX_NAME = 80
MAX_REASON = 1_000
SHORTEST_REASON = 10

State = Literal["waiting", "declined", "withdrawn", "lapsed", "open", "ended", "over"]


def may_ask(role: Role) -> bool:
    """Only who treats may need a record at once."""
    return role == "therapist"


def may_decide(role: Role) -> bool:
    """The front desk and administrators are the second person."""
    return role in ("front_desk", "administrator")


def state(
    *,
    asked_at: datetime,
    confirmed_at: datetime | None,
    declined_at: datetime | None,
    ends_at: datetime | None,
    ended_at: datetime | None,
    now: datetime,
) -> State:
    """Where a request stands: waiting → open → over, or where it ended before that.

    "ended" is early, "over" after its two hours; "withdrawn" and "declined" were never open; "lapsed" means that
    nobody decided within the hour.
    """
    if declined_at is not None:
        return "declined"
    if confirmed_at is None or ends_at is None:
        if ended_at is not None:
            return "withdrawn"
        return "waiting" if now - asked_at < WAITS else "lapsed"
    if ended_at is not None:
        return "ended"
    return "open" if now < ends_at else "over"


def words_from(name: str, reason: str) -> tuple[str, str]:
    """Both, tidied; Invalid with a sentence for each that cannot be taken, so that nobody in a hurry is sent twice."""
    taken: list[str] = []
    refusals: list[Invalid] = []
    for taking, text in ((name_from, name), (reason_from, reason)):
        try:
            taken.append(taking(text))
        except Invalid as refusal:
            refusals.append(refusal)
    if refusals:
        fields = {field: sentence for each in refusals for field, sentence in each.fields.items()}
        raise Invalid(refusals[0].code, refusals[0].sentence, fields=fields)
    return taken[0], taken[1]


def name_from(text: str) -> str:
    """The name of a client as the asker knows it, tidied; Invalid when empty, too long or unprintable."""
    name = " ".join(text.split())
    if not name:
        raise _refused("name_missing", "name", "Please write the name by which you know this client.")
    if len(name) > MAX_NAME:
        raise _refused("name_too_long", "name", f"Please use at most {MAX_NAME} characters for the name.")
    if not name.isprintable():
        raise _refused(
            "name_unprintable", "name", "The name has characters that cannot be shown. Type it again."
        )
    return name


def reason_from(text: str) -> str:
    """Why the record is needed, white space at the ends removed; Invalid when it says nothing or too much."""
    reason = text.strip()
    if len(reason) < SHORTEST_REASON:
        sentence = "Please say in a few words what has happened. One short sentence is enough."
        raise _refused("reason_missing", "reason", sentence)
    if len(reason) > MAX_REASON:
        sentence = f"Please shorten this to {MAX_REASON:,} characters; it has {len(reason):,} now."
        raise _refused("reason_too_long", "reason", sentence)
    return reason


def _refused(code: str, field: str, sentence: str) -> Invalid:
    return Invalid(code, sentence, fields={field: sentence})
