"""docker-compose.yml as its own tests read it, and what its variables become with a rendered `.env`."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

import yaml
from dotenv import dotenv_values

from tests.rules.tree import ROOT

FILES = (ROOT / "docker-compose.yml", ROOT / "deploy" / "relay" / "docker-compose.yml")
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")
WHERE_SET = re.compile(r"\$\{(\w+):\+([^}]*)\}")
ONCE = {"backup", "init", "keys", "migrate"}


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # it has no types
    """Knows the tag by which one compose file takes back what another says."""


_Loader.add_constructor("!reset", lambda *_: None)


def read(file: Path) -> dict[str, Any]:
    """A compose file, with its anchors resolved and its variables as they stand."""
    found: dict[str, Any] = yaml.load(file.read_text(), _Loader)
    return found


def services(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = read(file)["services"]
    return found


def variables(text: str) -> dict[str, str]:
    """What a `.env` says."""
    return {
        name: value or "" for name, value in dotenv_values(stream=StringIO(text), interpolate=False).items()
    }


def environment_of(service: dict[str, Any], settings: dict[str, str], secrets: Path) -> dict[str, str]:
    """What a container of this service is told, its secrets in a folder of this computer."""

    def told(value: str) -> str:
        said = WHERE_SET.sub(lambda found: found[2] if settings.get(found[1]) else "", value)
        said = VARIABLE.sub(lambda found: settings.get(found[1]) or found[2] or "", said)
        return said.replace("/run/secrets", str(secrets))

    own = {name: told(str(value)) for name, value in service["environment"].items()}
    return (settings if service.get("env_file") else {}) | own
