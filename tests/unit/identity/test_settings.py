"""The identity provider that comes along refuses to start on what is missing or weak."""

import json
from pathlib import Path

import pytest

from telehealth.identity.building import with_confirmed_address
from telehealth.identity.settings import IdentitySettings
from telehealth.settings import BadSetting

GOOD = {
    "PUBLIC_URL": "https://clinic.example",
    "CLINIC_NAME": "Linden Practice",
    "IDENTITY_ISSUER": "https://login.example",
    "IDENTITY_DATABASE": "identity.db",
    "IDENTITY_SECRET": "0123456789abcdef0123456789abcdef",
    "IDENTITY_KEY": json.dumps({"kty": "RSA", "n": "n", "d": "d", "kid": "k"}),
    "PROVIDERS": '[{"id": "practice", "name": "Practice", "issuer": "https://login.example",'
    ' "client_id": "telehealth", "client_secret": "0123456789abcdef"}]',
}


def test_good_settings_are_read() -> None:
    settings = IdentitySettings.from_environment(GOOD)
    assert settings.server_name == "login.example"
    assert settings.first is None
    assert settings.database == Path("identity.db")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IDENTITY_ISSUER", "https://another.example"),
        ("IDENTITY_SECRET", "short"),
        ("IDENTITY_KEY", ""),
        ("IDENTITY_KEY", "no JSON"),
        ("IDENTITY_KEY", '{"kty": "oct", "n": "", "d": "", "kid": ""}'),
        ("IDENTITY_FIRST_ACCOUNT", '{"user_name": "administrator"}'),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        IdentitySettings.from_environment(GOOD | {name: value})


def test_an_address_that_was_confirmed_is_said_to_be() -> None:
    claims = with_confirmed_address(
        lambda user: {"sub": user, "email": "a@b.example"} if user else {"sub": ""}
    )
    assert claims("x") == {"sub": "x", "email": "a@b.example", "email_verified": True}
    assert claims("") == {"sub": ""}
