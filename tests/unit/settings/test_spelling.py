"""A name that looks like a setting and is none is told; what a computer sets by itself is not."""

import pytest

from telehealth.deployment.table import misspelt

# What a container, a shell, a scheduler and a build machine set.
OF_SYSTEMS = """
    PATH HOME HOSTNAME LANG LC_ALL TERM TZ USER SHELL PWD OLDPWD SHLVL LOGNAME MAIL EDITOR GPG_KEY
    PYTHON_VERSION PYTHONUNBUFFERED PYTHON_SHA256 VIRTUAL_ENV SSL_CERT_FILE HTTP_PROXY HTTPS_PROXY
    NO_PROXY http_proxy PGHOST PGUSER PGDATABASE PGPASSWORD POSTGRES_PORT POSTGRES_SERVICE_HOST
    VALKEY_PORT VALKEY_SERVICE_PORT IDENTITY_PORT IDENTITY_SERVICE_HOST RELAY_PORT
    TELEHEALTH_SERVICE_HOST TELEHEALTH_PORT KUBERNETES_PORT CI GITHUB_TOKEN RUNNER_OS DEBIAN_FRONTEND
    INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS NODE_ENV
"""


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SMTP_PASWORD", "SMTP_PASSWORD"),
        ("SMTP_PASSWORD_FLIE", "SMTP_PASSWORD_FILE"),
        ("MAIL_FORM", "MAIL_FROM"),
        ("TURN_URL", "TURN_URLS"),
        ("PROVIDER", "PROVIDERS"),
        ("RETENTION_BOOKINGS_DAYS", "RETENTION_BOOKING_DAYS"),
        ("smtp_host", "SMTP_HOST"),
        ("TELEHEALTH_PUBLIC_URL", "PUBLIC_URL"),
        ("FRONT_SUBNETS", "FRONT_SUBNET"),
    ],
)
def test_what_was_meant_is_named(name: str, meant: str) -> None:
    (sentence,) = misspelt({name: "x"})
    assert sentence == f"{name} is set, and nothing reads it. {meant} is a setting: docs/settings.md"


def test_what_others_set_is_none_of_ours() -> None:
    right = ("SMTP_PASSWORD", "TURN_URLS", "COMPOSE_PROFILES", "TELEHEALTH_IMAGE", "ALIVE_FILE")
    assert list(misspelt(dict.fromkeys((*OF_SYSTEMS.split(), *right), "x"))) == []


def test_a_setting_that_is_said_twice_is_told() -> None:
    (sentence,) = misspelt({"TURN_SECRET": "x", "TURN_SECRET_FILE": "y"})
    assert (
        sentence
        == "TURN_SECRET and TURN_SECRET_FILE are both set. TURN_SECRET counts, and the file is not read."
    )
