"""docs/settings.md is what the declarations of the settings make of it, and nothing is read that is not declared."""

import re

from telehealth.deployment import compose, table
from telehealth.providers import FIELDS
from tests.deploy.composed import FILES, VARIABLE
from tests.rules.tree import ROOT, named, tracked

PAGE = (ROOT / "docs" / "settings.md").read_text()
CODE = {named(file): file.read_text() for file in tracked(".py") if named(file).startswith("telehealth/")}
DECLARED = re.compile(r"^(\w+) = Setting\(\s*\"(\w+)\"", re.MULTILINE)
ENVIRONMENT = re.compile(r"os\.environ(?:\.get\(|\[)|getenv|envvar")
PASS_ON = {  # what reads a variable itself
    "telehealth/deployment/certificates.py",  # in a container of its own, standard library only: TLS and RELAY_HOST
    "telehealth/demo/processes.py",  # hands on what a child needs of the system
}


def test_the_page_is_what_the_declarations_make_of_it() -> None:
    assert table.page(PAGE) == PAGE, "Run: telehealth settings --markdown --into docs/settings.md"
    assert re.findall(r"<!-- settings: (\S+) -->", PAGE) == table.groups()


def test_every_setting_that_is_declared_is_read_by_a_part() -> None:
    found = [pair for text in CODE.values() for pair in DECLARED.findall(text)]
    assert {setting.name for setting in table.readers()} == {name for _, name in found}
    assert all(variable == name for variable, name in found)


def test_no_variable_is_read_but_as_a_setting() -> None:
    assert {name for name, text in CODE.items() if ENVIRONMENT.search(text)} == PASS_ON


def test_every_variable_of_docker_compose_is_told_with_what_it_is_unless_set() -> None:
    asked: dict[str, set[str]] = {}
    for file in (*FILES, ROOT / "deploy" / "firewall"):
        for name, unless in VARIABLE.findall(file.read_text()):
            asked.setdefault(name, set()).add(unless)
    told = {setting.name: setting.unless for setting in compose.VARIABLES}
    assert {name for name in told if not name.startswith("COMPOSE_")} == set(asked)
    for name, values in asked.items():
        real = {value for value in values if ".invalid" not in value and value}
        assert real == ({told[name]} if told[name] else set()), name


def test_every_field_of_a_provider_is_told() -> None:
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", PAGE, re.MULTILINE)
    told = {name for cell in rows for name in re.findall(r"\w+", cell)}
    assert {name for name in told if not name.isupper()} == FIELDS
