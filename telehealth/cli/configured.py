"""The settings of a command: from the environment, or from a demo's data folder."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from telehealth.backups.plan import Plan
from telehealth.demo.folder import read_folder
from telehealth.deployment import table
from telehealth.production import must_be_safe
from telehealth.settings import BadSetting, Settings
from telehealth.settings.reading import complaints, read
from telehealth.watching.plan import Watching

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

P = TypeVar("P", bound="DataclassInstance")

WRONG_SETTING = 2

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="A demo's data folder, instead of settings from the environment.", show_default=False
    ),
]


def settings_of(data: Path | None) -> Settings:
    """Read and check the settings, or say which one is wrong and stop with exit code 2."""
    return part_of(Settings, environment_of(data))


def environment_of(data: Path | None) -> Mapping[str, str]:
    """Where settings are said: the process's own variables, or what a demo says of itself."""
    try:
        return os.environ if data is None else read_folder(data).environment("http://localhost:8000")
    except FileNotFoundError as error:
        stop(f"{data} is not the data folder of a demo.", because=error)


def part_of(part: type[P], environment: Mapping[str, str] = os.environ) -> P:
    """The settings of one part, or what is wrong with them and exit code 2."""
    try:
        return read(part, environment)
    except BadSetting as error:
        stop(str(error), because=error)


def settings_to_serve() -> Settings:
    """The settings from the environment, for what serves people: unsafe combinations stop it, too.

    What is wrong with any of the parts that it reads is told at once; what looks misspelt is told and stops nothing.
    """
    for line in table.misspelt(os.environ):
        typer.echo(line, err=True)
    wrong = against_serving(os.environ)
    if wrong:
        stop("\n".join(wrong))
    return settings_of(None)


def against_serving(environment: Mapping[str, str]) -> Sequence[str]:
    """What stands against serving people with these, a sentence each."""
    wrong = [each for part in (Settings, Plan, Watching) for each in complaints(part, environment)]
    try:
        must_be_safe(read(Settings, environment))
    except BadSetting as error:
        return wrong or error.sentences
    return wrong


def stop(sentence: str, because: Exception | None = None) -> NoReturn:
    """Say it on standard error, and end with exit code 2."""
    typer.echo(sentence, err=True)
    raise typer.Exit(WRONG_SETTING) from because
