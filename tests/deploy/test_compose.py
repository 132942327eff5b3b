"""The compose files: every container is held back in the same ways, and all that they are told is what is read."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from telehealth.backups.plan import Plan
from telehealth.deployment.relay import HIGHEST_PORT, LOWEST_PORT
from telehealth.identity.building import configuration_of
from telehealth.identity.settings import IdentitySettings
from telehealth.production import must_be_safe
from telehealth.settings import Settings
from tests.deploy.composed import FILES, ONCE, VARIABLE, environment_of, read, services, variables
from tests.rules.tree import ROOT
from tests.unit.deployment.answered import ANSWERS, EVERY_KIND, MADE, rendered

MAIN = services(FILES[0])
EVERY = [
    pytest.param(name, service, id=f"{file.parent.name}-{name}")
    for file in FILES
    for name, service in services(file).items()
]
MAY = {  # beyond nothing: why stands beside each in docker-compose.yml or docs/clinic-it.md
    "caddy": ["NET_BIND_SERVICE"],
    "init": ["CHOWN", "DAC_OVERRIDE", "FOWNER"],
    "postgres": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"],
    "wal": ["DAC_OVERRIDE"],
}


@pytest.mark.parametrize(("name", "service"), EVERY)
def test_every_container_is_held_back(name: str, service: dict[str, Any]) -> None:
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == MAY.get(name, [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert not service.get("privileged")
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory", "pids"}
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


@pytest.mark.parametrize(("name", "service"), EVERY)
def test_every_container_that_stays_is_asked_how_it_is_and_started_again(
    name: str, service: dict[str, Any]
) -> None:
    if name in ONCE:
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize(("name", "service"), EVERY)
def test_no_image_floats(name: str, service: dict[str, Any]) -> None:
    image = VARIABLE.sub(r"\2", service["image"])
    assert ":" in image
    assert not image.endswith(":latest")
    base = re.search(r"^ARG PYTHON=(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert base is not None
    assert ":" in base[1]
    assert "latest" not in base[1]


@pytest.mark.parametrize(("name", "service"), EVERY)
def test_no_secret_stands_in_an_environment(name: str, service: dict[str, Any]) -> None:
    for setting, value in service.get("environment", {}).items():
        if re.search(r"SECRET|PASSWORD|KEY|ROOT|DATABASE_URL|PROVIDERS|VALKEY", setting):
            assert setting.endswith("_FILE") or setting == "KEK_DIR"
            assert str(value).startswith(("/run/secrets/", "/var/lib/telehealth/"))


@pytest.mark.parametrize("file", FILES, ids=str)
def test_every_variable_has_something_to_be_while_there_is_no_env_yet(file: Path) -> None:
    """Else `docker compose run init` could not run, which writes it."""
    text = "\n".join(line for line in file.read_text().splitlines() if not line.startswith("#"))
    assert [found[0] for found in VARIABLE.finditer(text) if found[2] is None] == []


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_secret_is_a_file_of_secrets(file: Path) -> None:
    declared = read(file)["secrets"]
    assert declared == {name: {"file": f"./secrets/{name}"} for name in declared}
    used = set(chain.from_iterable(service.get("secrets", []) for service in services(file).values()))
    assert used == set(declared)


def reached(name: str, condition: str) -> Iterator[str]:
    for other, how in MAIN[name].get("depends_on", {}).items():
        if how["condition"] == condition:
            yield other


def test_the_order_is_migrate_then_a_then_b() -> None:
    assert "migrate" in reached("app-a", "service_completed_successfully")
    assert "keys" in reached("app-a", "service_completed_successfully")
    assert list(reached("app-b", "service_healthy")) == ["app-a"]
    assert list(reached("worker", "service_healthy")) == ["app-a"]
    assert "postgres" in reached("migrate", "service_healthy")


def test_a_replica_counts_once_it_can_work_and_is_asked_as_long_as_it_lives() -> None:
    """An upgrade waits for keys and database; without them whoever comes still reads our own page."""
    assert MAIN["app-a"]["healthcheck"]["test"][-1].endswith("/readyz")
    asked = re.findall(r"health_uri (\S+)", (ROOT / "deploy" / "Caddyfile").read_text())
    assert set(asked) == {"/healthz"}


def test_the_relay_is_made_anew_with_nothing_else() -> None:
    for file in FILES:
        assert "depends_on" not in services(file)["coturn"]


def test_an_upgrade_takes_everything_of_ours_that_stays() -> None:
    rolled = re.search(r"^for service in (.+); do$", (ROOT / "deploy" / "upgrade").read_text(), re.MULTILINE)
    assert rolled is not None
    ours = {name for name, service in MAIN.items() if "TELEHEALTH_IMAGE" in service["image"]}
    assert set(rolled[1].split()) == ours - ONCE


def test_the_relays_ports_are_the_same_wherever_they_stand() -> None:
    relay = services(ROOT / "deploy" / "ports.yml")["coturn"]
    ports = f"{LOWEST_PORT}-{HIGHEST_PORT}"
    assert f"{ports}:{ports}/udp" in relay["ports"]
    assert f"{LOWEST_PORT}:{HIGHEST_PORT}" in (ROOT / "deploy" / "firewall").read_text()
    assert "network_mode" in relay  # taken back: with the host's own network nothing can be published
    assert relay["network_mode"] is None


def test_a_small_practice_does_without_what_the_profile_full_adds() -> None:
    full = {name for name, service in MAIN.items() if service.get("profiles") == ["full"]}
    assert full == {"app-b", "valkey"}
    for name, service in MAIN.items():
        for other, how in service.get("depends_on", {}).items():
            optional = "profiles" in MAIN[other] and name not in full
            assert how.get("required", True) is not optional, (name, other)


def test_only_the_keys_service_can_write_to_the_keys() -> None:
    mounts = {
        name: [volume for volume in service.get("volumes", []) if volume.startswith("keks:")]
        for name, service in MAIN.items()
    }
    writable = [name for name, found in mounts.items() if any(not each.endswith(":ro") for each in found)]
    assert writable == ["keys"]
    assert MAIN["keys"]["networks"] == ["data"]


def test_only_what_makes_backups_can_write_to_them() -> None:
    mounts = {
        name: [volume for volume in service.get("volumes", []) if "/backups" in volume]
        for name, service in MAIN.items()
    }
    writable = [name for name, found in mounts.items() if any(not each.endswith(":ro") for each in found)]
    assert writable == ["backup", "wal"]
    assert mounts["app-a"]


def test_whoever_is_told_of_an_authority_in_env_can_read_its_file() -> None:
    told = [name for name, service in MAIN.items() if "PROVIDERS_FILE" in service.get("environment", {})]
    assert {"app-a", "worker", "identity", "migrate"} <= set(told)
    for name in told:
        assert "authority:/var/lib/telehealth/authority:ro" in MAIN[name]["volumes"], name


def test_the_data_reach_nothing_outside() -> None:
    assert read(FILES[0])["networks"]["data"] == {"internal": True}
    for name in ("postgres", "valkey", "migrate", "keys", "backup"):
        assert MAIN[name]["networks"] == ["data"], name
    assert {name for name, service in MAIN.items() if "ports" in service} == {"caddy"}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_what_init_writes_is_what_the_service_reads(kind: str, tmp_path: Path) -> None:
    answers = EVERY_KIND[kind]
    files = rendered(answers)
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    if answers.tls == "internal":
        files[".env"] = files[".env"].replace("/var/lib/telehealth/authority/authority.pem", "")
    said = variables(files[".env"])
    for name in ("app-a", "migrate", "keys", "worker", "backup"):
        told = environment_of(MAIN[name], said, tmp_path / "secrets")
        settings = must_be_safe(Settings.from_environment(told))
        assert settings.clinic_name == "Linden's Practice"
        assert settings.public_url == "https://clinic.example"
        assert bool(settings.valkey_url) is (answers.size == "full")
        assert len(settings.turn_urls) == (3 if answers.relay_host else 0)
        assert settings.mail.password == answers.smtp_password
        assert settings.first_administrator is not None
        assert set(MAIN[name]["secrets"]) <= {path.removeprefix("secrets/") for path in files}


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_backup_takes_the_accounts_along_where_the_practice_has_its_own_provider(
    kind: str, tmp_path: Path
) -> None:
    said = variables(rendered(EVERY_KIND[kind])[".env"])
    file = Plan.from_environment(environment_of(MAIN["backup"], said, tmp_path)).accounts
    identity = MAIN["identity"]
    assert file == (
        Path(identity["environment"]["IDENTITY_DATABASE"]) if EVERY_KIND[kind].identity_host else None
    )
    assert set(identity["volumes"]) <= set(MAIN["backup"]["volumes"])


def test_what_init_writes_is_what_the_identity_provider_reads(tmp_path: Path) -> None:
    for path, content in rendered(ANSWERS).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(content)
    said = variables((tmp_path / ".env").read_text())
    told = environment_of(MAIN["identity"], said, tmp_path / "secrets")
    settings = IdentitySettings.from_environment(told)
    assert settings.first is not None
    assert settings.first.subject == MADE.first["subject"]
    made = configuration_of(settings)
    assert (made["SERVER_NAME"], made["PREFERRED_URL_SCHEME"]) == ("login.clinic.example", "https")
    assert made["CANAILLE"]["SMTP"]["TLS"] is True
    assert made["CANAILLE"]["EMAIL_CONFIRMATION"] is True


def test_the_front_door_has_every_name_it_asks_for() -> None:
    asked = set(re.findall(r"\{\$(\w+)\}", (ROOT / "deploy" / "Caddyfile").read_text()))
    assert asked == set(MAIN["caddy"]["environment"])


def test_the_front_door_is_the_one_whose_word_is_believed() -> None:
    assert MAIN["caddy"]["networks"]["front"]["ipv4_address"] == MAIN["app-a"]["environment"]["FRONT_DOOR"]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "deploy" / "examples").glob("*.json")), ids=lambda file: file.name
)
def test_an_example_of_a_provider_is_one(file: Path) -> None:
    from telehealth.providers import providers_from

    (found,) = providers_from(file.read_text())
    assert found.is_example


def test_nothing_but_the_parts_of_the_image_goes_to_its_build() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert let_in == set(" ".join(copied).split()) | {"Dockerfile"}
