"""Settings are read as they are declared, and whatever is wrong with them is told at once.

A part of the service is a frozen dataclass whose fields say of what setting each is made: `told` or `made`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
P = TypeVar("P", bound="DataclassInstance")
OF, BY = "of", "by"  # in a field's metadata


class BadSetting(Exception):
    """Settings are missing or weak: a sentence for each, which names it and the remedy."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences

    def __str__(self) -> str:
        return "\n".join(self.sentences)


@dataclass(frozen=True)
class Found:
    """What is said of a setting, and where: "environment", or the file; "" where nothing is."""

    text: str = ""
    place: str = ""


@dataclass(frozen=True)
class Setting(Generic[T_co]):
    """One thing that is told from outside: by the variable NAME, or in the file that the variable NAME_FILE names.

    `kind` makes the value of the text; ValueError has how the sentence goes on after the name. `says`: what it is, for
    docs/settings.md. `unless`: the text that holds where nothing is said; None: it has to be said. `otherwise`: what
    holds then, in words, where the text does not say it.
    """

    name: str
    group: str
    kind: Callable[[str], T_co]
    says: str
    unless: str | None = None
    otherwise: str = ""
    secret: bool = False

    def find(self, environment: Mapping[str, str]) -> Found:
        """Where it is said, and what. An empty value is as none. Raises BadSetting for a file that cannot be read."""
        if environment.get(self.name):
            return Found(environment[self.name], "environment")
        path = environment.get(f"{self.name}_FILE")
        if not path:
            return Found()
        try:  # the sentence does not say the path: somebody may have put the secret itself there
            return Found(Path(path).read_text(encoding="utf-8").strip(), path)
        except OSError as error:
            raise BadSetting(f"{self.name}_FILE cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise BadSetting(f"{self.name}_FILE cannot be read: it is no text in UTF-8.") from error

    def read(self, environment: Mapping[str, str]) -> T_co:
        """Its value. Raises BadSetting."""
        text = self.find(environment).text or self.unless
        if text is None:
            raise self.missing()
        return self.value(text)

    def missing(self) -> BadSetting:
        """For where it has to be said and is not."""
        other = "" if self.name.endswith("_FILE") else f", or {self.name}_FILE to the file that holds it"
        return BadSetting(f"{self.name} is missing. Set {self.name}{other}.")

    def value(self, text: str) -> T_co:
        """The value that this text is. Raises BadSetting."""
        try:
            return self.kind(text)
        except ValueError as error:
            raise BadSetting(f"{self.name} {error}") from error


class Unread(Exception):
    """This setting is wrong, which has been told; what is made of it waits until it is right."""


class Values:
    """The settings of one part, as an environment has them; `wrong`: a sentence for each that has no value."""

    def __init__(self, declared: tuple[Setting[Any], ...], environment: Mapping[str, str]) -> None:
        self.wrong: list[str] = []
        self._values: dict[str, Any] = {}
        for setting in declared:
            try:
                self._values[setting.name] = setting.read(environment)
            except BadSetting as error:
                self._values[setting.name] = Unread
                self.wrong += error.sentences

    def __getitem__(self, setting: Setting[T]) -> T:
        """Its value. Raises Unread, and KeyError for a setting that this part does not declare."""
        value = self._values[setting.name]
        if value is Unread:
            raise Unread
        return cast(T, value)


def told(setting: Setting[T]) -> T:
    """A field that is one setting."""
    default = MISSING if setting.unless is None else setting.value(setting.unless)
    metadata = {OF: (setting,), BY: lambda values: values[setting]}
    return cast(T, field(default=default, repr=not setting.secret, metadata=metadata))


def needed(setting: Setting[T | None]) -> T:
    """A field that is a setting which this part cannot do without, though others can."""

    def by(values: Values) -> T:
        value = values[setting]
        if not value:
            raise setting.missing()
        return value

    return made(by, setting)


def made(by: Callable[[Values], T], *of: Setting[Any], unless: Callable[[], T] | None = None) -> T:
    """A field that `by` makes of several settings, or BadSetting where they do not fit together. `unless`: what a test
    has that says nothing of it."""
    metadata = {OF: of, BY: by}
    hidden = any(setting.secret for setting in of)
    return cast(T, field(default_factory=unless or MISSING, repr=not hidden, metadata=metadata))


def settings_of(part: type[P]) -> tuple[Setting[Any], ...]:
    """Every setting that this part reads."""
    return tuple(dict.fromkeys(setting for each in fields(part) for setting in each.metadata[OF]))


def read(part: type[P], environment: Mapping[str, str]) -> P:
    """The part with its settings. Raises BadSetting with a sentence for each that is wrong."""
    values = Values(settings_of(part), environment)
    wrong, found = list(values.wrong), {}
    for each in fields(part):
        try:
            found[each.name] = each.metadata[BY](values)
        except BadSetting as error:
            wrong += error.sentences
        except Unread:
            continue
    if wrong:
        raise BadSetting(*wrong)
    return part(**found)


def complaints(part: type[P], environment: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the settings of this part, a sentence each."""
    try:
        read(part, environment)
    except BadSetting as error:
        yield from error.sentences
