"""The settings of a command: from the environment, or from a demo's data folder."""

import os
from pathlib import Path
from typing import Annotated

import typer

from telehealth.demo.folder import read_folder
from telehealth.production import must_be_safe
from telehealth.settings import BadSetting, Settings

WRONG_SETTING = 2

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="A demo's data folder, instead of settings from the environment.", show_default=False
    ),
]


def settings_of(data: Path | None) -> Settings:
    """Read and check the settings, or say which one is wrong and stop with exit code 2."""
    try:
        if data is None:
            return Settings.from_environment(os.environ)
        return Settings.from_environment(read_folder(data).environment("http://localhost:8000"))
    except FileNotFoundError as error:
        typer.echo(f"{data} is not the data folder of a demo.", err=True)
        raise typer.Exit(WRONG_SETTING) from error
    except BadSetting as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_SETTING) from error


def settings_to_serve() -> Settings:
    """The settings from the environment, for what serves people: unsafe combinations stop it, too."""
    settings = settings_of(None)
    try:
        return must_be_safe(settings)
    except BadSetting as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_SETTING) from error
