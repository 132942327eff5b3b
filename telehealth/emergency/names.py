"""Whom a name may mean, when it was typed in a hurry. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

SHOWN_AT_MOST = 8
SHORTEST_PART = 3  # "Jo" begins too many names
SHORTEST_MISTYPED = 5  # one slip in a shorter word makes another name of it


def nearest(typed: str, names: Mapping[bytes, str]) -> list[bytes]:
    """The ids of those whose names share the most words with what was typed, in order of name; none when none does."""
    wanted = _words(typed)
    shared = {id_: _shared(wanted, _words(name)) for id_, name in names.items()}
    most = max(shared.values(), default=0)
    if most == 0:
        return []
    best = [id_ for id_, count in shared.items() if count == most]
    return sorted(best, key=lambda id_: (names[id_].casefold(), id_))[:SHOWN_AT_MOST]


def _words(name: str) -> list[str]:
    """Lower-case words without accents: "Zoë Müller-Lindqvist" → zoe, muller, lindqvist."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return re.findall(r"\w+", plain)


def _shared(wanted: Sequence[str], words: Sequence[str]) -> int:
    left = list(words)
    count = 0
    for word in wanted:
        same = next((each for each in left if _alike(word, each)), None)
        if same is not None:
            left.remove(same)
            count += 1
    return count


def _alike(one: str, other: str) -> bool:
    """The same word, the beginning of it, or the same with one slip."""
    short, long = sorted((one, other), key=len)
    if one == other or (len(short) >= SHORTEST_PART and long.startswith(short)):
        return True
    return len(short) >= SHORTEST_MISTYPED and _one_slip(short, long)


def _one_slip(short: str, long: str) -> bool:
    """One letter missing or wrong, or two neighbours exchanged."""
    if len(long) - len(short) > 1:
        return False
    start = next((at for at, letter in enumerate(short) if letter != long[at]), len(short))
    if len(short) < len(long):
        return short[start:] == long[start + 1 :]
    exchanged = short[start : start + 2][::-1] == long[start : start + 2]
    return short[start + 1 :] == long[start + 1 :] or (exchanged and short[start + 2 :] == long[start + 2 :])
