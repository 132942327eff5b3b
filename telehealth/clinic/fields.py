"""Reading a form field by field: no mistake hides another, and each has a code and a sentence at its field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from unicodedata import normalize

from telehealth.errors import Invalid

LONGEST_NUMBER = 6  # digits; no limit of ours needs more
TICKED = "1"


@dataclass(frozen=True)
class Refused:
    """Why the value of one field is not taken: a stable code, and a sentence that says what to do."""

    code: str
    sentence: str


class Fields:
    """The fields of one form. A value that is refused is noted and read as a harmless one; `check` tells them all."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form
        self.refused: dict[str, Refused] = {}

    def line(self, name: str, most: int, *, missing: str = "") -> str:
        """One line of at most `most` characters, white space tidied; refused when empty where `missing` says why."""
        text = " ".join(normalize("NFC", self.form.get(name, "")).split())
        if not text and missing:
            self.refuse(name, f"{name}_missing", missing)
        return self._kept(name, text, most)

    def words(self, name: str, most: int) -> str:
        """Words with line breaks, at most `most` characters."""
        lines = normalize("NFC", self.form.get(name, "")).splitlines()
        return self._kept(name, "\n".join(line.rstrip() for line in lines).strip(), most)

    def lines(self, name: str, most: int, longest: int) -> tuple[str, ...]:
        """One entry a line, empty lines left out: at most `most` of them, each of at most `longest` characters."""
        tidied = (" ".join(line.split()) for line in normalize("NFC", self.form.get(name, "")).splitlines())
        found = tuple(dict.fromkeys(filter(None, tidied)))
        if len(found) > most:
            self.refuse(name, f"{name}_too_many", f"Please name at most {most}, one a line.")
        if any(len(each) > longest for each in found):
            self.refuse(name, f"{name}_too_long", f"Please use at most {longest} characters a line.")
        self._shown(name, "".join(found))
        return found

    def whole(self, name: str, limits: range, unit: str = "") -> int:
        """A whole number within the limits, its ends included; `unit` is said in the refusal."""
        text = self.form.get(name, "")
        is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
        if is_number and int(text) in limits:
            return int(text)
        span = f"{limits[0]} to {limits[-1]}"
        self.refuse(
            name, f"{name}_out_of_range", f"Please write a whole number from {span}{unit and ' '}{unit}."
        )
        return limits[0]

    def one_of(self, name: str, choices: Collection[str]) -> str:
        """One of the choices of the page."""
        value = self.form.get(name, "")
        if value in choices:
            return value
        self.refuse(name, f"{name}_unknown", "Please choose one of these.")
        return next(iter(choices))

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return self.form.get(name, "") == TICKED

    def refuse(self, name: str, code: str, sentence: str) -> None:
        """Note what is wrong with a field; the first word on it stands."""
        self.refused.setdefault(name, Refused(code, sentence))

    def check(self) -> None:
        """Invalid with the first code, and every sentence at its field, where anything was refused."""
        if self.refused:
            first = next(iter(self.refused.values()))
            fields = {name: each.sentence for name, each in self.refused.items()}
            raise Invalid(first.code, first.sentence, fields=fields)

    def _kept(self, name: str, text: str, most: int) -> str:
        if len(text) > most:
            sentence = f"Please use at most {most:,} characters; there are {len(text):,} now."
            self.refuse(name, f"{name}_too_long", sentence)
        self._shown(name, text.replace("\n", ""))
        return text

    def _shown(self, name: str, text: str) -> None:
        if not text.isprintable():
            sentence = "There are characters here that cannot be shown. Please type it again."
            self.refuse(name, f"{name}_unprintable", sentence)
