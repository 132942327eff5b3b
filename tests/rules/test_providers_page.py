"""docs/providers.md names every field of a provider, and each of its examples starts."""

import json
import re
from typing import Any

import pytest

from telehealth.providers import FIELDS, Provider, providers_from, staff_from
from tests.rules.tree import ROOT

PAGE = (ROOT / "docs" / "providers.md").read_text()
SECTIONS = {part.split("\n", 1)[0]: part for part in PAGE.split("\n## ")[1:]}
EXAMPLE = re.compile(r"```json\n(.*?)```", re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| (yes)? ?\|", re.MULTILINE)
EXAMPLES = ("Canaille", "Keycloak", "Entra ID", "Google Workspace")


def example(section: str) -> Any:
    (found,) = EXAMPLE.findall(SECTIONS[section])
    return json.loads(found)


def provider(section: str) -> Provider:
    (made,) = providers_from(json.dumps(example(section)))
    return made


def test_every_field_of_a_provider_is_told_and_which_are_needed() -> None:
    told = dict(ROW.findall(SECTIONS["A provider, field by field"]))
    assert told.keys() == FIELDS
    needed = {name for name, yes in told.items() if yes}
    assert needed == {"id", "name", "issuer", "client_id", "client_secret"}


@pytest.mark.parametrize("section", EXAMPLES)
def test_each_example_is_read(section: str) -> None:
    assert provider(section).issuer.startswith("https://")


def test_every_field_stands_in_an_example_or_is_explained_beside_one() -> None:
    shown = {name for section in EXAMPLES for name in example(section)[0]}
    assert FIELDS - shown == {"origins"}


def test_what_is_said_of_each_is_in_its_example() -> None:
    assert provider("Entra ID").scope == provider("Google Workspace").scope == "openid email"
    assert provider("Google Workspace").lacks_auth_time
    assert provider("Entra ID").strong_amr == frozenset()
    assert "groups" in provider("Keycloak").scope


def test_the_list_of_staff_is_read() -> None:
    listed = json.dumps(example("Who works here"))
    assert list(staff_from(listed, [provider("Canaille")]).values()) == ["therapist"]


def test_the_addresses_to_register_are_those_of_the_service() -> None:
    routes = (ROOT / "telehealth" / "routes.py").read_text()
    for path in ("/auth/callback/{provider}", "/auth/back-channel/{provider}", "/signed-out"):
        assert f'"{path}"' in routes
        assert path.replace("{provider}", "practice") in SECTIONS["What to register there"]
