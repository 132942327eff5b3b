"""Every setting is read as it is declared; all that is wrong is told at once, and no sentence repeats a secret."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from telehealth.settings import BadSetting, Settings
from telehealth.settings.kinds import Number, secret, text
from telehealth.settings.reading import Setting, Values, made, read, settings_of, told
from tests.unit.settings.test_service import GOOD, KEY

NAME = Setting("NAME", "group", text, "a name")
COUNT = Setting("COUNT", "group", Number(1, 9, 3), "how many", unless="3")
WORD = Setting("WORD", "group", secret, "a word", unless="", secret=True)


def both(values: Values) -> str:
    if values[COUNT] == 9:
        raise BadSetting("COUNT and NAME do not fit together.")
    return f"{values[NAME]} {values[COUNT]}"


@dataclass(frozen=True, kw_only=True)
class Part:
    name: str = told(NAME)
    count: int = told(COUNT)
    word: str = told(WORD)
    both: str = made(both, NAME, COUNT)


def sentences(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(BadSetting) as refused:
        read(Part, environment)
    assert str(refused.value) == "\n".join(refused.value.sentences)
    return refused.value.sentences


def test_what_is_not_said_is_as_declared_and_an_empty_value_is_as_none() -> None:
    assert settings_of(Part) == (NAME, COUNT, WORD)
    assert read(Part, {"NAME": "Linden"}) == read(Part, {"NAME": "Linden", "COUNT": "", "COUNT_FILE": ""})
    assert read(Part, {"NAME": "Linden"}).both == "Linden 3"
    assert "secret" not in repr(read(Part, {"NAME": "Linden", "WORD": "a secret of ten different letters"}))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    missing = "NAME is missing. Set NAME, or NAME_FILE to the file that holds it."
    few = "COUNT must be a number from 1 to 9, such as 3."
    assert sentences({"COUNT": "many"}) == (missing, few)
    assert sentences({"NAME": "Linden", "COUNT": "9", "WORD": "short"}) == (
        "WORD must have at least 32 random characters. openssl rand -base64 32",
        "COUNT and NAME do not fit together.",
    )


def test_a_file_holds_it_where_the_variable_does_not(tmp_path: Path) -> None:
    (tmp_path / "name").write_text(" Linden \n")
    told_there = {"NAME_FILE": str(tmp_path / "name")}
    assert read(Part, told_there).name == "Linden"
    assert read(Part, told_there | {"NAME": "Birch"}).name == "Birch"
    (tmp_path / "name").write_bytes(b"\xff")
    assert sentences(told_there) == ("NAME_FILE cannot be read: it is no text in UTF-8.",)


def test_a_secret_where_its_file_should_be_named_is_not_repeated() -> None:
    (sentence,) = sentences({"NAME": "Linden", "WORD_FILE": "the secret itself"})
    assert sentence == "WORD_FILE cannot be read: No such file or directory."


def test_a_part_reads_nothing_that_it_does_not_declare() -> None:
    with pytest.raises(KeyError):
        Values((NAME,), {"NAME": "Linden", "COUNT": "3"})[COUNT]


def test_the_service_tells_all_of_it_too_and_what_hangs_on_something_wrong_waits() -> None:
    wrong = {
        "PROVIDERS": "{",
        "STAFF": "also wrong",
        "AUDIT_KEY": KEY,
        "ICE_POLICY": "some",
        "TURN_URLS": "turn:x",
    }
    with pytest.raises(BadSetting) as refused:
        Settings.from_environment(GOOD | wrong)
    named = [sentence.partition(" ")[0] for sentence in refused.value.sentences]
    assert sorted(named) == ["AUDIT_KEY", "ICE_POLICY", "PROVIDERS", "TURN_SECRET"]
