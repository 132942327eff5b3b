"""Pure decisions about people and their sessions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from telehealth.errors import Invalid
from telehealth.person import Role

IDLE = {
    "client": timedelta(minutes=15),
    "therapist": timedelta(minutes=10),
    "front_desk": timedelta(minutes=10),
    "administrator": timedelta(minutes=10),
}
ABSOLUTE = timedelta(hours=12)
STEP_UP = timedelta(minutes=5)
SEEN_EVERY = timedelta(seconds=30)
ASKED_LEEWAY = timedelta(minutes=1)  # how far the provider's clock may be from ours
MAX_NAME = 80
# Keyboards add marks of direction, which could also turn round what stands beside a name.
DIRECTIONS = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
JOINERS = "\u200c\u200d"  # within a name: of Persian and Indic letters, and of pictures
STRONGEST_FIRST: tuple[Role, ...] = ("administrator", "front_desk", "therapist")

# Methods of authentication (RFC 8176, section 2) by what they prove: something known, something held, somebody's body.
KINDS: tuple[frozenset[str], ...] = (
    frozenset({"pwd", "pin", "kba"}),
    frozenset({"otp", "hwk", "swk", "sc", "sms", "tel", "fido"}),
    frozenset({"face", "fpt", "iris", "retina", "vbm"}),
)
SEVERAL_FACTORS = "mfa"


def role_from(groups: Sequence[str], mapping: Mapping[str, Role]) -> Role:
    """The strongest role that the provider may confer by these groups; client when it confers none."""
    conferred = {mapping[group] for group in groups if group in mapping}
    return next((role for role in STRONGEST_FIRST if role in conferred), "client")


def stronger(one: Role, other: Role) -> Role:
    """Of two roles the one that may do more."""
    return next((role for role in STRONGEST_FIRST if role in (one, other)), "client")


def changes_role(was: Role, *, pending: bool) -> bool:
    """Whether a sign-in changes a role by itself, before any second step.

    A client becomes staff at once, so that an administrator sees whom to vouch for; half in, they can do nothing yet.
    """
    return was == "client" or not pending


def proved_second_factor(
    amr: Collection[str], acr: str | None, *, strong_amr: Collection[str] | None, strong_acr: Collection[str]
) -> bool:
    """Whether the provider's word stands for a second factor: as its settings say, else methods of two kinds."""
    if acr is not None and acr in strong_acr:
        return True
    if strong_amr is not None:
        return any(method in strong_amr for method in amr)
    return SEVERAL_FACTORS in amr or sum(any(method in kind for method in amr) for kind in KINDS) > 1


def is_pending(role: Role, *, strong: bool, staff_factor: bool) -> bool:
    """Whether the second step is still to come; `staff_factor` is off in the demo alone."""
    return staff_factor and role != "client" and not strong


def was_asked(auth_time: datetime | None, started_at: datetime) -> bool | None:
    """Whether the provider asked the person in this very sign-in; None where it does not say when it did."""
    return None if auth_time is None else auth_time >= started_at - ASKED_LEEWAY


def proof_of(auth_time: datetime | None, now: datetime) -> datetime:
    """From when on a new session counts as proven; where the provider does not say, it was long enough ago."""
    return now - STEP_UP if auth_time is None else min(auth_time, now)


def idle_at(role: Role, seen_at: datetime) -> datetime:
    """When a session ends if nothing more happens in it."""
    return seen_at + IDLE[role]


def ends_at(created_at: datetime) -> datetime:
    """When a session ends whatever happens in it."""
    return created_at + ABSOLUTE


def is_live(role: Role, *, created_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """Whether a session still stands: neither idle too long nor past its absolute end."""
    return now < idle_at(role, seen_at) and now < ends_at(created_at)


def is_fresh(proven_at: datetime, now: datetime) -> bool:
    """Whether somebody proved recently enough who they are for what cannot be undone."""
    return now - proven_at < STEP_UP


def name_from(text: str) -> str:
    """The name somebody wants to be called, tidied; refused when empty, too long or unprintable."""
    name = " ".join(text.translate(DIRECTIONS).split()).strip(JOINERS)
    if not name:
        sentence = "Please tell us what to call you. Any name will do."
        raise Invalid("name_missing", sentence, fields={"name": sentence})
    if len(name) > MAX_NAME:
        sentence = f"Please use at most {MAX_NAME} characters for your name."
        raise Invalid("name_too_long", sentence, fields={"name": sentence})
    if not name.translate(dict.fromkeys(map(ord, JOINERS))).isprintable():
        sentence = "The name has characters that cannot be shown. Please type it again."
        raise Invalid("name_unprintable", sentence, fields={"name": sentence})
    return name
