"""Settings stop the start when one is missing or weak, and say which."""

import base64
from pathlib import Path

import pytest

from telehealth.settings import BadSetting, Settings
from tests.tls import certificate


def key(number: int) -> str:
    return base64.b64encode(bytes(range(number, number + 32))).decode()


KEY = key(0)
GOOD = {
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "DATABASE_URL": "sqlite+aiosqlite:///clinic.db",
    "KEK_DIR": "keks",
    "CHECKPOINT_FILE": "checkpoints",
    "INDEX_ROOT": KEY,
    "AUDIT_KEY": key(1),
    "PSEUDONYM_KEY": key(2),
    "COOKIE_KEY": key(3),
    "CLINIC_ID": "linden",
    "CLINIC_NAME": "Linden Practice",
    "CLINIC_ZONE": "Europe/Berlin",
    "LEAVE_URL": "https://weather.example/",
    "PROVIDERS": '[{"id": "one", "name": "One", "issuer": "http://127.0.0.1:9", "client_id": "c",'
    ' "client_secret": "s", "roles": {"therapists": "therapist"}}]',
}


def test_an_authority_of_the_providers_is_a_file_of_certificates(tmp_path: Path) -> None:
    certificate(tmp_path, "127.0.0.1")
    settings = Settings.from_environment(GOOD | {"PROVIDER_CA_FILE": str(tmp_path / "ca.pem")})
    assert settings.provider_ca_file == tmp_path / "ca.pem"
    (tmp_path / "other").write_text("nothing")
    for file in ("other", "missing"):
        with pytest.raises(BadSetting, match="PROVIDER_CA_FILE is no file"):
            Settings.from_environment(GOOD | {"PROVIDER_CA_FILE": str(tmp_path / file)})


def test_good_settings_are_read() -> None:
    settings = Settings.from_environment(GOOD)
    assert settings.index_root == bytes(range(32))
    assert settings.providers[0].roles == {"therapists": "therapist"}
    assert not settings.secure


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(key(3) + "\n")
    environment = {name: value for name, value in GOOD.items() if name != "COOKIE_KEY"}
    environment["COOKIE_KEY_FILE"] = str(tmp_path / "key")
    assert Settings.from_environment(environment).cookie_key == bytes(range(3, 35))


def test_a_mail_server_is_read_whole_or_stops_the_start() -> None:
    server = {"SMTP_HOST": "mail.clinic.example", "MAIL_FROM": "Appointments <office@clinic.example>"}
    mail = Settings.from_environment(GOOD | server).mail
    assert (mail.host, mail.port, mail.tls, mail.sender_name) == (
        "mail.clinic.example",
        587,
        "starttls",
        "Appointments",
    )
    assert not Settings.from_environment(GOOD).mail.sends
    with pytest.raises(BadSetting, match="SMTP_TLS"):
        Settings.from_environment(GOOD | server | {"SMTP_TLS": "none"})


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_setting_is_named(name: str) -> None:
    environment = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(BadSetting, match=name):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INDEX_ROOT", "not base64"),
        ("INDEX_ROOT", base64.b64encode(b"short").decode()),
        ("COOKIE_KEY", base64.b64encode(bytes(32)).decode()),
        ("DATABASE_URL", "clinic.db"),
        ("DATABASE_URL", "postgresql://u:secret@127.0.0.1/clinic"),
        ("DATABASE_URL", "postgresql+asyncpg://u:secret@127.0.0.1:port/clinic"),
        ("DATABASE_URL", "postgresql+asyncpg://u:secret@127.0.0.1"),
        ("DATABASE_URL", "sqlite+aiosqlite://"),
        ("DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
        ("PUBLIC_URL", "http://clinic.example"),
        ("PUBLIC_URL", "https://clinic.example/path"),
        ("PUBLIC_URL", "https://clinic.example?x"),
        ("PUBLIC_URL", "https://clinic.example#x"),
        ("PUBLIC_URL", "https://name@clinic.example"),
        ("PUBLIC_URL", "https://clinic.example:port"),
        ("PUBLIC_URL", "https://clinic.example:70000"),
        ("PUBLIC_URL", "https://praxis-schön.example"),
        ("PUBLIC_URL", "ftp://clinic.example"),
        ("AUDIT_KEY", KEY),
        ("COOKIE_KEY", KEY),
        ("AUDIT_KEYS_FORMER", "!"),
        ("AUDIT_KEYS_FORMER", "c2hvcnQ="),
        ("AUDIT_KEYS_FORMER", KEY),
        ("DEMO", "yes"),
        ("FRONT_DOOR", "*"),
        ("FRONT_DOOR", "0.0.0.0/0"),
        ("FRONT_DOOR", "::/0"),
        ("FRONT_DOOR", "caddy"),
        ("CLINIC_ZONE", "Europe/Nowhere"),
        ("LEAVE_URL", "javascript:1"),
        ("SECURITY_CONTACT", "security@clinic.example"),
        ("PROVIDERS", "[]"),
        ("PROVIDERS", "{"),
        ("ICE_POLICY", "sometimes"),
        ("VALKEY_URL", "http://valkey:6379"),
        ("VALKEY_URL", "valkey://"),
        ("VALKEY_URL", "valkey"),
    ],
)
def test_a_bad_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name) as refused:
        Settings.from_environment({**GOOD, name: value})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("", ""),
        ("valkey://valkey:6379/0", "redis://valkey:6379/0"),
        ("valkeys://:secret@valkey:6379", "rediss://:secret@valkey:6379"),
        ("redis://valkey:6379", "redis://valkey:6379"),
        ("unix:///run/valkey.sock", "unix:///run/valkey.sock"),
    ],
)
def test_valkey_is_named_in_its_own_words_or_in_those_of_redis(value: str, read: str) -> None:
    settings = Settings.from_environment({**GOOD, "VALKEY_URL": value})
    assert settings.valkey_url == read
    assert "secret" not in repr(settings).replace("client_secret", "")


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        ("https://clinic.example", "https://clinic.example"),
        ("https://Clinic.Example:443/", "https://clinic.example"),
        ("HTTPS://clinic.example:8443", "https://clinic.example:8443"),
        ("http://localhost:80", "http://localhost"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_address_is_kept_as_browsers_name_it(value: str, origin: str) -> None:
    settings = Settings.from_environment({**GOOD, "PUBLIC_URL": value})
    assert (settings.public_url, settings.origin) == (origin, origin)
    assert settings.secure == origin.startswith("https://")


def test_only_this_computer_stands_in_front_unless_it_is_said() -> None:
    assert Settings.from_environment(GOOD).front_door == ("127.0.0.1", "::1")
    told = Settings.from_environment({**GOOD, "FRONT_DOOR": "172.18.0.0/16, 10.0.0.7"})
    assert told.front_door == ("172.18.0.0/16", "10.0.0.7")


def test_the_demo_is_for_loopback_only() -> None:
    with pytest.raises(BadSetting, match="DEMO"):
        Settings.from_environment({**GOOD, "DEMO": "1", "PUBLIC_URL": "https://clinic.example"})


def test_a_relay_needs_a_strong_secret() -> None:
    with pytest.raises(BadSetting, match="TURN_SECRET"):
        Settings.from_environment({**GOOD, "TURN_URLS": "turn:127.0.0.1:3478", "TURN_SECRET": "short"})


def test_secrets_do_not_show_in_the_representation() -> None:
    settings = Settings.from_environment(GOOD)
    assert KEY not in repr(settings)
    assert repr(settings.index_root) not in repr(settings)
