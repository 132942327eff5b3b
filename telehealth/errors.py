"""Refusals: each family has a place in the answer, each one a stable code and a sentence that says what to do next.

`telehealth.web.errors` alone turns a family into a status and a page.
"""

from collections.abc import Mapping


class Refusal(Exception):
    """Something was asked that is not done.

    `code` is stable and machine-readable; `sentence` is for the person who asked; `fields` maps the name of a
    form field to its own sentence; `about` is (entity type, 16-byte id) of the record concerned, so that the
    refusal goes on record.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        fields: Mapping[str, str] | None = None,
        about: tuple[str, bytes] | None = None,
    ) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence
        self.fields = dict(fields or {})
        self.about = about


class Invalid(Refusal):
    """What was sent cannot be understood or is outside a limit."""


class SignInNeeded(Refusal):
    """Nobody is signed in, and this needs somebody."""


class StepUpNeeded(Refusal):
    """Somebody is signed in, and this needs them to prove once more who they are."""


class NotFound(Refusal):
    """It is not there, or it is not yours: the same answer for both."""


class Forbidden(Refusal):
    """The asking page or role is not allowed to do this at all."""


class Conflict(Refusal):
    """It was possible a moment ago; the world has moved on."""


class TooLarge(Refusal):
    """More bytes than the stated limit."""


class TooMany(Refusal):
    """Too often in too short a time."""


class Unavailable(Refusal):
    """A part we need does not answer; nothing was done."""
