"""What the identity provider is told: from the environment, as the service itself is (docs/settings.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from telehealth.backups.plan import IDENTITY_DATABASE
from telehealth.mail_server import MailServer
from telehealth.providers import Provider
from telehealth.settings import BadSetting, kinds
from telehealth.settings.declared import CLINIC_NAME, PROVIDERS, PUBLIC_URL
from telehealth.settings.reading import Setting, Values, made, needed, read, told
from telehealth.settings.service import MAIL, mail_of

GROUP = "identity"


@dataclass(frozen=True)
class FirstAccount:
    """The account that whoever sets the practice up begins with; its password is meant to be changed."""

    subject: str
    user_name: str
    email: str
    password: str = field(repr=False)


def signing_key(value: str) -> Mapping[str, Any]:
    found = kinds.record(value, {"kty", "n", "d", "kid"})
    if found["kty"] != "RSA":
        raise ValueError("must be a private RSA key as a JWK.")
    return found


def first_account(value: str) -> FirstAccount | None:
    if not value:
        return None
    found = kinds.record(value, {"subject", "user_name", "email", "password"})
    try:
        return FirstAccount(**{name: str(each) for name, each in found.items()})
    except TypeError as error:
        raise ValueError("holds more than subject, user_name, email and password.") from error


IDENTITY_ISSUER = Setting(
    "IDENTITY_ISSUER", GROUP, kinds.text, "which of `PROVIDERS` it is: `https://login.clinic.example`"
)
IDENTITY_SECRET = Setting(
    "IDENTITY_SECRET",
    GROUP,
    kinds.secret,
    "signs its own cookies, 32 random characters or more",
    secret=True,
)
IDENTITY_KEY = Setting(
    "IDENTITY_KEY", GROUP, signing_key, "signs its tokens: a private RSA key as a JWK", secret=True
)
IDENTITY_FIRST_ACCOUNT = Setting(
    "IDENTITY_FIRST_ACCOUNT",
    GROUP,
    first_account,
    'an account it makes where it is not there yet: `{"subject", "user_name", "email", "password"}`',
    unless="",
    secret=True,
)


def provider_of(values: Values) -> Provider:
    issuer = values[IDENTITY_ISSUER]
    found = next((each for each in values[PROVIDERS] if each.issuer == issuer), None)
    if found is None or urlsplit(issuer).scheme != "https":
        raise BadSetting("IDENTITY_ISSUER must be the https issuer of one of PROVIDERS.")
    return found


@dataclass(frozen=True, kw_only=True)
class IdentitySettings:
    """Everything the provider is told. `provider`: how the service knows it; `key`: the JWK that signs its tokens."""

    provider: Provider = made(provider_of, IDENTITY_ISSUER, PROVIDERS)
    public_url: str = told(PUBLIC_URL)
    clinic_name: str = told(CLINIC_NAME)
    database: Path = needed(IDENTITY_DATABASE)
    secret: str = told(IDENTITY_SECRET)
    key: Mapping[str, Any] = told(IDENTITY_KEY)
    mail: MailServer = made(mail_of, *MAIL, unless=MailServer)
    first: FirstAccount | None = told(IDENTITY_FIRST_ACCOUNT)

    @property
    def server_name(self) -> str:
        """Its host, with a port where that is not 443."""
        return urlsplit(self.provider.issuer).netloc

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "IdentitySettings":
        """Read and check every setting. Raises BadSetting with a sentence for each that is missing or weak."""
        return read(cls, environment)
