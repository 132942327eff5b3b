"""What the identity provider is told: from the environment, as the service itself is (docs/identity.md)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from telehealth.mail_server import MailServer
from telehealth.providers import Provider
from telehealth.settings import BadSetting, Reader

SECRET_CHARACTERS = 32


@dataclass(frozen=True)
class FirstAccount:
    """The account that whoever sets the practice up begins with; its password is meant to be changed."""

    subject: str
    user_name: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class IdentitySettings:
    """Everything the provider is told. `provider`: how the service knows it; `key`: the JWK that signs its tokens."""

    provider: Provider
    public_url: str
    clinic_name: str
    database: Path
    secret: str = field(repr=False)
    key: Mapping[str, Any] = field(repr=False)
    mail: MailServer
    first: FirstAccount | None = None

    @property
    def server_name(self) -> str:
        """Its host, with a port where that is not 443."""
        return urlsplit(self.provider.issuer).netloc

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "IdentitySettings":
        """Read and check every setting. Raises BadSetting naming the first that is missing or weak."""
        read = Reader(environment)
        issuer = read.text("IDENTITY_ISSUER")
        found = next((each for each in read.providers() if each.issuer == issuer), None)
        if found is None or urlsplit(issuer).scheme != "https":
            raise BadSetting("IDENTITY_ISSUER must be the https issuer of one of PROVIDERS.")
        return cls(
            provider=found,
            public_url=read.public_url(),
            clinic_name=read.text("CLINIC_NAME"),
            database=Path(read.text("IDENTITY_DATABASE")),
            secret=_secret(read),
            key=_key(read),
            mail=read.mail(),
            first=_first(read),
        )


def _secret(read: Reader) -> str:
    value = read.text("IDENTITY_SECRET")
    if len(value) < SECRET_CHARACTERS:
        raise BadSetting(f"IDENTITY_SECRET is weak: at least {SECRET_CHARACTERS} characters.")
    return value


def _key(read: Reader) -> Mapping[str, Any]:
    found = _object(read, "IDENTITY_KEY", {"kty", "n", "d", "kid"})
    if found is None or found["kty"] != "RSA":
        raise BadSetting("IDENTITY_KEY must be a private RSA key as a JWK.")
    return found


def _first(read: Reader) -> FirstAccount | None:
    found = _object(read, "IDENTITY_FIRST_ACCOUNT", {"subject", "user_name", "email", "password"})
    return None if found is None else FirstAccount(**{name: str(value) for name, value in found.items()})


def _object(read: Reader, name: str, fields: set[str]) -> dict[str, Any] | None:
    """A JSON object with at least these fields; None where nothing is said."""
    text = read.text(name, "")
    if not text:
        return None
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadSetting(f"{name} is not JSON.") from error
    if not isinstance(found, dict) or not fields <= set(found):
        raise BadSetting(f"{name} must be an object with {', '.join(sorted(fields))}.")
    return found
