"""Pure decisions about private notes: what is accepted, and what a page may write over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from telehealth.errors import Invalid

MAX_WORDS = (
    10_000  # some five pages; with the rest of the form it stays below what a page may send while it closes
)
MAX_COUNT = 1_000_000_000
ID_DIGITS = 32
Meeting = Literal["same", "older", "newer", "apart"]

TOO_LONG = "Please shorten this to {most:,} characters; it has {now:,} now. What was saved last is kept."
MALFORMED = "The notes did not arrive whole. Copy what you typed, load the page again and put it back."


@dataclass(frozen=True)
class Kept:
    """What is kept: the words, the number of their last change, and which page made it as its which turn."""

    words: str = ""
    number: int = 0
    writer: bytes = b""
    turn: int = 0


@dataclass(frozen=True)
class Typed:
    """What a page sends: its words, the number of the last change it knows of, its own id, and its turn."""

    words: str
    number: int
    writer: bytes
    turn: int


def typed_from(form: Mapping[str, str]) -> Typed:
    """From the fields of a form; Invalid "note_too_long", or "malformed_note" for what no page of ours sends."""
    words = form.get("words", "").replace("\r\n", "\n").strip()
    if len(words) > MAX_WORDS:
        sentence = TOO_LONG.format(most=MAX_WORDS, now=len(words))
        raise Invalid("note_too_long", sentence, fields={"words": sentence})
    writer = form.get("writer", "")
    if len(writer) != ID_DIGITS or any(digit not in "0123456789abcdef" for digit in writer):
        raise Invalid("malformed_note", MALFORMED)
    return Typed(words, _count(form, "number"), bytes.fromhex(writer), _count(form, "turn"))


def _count(form: Mapping[str, str], name: str) -> int:
    digits = form.get(name, "")
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(MAX_COUNT)):
        raise Invalid("malformed_note", MALFORMED)
    return int(digits)


def meet(kept: Kept, typed: Typed) -> Meeting:
    """How what is sent stands to what is kept.

    same: there is nothing to write. older: an earlier turn of the page that wrote last, which comes late. newer: it may
    be written. apart: another page has written since this one last knew, and neither may be lost.
    """
    if typed.words == kept.words:
        return "same"
    if typed.writer == kept.writer:
        return "newer" if typed.turn > kept.turn else "older"
    return "newer" if typed.number == kept.number else "apart"
