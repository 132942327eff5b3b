"""Every setting of every part, as `telehealth settings` shows them and docs/settings.md has them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from telehealth.backups.plan import Plan
from telehealth.db.plan import Serving
from telehealth.deployment import compose
from telehealth.identity.settings import IdentitySettings
from telehealth.settings import BadSetting, Settings
from telehealth.settings.reading import Found, Setting, settings_of
from telehealth.settings.spelling import oddities
from telehealth.watching.plan import Watching

PARTS = (  # who reads it, in the word that the page has for it
    ("service", Settings),
    ("service", Watching),
    ("migrate", Serving),
    ("backup", Plan),
    ("identity", IdentitySettings),
)
HEAD = "| setting | unless set | what it is | read by |\n|---|---|---|---|"
TABLE = re.compile(r"(?<=<!-- settings: )([a-z-]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """A setting as one environment has it. `source`: "environment", the file, "default", or "unset" where nothing
    holds; `value`: None for a secret, and where there is none."""

    setting: Setting[Any]
    source: str
    value: str | None

    @property
    def is_said(self) -> bool:
        """Whether somebody set it."""
        return self.source not in ("default", "unset")

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        secret = self.setting.secret
        return {"name": self.setting.name, "source": self.source, "secret": secret, "value": self.value}


def readers() -> dict[Setting[Any], list[str]]:
    """Who reads each setting, in the order of the parts."""
    found: dict[Setting[Any], list[str]] = {}
    for reader, part in PARTS:
        for setting in settings_of(part):
            found.setdefault(setting, [])
            if reader not in found[setting]:
                found[setting].append(reader)
    return found


def misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """What in an environment looks like a setting and is none, a sentence each."""
    return oddities(environment, {setting.name for setting in (*readers(), *compose.VARIABLES)})


def lines(environment: Mapping[str, str]) -> Iterator[Line]:
    """Every setting that a part of ours reads."""
    for setting in readers():
        try:
            found = setting.find(environment)
        except BadSetting:  # told with everything else that is wrong
            found = Found(place=f"{setting.name}_FILE, which cannot be read")
        source = found.place or ("default" if setting.unless or setting.otherwise else "unset")
        value = found.text or setting.unless
        yield Line(setting, source, None if setting.secret else value)


def page(document: str) -> str:
    """The document with its tables made anew, each between `<!-- settings: GROUP -->` and `<!-- end -->`."""
    return TABLE.sub(lambda found: f"{found[1]}{found[2]}{markdown(found[1])}\n", document)


def markdown(group: str) -> str:
    """The table of one group."""
    told = readers() | {setting: ["Compose"] for setting in compose.VARIABLES}
    rows = [_row(setting, read_by) for setting, read_by in told.items() if setting.group == group]
    return "\n".join([HEAD, *rows])


def _row(setting: Setting[Any], read_by: list[str]) -> str:
    name = f"`{setting.name}`" + (", secret" if setting.secret else "")
    says = f"{setting.says}{getattr(setting.kind, 'limits', '')}"
    return f"| {name} | {_unless(setting)} | {says} | {', '.join(read_by)} |"


def _unless(setting: Setting[Any]) -> str:
    if setting.unless is None:
        return "**needed**"
    return setting.otherwise or (f"`{setting.unless}`" if setting.unless else "none")


def groups() -> list[str]:
    """Their names, in order."""
    return list(dict.fromkeys(setting.group for setting in (*readers(), *compose.VARIABLES)))
