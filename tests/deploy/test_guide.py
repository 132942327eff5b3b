"""Each command of the documents is one that the compose file and the program know."""

import re
from typing import Any

import typer

from telehealth.cli.main import app
from tests.deploy.composed import FILES, read, services
from tests.rules.tree import ROOT, named, tracked

COMMAND = re.compile(r"docker compose (run|exec) ([^`|#<>\n]+)")
VOLUME = re.compile(r"\btelehealth_(\w+):/")
TAKE_A_VALUE = {"-v", "-e", "--user", "--entrypoint"}
SERVICES = services(FILES[0])
PAGES = tracked(".md", "deploy/upgrade")
FOUND = sorted({(how, said.strip()) for page in PAGES for how, said in COMMAND.findall(page.read_text())})


def taken_apart(how: str, said: str) -> tuple[str, list[str]]:
    """The service, and what the program in it is told; nothing where it is not ours."""
    words = re.split(r" (?:&&|\|\||2$)", said.removesuffix(")"))[0].split()
    entrypoint: str | None = None
    while words[0].startswith("-"):
        option = words.pop(0)
        value = words.pop(0) if option in TAKE_A_VALUE else ""
        entrypoint = value if option == "--entrypoint" else entrypoint
    service, *told = words
    if how == "run" and entrypoint is None:
        told = [
            *SERVICES[service].get("entrypoint", ["telehealth"]),
            *(told or SERVICES[service].get("command", [])),
        ]
    return service, told[1:] if told[:1] == ["telehealth"] and entrypoint is None else []


def must_be_known(told: list[str]) -> None:
    """Every name of a command, and each of its options."""
    command: Any = typer.main.get_command(app)
    words = told
    while words and hasattr(command, "get_command") and not words[0].startswith("-"):
        following = command.get_command(None, words[0])
        assert following is not None, told
        command, words = following, words[1:]
    known = {option for each in command.params for option in each.opts} | {"--help"}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, told


def test_every_command_of_the_documents_is_known() -> None:
    assert len(FOUND) > 30
    for how, said in FOUND:
        service, told = taken_apart(how, said)
        assert service in SERVICES, said
        must_be_known(told)


def test_a_volume_of_the_documents_is_there() -> None:
    volumes = set(read(FILES[0])["volumes"])
    for page in tracked(".md"):
        assert set(VOLUME.findall(page.read_text())) <= volumes, named(page)
    assert read(ROOT / "docker-compose.yml")["name"] == "telehealth"
