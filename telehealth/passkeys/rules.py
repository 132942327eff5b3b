"""Pure decisions about passkeys: who needs a code, whose passkey counts, and what a copied one gives away."""

from datetime import timedelta
from typing import Literal

from telehealth.errors import Invalid
from telehealth.person import Role

Purpose = Literal["sign_in", "confirm", "add"]

CHALLENGE_LIVES = timedelta(minutes=5)
CODE_LIVES = timedelta(hours=24)
CODE_BYTES = 10
MAX_PASSKEYS = 20
MAX_NAME = 60
UNNAMED = "Passkey"


def is_vouched(role: Role, *, strong: bool, with_code: bool) -> bool:
    """Whether a new passkey may later stand for the second factor of staff: a single factor never enrols the second.

    `strong`: the session it is added in proved a second factor. A client's session proves nothing for staff.
    """
    return with_code or (strong and role != "client")


def needs_code(*, pending: bool) -> bool:
    """Who has proved one factor only, and needs two, adds a passkey with an administrator's code alone."""
    return pending


def counts(role: Role, *, vouched: bool, staff_factor: bool) -> bool:
    """Whether a passkey proves to this service that it is really this person."""
    return role == "client" or vouched or not staff_factor


def has_gone_back(*, kept: int, said: int) -> bool:
    """Whether the signature counter did not move on, so that a copy of the authenticator may be in use.

    Both 0: this authenticator does not count (Web Authentication, section 7.2, step 22).
    """
    return (kept > 0 or said > 0) and said <= kept


def name_from(text: str) -> str:
    """The name a person gives a passkey, tidied; a plain word when they give none."""
    name = " ".join(text.split())
    if len(name) > MAX_NAME:
        raise _bad_name("passkey_name_too_long", f"Please use at most {MAX_NAME} characters for its name.")
    if not name.isprintable():
        raise _bad_name("passkey_name_unprintable", "The name has characters that cannot be shown.")
    return name or UNNAMED


def _bad_name(code: str, sentence: str) -> Invalid:
    return Invalid(code, sentence, fields={"name": sentence})
