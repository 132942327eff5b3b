"""Names in an environment that look like a setting and are none: told at the start, and nothing is stopped by them."""

from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches

ALIKE = (
    0.85  # SMTP_PASWORD is; IDENTITY_PORT, which some schedulers set by themselves, is not like IDENTITY_HOST
)
PREFIX = "TELEHEALTH_"
NO_SUCH = "{name} is set, and nothing reads it. {known} is a setting: docs/settings.md"
TWICE = "{name} and {name}_FILE are both set. {name} counts, and the file is not read."


def oddities(environment: Mapping[str, str], names: Collection[str]) -> Iterator[str]:
    """A sentence for each; `names`: every setting there is."""
    known = {*names, *(f"{name}_FILE" for name in names)}
    for name in sorted(set(environment) - known):
        meant = _meant(name.upper().removeprefix(PREFIX), known)
        if meant:
            yield NO_SUCH.format(name=name, known=meant)
    for name in sorted(names):
        if environment.get(name) and environment.get(f"{name}_FILE"):
            yield TWICE.format(name=name)


def _meant(name: str, known: Collection[str]) -> str:
    return name if name in known else "".join(get_close_matches(name, known, 1, ALIKE))
