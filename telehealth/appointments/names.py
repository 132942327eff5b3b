"""Whose name holds what was typed: whatever the case and the accents, on any part of a word. Pure."""

import unicodedata

from telehealth.errors import Invalid

SHORTEST = 2
LONGEST = 80
TOO_SHORT = f"Please type at least {SHORTEST} letters of the name."
TOO_LONG = f"Please type {LONGEST} characters at most. A part of the name is enough."
# Letters that Unicode does not take apart into a plain one and its mark.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def folded(text: str) -> str:
    """Lower-case letters without accents and what is not seen: "Zoë Łukasz" → "zoe lukasz"."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (
        each for each in plain if not unicodedata.combining(each) and unicodedata.category(each) != "Cf"
    )
    return "".join(letters).translate(PLAIN)


def parts_from(typed: str) -> list[str]:
    """The parts of a name to look for; Invalid "search_too_short", "search_too_long"."""
    if len(typed) > LONGEST:
        raise Invalid("search_too_long", TOO_LONG, fields={"name": TOO_LONG})
    parts = folded(typed).split()
    if sum(each.isalnum() for part in parts for each in part) < SHORTEST:
        raise Invalid("search_too_short", TOO_SHORT, fields={"name": TOO_SHORT})
    return parts


def has_all(name: str, parts: list[str]) -> bool:
    """Whether every part stands somewhere in the name."""
    plain = folded(name)
    return all(part in plain for part in parts)
