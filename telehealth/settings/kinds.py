"""What the text of a setting may be: each makes a value of it, or says how the sentence goes on after its name."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from telehealth import addresses, providers
from telehealth.providers import LOOPBACK, Provider

T = TypeVar("T")
KEY_BYTES = 32
SECRET_CHARACTERS = 32
DIFFERENT = 8  # so many different bytes or characters has anything that chance made
MOST_DAYS = 36500
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
DATABASES = (
    "must be postgresql+asyncpg://USER:PASSWORD@HOST/NAME or sqlite+aiosqlite:////FOLDER/FILE (a / in a password is "
    "written %2F, an @ is %40)."
)


def text(value: str) -> str:
    return value


def path_or_none(value: str) -> Path | None:
    return Path(value) if value else None


def several(value: str) -> tuple[str, ...]:
    """Words between spaces or commas."""
    return tuple(value.replace(",", " ").split())


@dataclass(frozen=True)
class Number:
    """A whole number within limits, which docs/settings.md has, too."""

    least: int
    most: int
    such_as: int

    @property
    def limits(self) -> str:
        """For docs/settings.md."""
        return f" ({self.least} to {self.most})"

    def __call__(self, value: str) -> int:
        if not value.isascii() or not value.isdigit() or not self.least <= int(value) <= self.most:
            raise ValueError(f"must be a number from {self.least} to {self.most}, such as {self.such_as}.")
        return int(value)


def flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("is either 0 or 1.")
    return value == "1"


def ice_policy(value: str) -> Literal["all", "relay"]:
    if value == "relay":
        return "relay"
    if value != "all":
        raise ValueError("is either all or relay.")
    return "all"


def zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("is no IANA time zone such as Europe/Berlin.") from error
    return value


def key(value: str) -> bytes:
    """32 bytes that nobody thought of."""
    found = _bytes(value)
    if len(found) != KEY_BYTES or len(set(found)) < DIFFERENT:
        raise ValueError(f"is weak: it must be {KEY_BYTES} random bytes in base64. openssl rand -base64 32")
    return found


def public_keys(value: str) -> tuple[bytes, ...]:
    found = tuple(_bytes(each) for each in several(value))
    if any(len(each) != KEY_BYTES for each in found):
        raise ValueError(f"holds public keys of {KEY_BYTES} bytes: telehealth audit key shows one.")
    return found


def secret(value: str) -> str:
    """Nothing, or characters that nobody thought of."""
    if value and (len(value) < SECRET_CHARACTERS or len(set(value)) < DIFFERENT or not value.isascii()):
        raise ValueError(f"must have at least {SECRET_CHARACTERS} random characters. openssl rand -base64 32")
    return value


def _bytes(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is not base64.") from error


def origin(value: str) -> str:
    """Of the service itself: plain http is for this computer's own address."""
    try:
        found = addresses.origin_from(value)
    except ValueError as error:
        raise ValueError("must be an origin such as https://clinic.example.") from error
    parts = urlsplit(found)
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must be https:// anywhere but on this computer's loopback address.")
    return found


def page(value: str) -> str:
    if urlsplit(value).scheme not in ("http", "https"):
        raise ValueError("must be the address of a harmless page.")
    return value


def contact(value: str) -> str:
    if value and urlsplit(value).scheme not in ("mailto", "https", "tel"):
        raise ValueError("must begin with mailto:, https: or tel: (RFC 9116).")
    return value


def database(value: str) -> str:
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        url = make_url("nothing://")
    if url.drivername not in DRIVERS or (url.database or ":memory:") == ":memory:":
        raise ValueError(DATABASES)
    return value


def vouching(value: str) -> tuple[Provider, ...]:
    return _explained(providers.providers_from, value)


def authority(value: str) -> Path | None:
    return _explained(providers.authority_from, value)


def _explained(read: Callable[[str], T], value: str) -> T:
    try:
        return read(value)
    except providers.BadProvider as error:
        raise ValueError(f"{error} See docs/providers.md.") from error


def listening(value: str) -> tuple[str, int] | None:
    try:
        return addresses.listening_from(value) if value else None
    except ValueError as error:
        raise ValueError("must be an address and a port, such as 127.0.0.1:9464.") from error


def record(value: str, names: set[str]) -> dict[str, Any]:
    """A JSON object with at least these names."""
    try:
        found = json.loads(value)
    except ValueError as error:
        raise ValueError("is not JSON.") from error
    if not isinstance(found, dict) or not names <= set(found):
        raise ValueError(f"must be an object with {', '.join(sorted(names))}.")
    return found
