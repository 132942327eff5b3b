"""`telehealth settings`: each setting, where it comes from, and its value; of a secret nothing at all."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from telehealth.cli.main import app
from telehealth.deployment import table
from tests.deploy.composed import environment_of, services, variables
from tests.rules.tree import ROOT
from tests.unit.deployment.answered import ANSWERS, MADE, rendered

SERVICES = services(ROOT / "docker-compose.yml")


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """What `telehealth init` writes; its mail server's password is a short one."""
    for path, content in rendered(ANSWERS).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    return tmp_path / "secrets"


def shown(service: str, secrets: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
    """Exit code, and what is said in the container of this service, and beside it."""
    environment = environment_of(SERVICES[service], variables((secrets.parent / ".env").read_text()), secrets)
    everything = dict.fromkeys({setting.name for setting in table.readers()}) | environment | more
    answer = CliRunner().invoke(app, ["settings", *arguments], env=everything)
    return answer.exit_code, answer.stdout, answer.stderr


def test_each_setting_is_shown_with_its_source(secrets: Path) -> None:
    code, said, beside = shown("app-a", secrets)
    assert (code, beside) == (0, "")
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in said.splitlines() if line}
    assert set(lines) == {setting.name for setting in table.readers()}
    assert re.split(r"\s{2,}", lines["CLINIC_NAME"]) == ["environment", "Linden's Practice"]
    assert re.split(r"\s{2,}", lines["TURN_SECRET"]) == [str(secrets / "turn_secret"), "(secret, not shown)"]
    assert re.split(r"\s{2,}", lines["BACKUP_DAYS"]) == ["default", "90"]
    assert lines["BACKUP_RECIPIENTS"] == "unset"


@pytest.mark.parametrize("arguments", [(), ("--json",)])
@pytest.mark.parametrize("service", ["app-a", "migrate", "identity"])
def test_of_a_secret_nothing_is_shown(service: str, arguments: tuple[str, ...], secrets: Path) -> None:
    code, said, beside = shown(
        service, secrets, *arguments, PROBE_SECRET="weak one", TURN_SECRET_FILE="typed here"
    )
    random = [
        (secrets / name).read_text() for name in ("index_root", "turn_secret", "identity_secret", "owner_url")
    ]
    for word in (*random, *random[-1].split(":"), MADE.client_secret, MADE.first["password"], MADE.key["d"]):
        assert len(word) < 20 or word not in said + beside
    assert "pass word's $HOME" not in said + beside
    assert "weak one" not in said + beside
    assert "typed here" not in said + beside
    assert code == (0 if service == "identity" else 2)


def test_whatever_stands_against_a_start_is_said_and_ends_with_2(secrets: Path) -> None:
    wrong = {"ICE_POLICY": "some", "METRICS_LISTEN": "9464", "SMTP_HOTS": "mail.example"}
    code, _, beside = shown("worker", secrets, **wrong)
    assert (code, len(beside.splitlines())) == (2, 3)
    code, said, _ = shown("worker", secrets, "--json", DEMO="1")
    found = json.loads(said)
    assert (code, [each.partition(" ")[0] for each in found["wrong"]]) == (2, ["DEMO=1", "SMTP_HOST"])
    assert {"name": "DEMO", "source": "environment", "secret": False, "value": "1"} in found["settings"]


def test_the_tables_are_printed_and_written_where_they_are_told(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["settings", "--markdown"]).stdout
    page = (ROOT / "docs" / "settings.md").read_text()
    assert all(row in page for row in printed.splitlines())
    (tmp_path / "page.md").write_text(page.replace("never change it", "change it"))
    assert (
        CliRunner().invoke(app, ["settings", "--markdown", "--into", str(tmp_path / "page.md")]).exit_code
        == 0
    )
    assert (tmp_path / "page.md").read_text() == page
