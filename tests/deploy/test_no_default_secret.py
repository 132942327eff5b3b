"""There is no default secret: not in the code, not in what is built or started, and not in what `init` writes."""

import os
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telehealth.cli.main import app
from telehealth.deployment import compose, table
from telehealth.production import must_be_safe
from telehealth.providers import providers_from
from telehealth.settings import BadSetting, Settings
from tests.deploy.composed import FILES, environment_of, services, variables
from tests.rules.tree import ROOT, tracked
from tests.unit.test_production import SERVING

SECRETS = {setting.name for setting in table.readers() if setting.secret}
SECRET_WORDS = re.compile(r"SECRET|PASSWORD|_KEY|TOKEN")
EXAMPLE = re.compile(r'"client_secret": "([^"]*)"')
GIVEN = {"smtp_password"}  # by whoever runs `init`; every other one is made
ANSWERS = """--host clinic.example --name Linden --zone Europe/Berlin --administrator office@clinic.example
    --tls internal --relay-host relay.clinic.example --relay-address 198.51.100.7 --smtp-host mail.clinic.example
    --smtp-user telehealth"""


@pytest.fixture(scope="module")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two practices that answered alike, each as `telehealth init` wrote it."""
    return made(tmp_path_factory.mktemp("one")), made(tmp_path_factory.mktemp("two"))


def made(folder: Path) -> Path:
    (folder / "mail").write_text("given by the mail server")
    places = [
        "--smtp-password-file",
        str(folder / "mail"),
        "--folder",
        str(folder),
        "--user",
        str(os.getuid()),
    ]
    answer = CliRunner().invoke(app, ["init", *ANSWERS.split(), *places])
    assert answer.exit_code == 0, answer.output
    return folder


def words(folder: Path) -> dict[str, set[str]]:
    """By file, whatever in it is long enough to be a secret."""
    return {
        file.name: set(re.findall(r"[A-Za-z0-9+/=_-]{16,}", file.read_text()))
        for file in (folder / "secrets").iterdir()
    }


def test_the_code_has_no_secret_that_holds_unless_another_is_set() -> None:
    assert len(SECRETS) > 10
    assert {setting.name for setting in table.readers() if setting.secret and setting.unless} == set()
    named = {setting.name for setting in table.readers() if SECRET_WORDS.search(setting.name)}
    assert named - SECRETS == {"AUDIT_KEYS_FORMER"}  # public halves


@pytest.mark.parametrize("file", FILES, ids=str)
def test_what_is_started_has_secrets_in_files_alone(file: Path) -> None:
    for service in services(file).values():
        for name, value in service.get("environment", {}).items():
            assert name not in SECRETS
            if name.removesuffix("_FILE") in SECRETS or SECRET_WORDS.search(name):
                assert str(value).startswith("/run/secrets/")
    assert not [each.name for each in compose.VARIABLES if SECRET_WORDS.search(each.name)]


def test_what_is_built_has_none() -> None:
    told = re.findall(r"^(?:ENV|ARG) .*$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert told
    assert not [line for line in told if SECRET_WORDS.search(line) or SECRETS & set(re.findall(r"\w+", line))]


def test_two_practices_share_no_secret_and_none_serves_two_purposes(deployments: tuple[Path, Path]) -> None:
    one, two = map(words, deployments)
    shared = set[str]().union(*one.values()) & set[str]().union(*two.values())
    public = " ".join((folder / ".env").read_text() for folder in deployments)
    configured = (deployments[0] / "secrets" / "turnserver.conf").read_text()
    for name in set(one) - GIVEN:
        assert one[name] - shared, name  # something of its own is in each
        assert all(word in public + configured or is_a_word(word) for word in one[name] & shared), name
    contents = [(deployments[0] / "secrets" / name).read_text() for name in one]
    assert len(set(contents)) == len(contents)
    must_be_safe(Settings.from_environment(told_to_a_service(deployments[0])))


def is_a_word(text: str) -> bool:
    """What chance makes of 16 letters has a digit or a capital."""
    return not re.search(r"[A-Z0-9]", text)


def told_to_a_service(folder: Path) -> dict[str, str]:
    said = variables((folder / ".env").read_text()) | {"PROVIDER_CA_FILE": ""}
    return environment_of(services(FILES[0])["app-a"], said, folder / "secrets")


def test_no_secret_of_an_example_starts() -> None:
    files = [file for file in tracked(".md", ".json") if EXAMPLE.search(file.read_text())]
    assert len(files) == 5
    for file in files:
        for secret in EXAMPLE.findall(file.read_text()):
            example = re.sub('REPLACE[^"]*|4f1c9e0b7a52d836', secret, SERVING["PROVIDERS"])
            assert providers_from(example)[0].is_example, file
            with pytest.raises(BadSetting, match="the client_secret of an example"):
                must_be_safe(Settings.from_environment(SERVING | {"PROVIDERS": example}))


def test_init_does_not_take_the_secret_of_an_example(tmp_path: Path) -> None:
    example = ROOT / "deploy" / "examples" / "keycloak.json"
    answer = CliRunner().invoke(
        app, ["init", *ANSWERS.split()[:10], "--relay-host", "", "--smtp-host", "", "--providers", str(example),
              "--folder", str(tmp_path), "--user", str(os.getuid())]
    )  # fmt: skip
    assert answer.exit_code == 2
    assert "still has the secret of the example" in answer.output
    assert list(tmp_path.iterdir()) == []
