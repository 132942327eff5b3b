"""Where people are served, unsafe settings stop the start, each with its own sentence; on this computer alone they do
not."""

import json

import pytest

from telehealth.cli.configured import WRONG_SETTING, settings_to_serve
from telehealth.production import must_be_safe
from telehealth.settings import BadSetting, Settings
from telehealth.settings.reading import read
from telehealth.watching.plan import Watching
from tests.unit.settings.test_service import GOOD

OF_A_CLINIC = {"issuer": "https://login.clinic.example", "client_secret": "4f1c9e0b7a52d836"}
PROVIDER = {**json.loads(GOOD["PROVIDERS"])[0], **OF_A_CLINIC}
SERVING = GOOD | {
    "PUBLIC_URL": "https://clinic.example",
    "PROVIDERS": json.dumps([PROVIDER]),
    "DATABASE_URL": "postgresql+asyncpg://telehealth:3f0c6e@db/telehealth",
    "STUN_URLS": "stun:relay.clinic.example:3478",
    "TURN_URLS": "turn:relay.clinic.example:3478 turns:relay.clinic.example:5349?transport=tcp",
    "TURN_SECRET": "0123456789abcdef0123456789abcdef",
}


def provider(issuer: str) -> str:
    return json.dumps([{**PROVIDER, "issuer": issuer}])


UNSAFE = (
    ({"PUBLIC_URL": "http://clinic.example"}, "PUBLIC_URL must be https://"),
    ({"DEMO": "1"}, "DEMO=1 is for the loopback address only"),
    ({"PROVIDERS": provider("http://login.clinic.example")}, "PROVIDERS"),
    ({"PROVIDERS": provider("http://localhost:8001")}, "as the demo's people are"),
    ({"TURN_URLS": "turn:relay.clinic.example:3478"}, "TURN_URLS names no turns: address"),
    ({"TURN_URLS": "relay.clinic.example:3478"}, "must name turn: or turns:"),
    ({"STUN_URLS": "turn:relay.clinic.example"}, "must name stun: or stuns:"),
    ({"TURN_SECRET": "short"}, "TURN_SECRET must have at least 32 random characters"),
    ({"TURN_SECRET": "changeme" * 4}, "TURN_SECRET must have at least 32 random characters"),
    ({"PROBE_SECRET": "0" * 40}, "PROBE_SECRET must have at least 32 random characters"),
    ({"DATABASE_URL": "postgresql+asyncpg://u:Postgres@db/clinic"}, "everybody tries first"),
    (
        {"DATABASE_URL": "postgresql+asyncpg://USER:PASSWORD@HOST/NAME"},
        "DATABASE_URL has a password that everyb",
    ),
    (
        {"DATABASE_URL": "postgresql+asyncpg://clinic:Clinic@db/clinic"},
        "DATABASE_URL has a password that everyb",
    ),
    ({"VALKEY_URL": "valkey://:secret@valkey:6379"}, "VALKEY_URL has a password that everybody tries first"),
    ({"COOKIE_KEY": "AAAA"}, "COOKIE_KEY is weak"),
    ({"COOKIE_KEY": GOOD["INDEX_ROOT"]}, "COOKIE_KEY is the same as INDEX_ROOT"),
    ({"PROBE_SECRET": "0123456789abcdef0123456789abcdef"}, "PROBE_SECRET is the same as TURN_SECRET"),
    ({"TURN_SECRET": GOOD["AUDIT_KEY"]}, "TURN_SECRET is the same as a key"),
    ({"VALKEY_URL": "valkey://:3f0c6e@valkey"}, "VALKEY_URL is the same as The password in DATABASE_URL"),
    (
        {"SMTP_HOST": "mail.example", "MAIL_FROM": "A <a@b.example>", "SMTP_TLS": "none"},
        "Without TLS no mail",
    ),
    ({"MAIL_FOLDER": "/tmp/mails"}, "MAIL_FOLDER is for the demo"),
)


def served(environment: dict[str, str]) -> Settings:
    return must_be_safe(Settings.from_environment(environment))


def test_what_a_clinic_serves_with_is_safe() -> None:
    assert served(SERVING).secure


@pytest.mark.parametrize(("change", "sentence"), UNSAFE)
def test_an_unsafe_combination_stops_the_start(change: dict[str, str], sentence: str) -> None:
    with pytest.raises(BadSetting) as refused:
        served(SERVING | change)
    assert sentence in str(refused.value)


def test_on_this_computer_alone_things_may_be_tried() -> None:
    tried = {"TURN_URLS": "turn:127.0.0.1:3478", "DATABASE_URL": "postgresql+asyncpg://u:postgres@/clinic"}
    assert served(SERVING | tried | {"PUBLIC_URL": "http://127.0.0.1:8000", "PROVIDERS": GOOD["PROVIDERS"]})


def test_service_and_worker_end_with_the_sentence_and_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (SERVING | {"TURN_URLS": "turn:relay.clinic.example:3478"}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Exception, match=str(WRONG_SETTING)):
        settings_to_serve()
    assert "TURN_URLS names no turns: address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("value", "place"),
    [("127.0.0.1:9464", ("127.0.0.1", 9464)), ("[::1]:9464", ("::1", 9464)), ("", None)],
)
def test_figures_are_read_where_it_is_said(value: str, place: tuple[str, int] | None) -> None:
    assert read(Watching, {"METRICS_LISTEN": value}).metrics_listen == place
    assert read(Watching, {}).metrics_listen is None


@pytest.mark.parametrize("value", ["9464", ":9464", "localhost:9464", "127.0.0.1:0", "127.0.0.1:x"])
def test_a_place_that_is_none_is_named(value: str) -> None:
    with pytest.raises(BadSetting, match="METRICS_LISTEN"):
        read(Watching, {"METRICS_LISTEN": value})
