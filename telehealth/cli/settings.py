"""`telehealth settings`: what this process is told, and from where; and the tables of docs/settings.md."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from telehealth.cli.configured import WRONG_SETTING, Data, against_serving, environment_of
from telehealth.deployment import table
from telehealth.deployment.table import Line
from telehealth.identity.settings import IDENTITY_ISSUER, IdentitySettings
from telehealth.settings.reading import complaints

app = typer.Typer(add_completion=False)
NOT_SHOWN = "(secret, not shown)"


@app.command()
def settings(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer as one JSON object.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Explain every setting instead, in tables of Markdown.")
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="With --markdown: a document whose tables are made anew, docs/settings.md.",
        ),
    ] = None,
) -> None:
    """Show every setting, where its value comes from, and the value unless it is secret.

    Exit code 2 where the service could not serve people with them; where IDENTITY_ISSUER is set, the identity provider.
    """
    if into is not None:
        into.write_text(table.page(into.read_text(encoding="utf-8")), encoding="utf-8")
        return
    if markdown:
        typer.echo("\n\n".join(table.markdown(group) for group in table.groups()))
        return
    environment = environment_of(data)
    lines, wrong, odd = (
        list(table.lines(environment)),
        against(environment),
        list(table.misspelt(environment)),
    )
    if as_json:
        found = [line.plain() for line in lines]
        typer.echo(json.dumps({"settings": found, "wrong": list(wrong), "misspelt": odd}))
    else:
        typer.echo("\n".join(said(lines)))
        for sentence in (*odd, *wrong):
            typer.echo(sentence, err=True)
    raise typer.Exit(WRONG_SETTING if wrong else 0)


def against(environment: Mapping[str, str]) -> Sequence[str]:
    """What stands against starting with them, a sentence each."""
    if environment.get(IDENTITY_ISSUER.name):
        return list(complaints(IdentitySettings, environment))
    return against_serving(environment)


def said(lines: Sequence[Line]) -> Iterator[str]:
    """A line each, in columns; an empty one between groups."""
    rows = [_columns(line) for line in lines]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    group = lines[0].setting.group
    for line, row in zip(lines, rows, strict=True):
        if line.setting.group != group:
            yield ""
        group = line.setting.group
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _columns(line: Line) -> tuple[str, str, str]:
    setting = line.setting
    if setting.secret and line.is_said:
        return setting.name, line.source, NOT_SHOWN
    return setting.name, line.source, line.value or setting.otherwise.replace("`", "")
