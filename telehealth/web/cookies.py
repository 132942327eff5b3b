"""Cookies: __Host- and Secure over TLS, plain names on loopback HTTP only (security.md, section 4)."""

import base64
import binascii
import hashlib
import secrets

from starlette.requests import HTTPConnection
from starlette.responses import Response

SESSION = "sid"
VISIT = "visit"
AWAY = "away"
LEAVING = "leaving"
INVITED = "asked"
ZONE = "zone"
VISIT_SECONDS = 24 * 3600
AWAY_SECONDS = 15 * 60
LEAVING_SECONDS = 10 * 60
INVITED_SECONDS = 60 * 60
ZONE_SECONDS = 365 * 24 * 3600
SECRET_BYTES = 32


def name_of(cookie: str, *, secure: bool) -> str:
    """The cookie's name in this deployment."""
    return f"__Host-{cookie}" if secure else cookie


def read(connection: HTTPConnection, cookie: str) -> str | None:
    """The cookie's value as the browser sent it."""
    return connection.cookies.get(name_of(cookie, secure=connection.app.state.settings.secure))


def read_secret(connection: HTTPConnection, cookie: str) -> bytes | None:
    """The 32 bytes of a secret cookie, or None when it is absent or not one of ours."""
    value = read(connection, cookie)
    return None if value is None else secret_from(value)


def secret_from(text: str) -> bytes | None:
    """The 32 bytes that `text_of` wrote, or None for anything else."""
    if len(text) > 64:
        return None
    try:
        secret = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return secret if len(secret) == SECRET_BYTES else None


def new_secret() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(SECRET_BYTES)


def secret_of_form(connection: HTTPConnection, key: str, about: bytes) -> bytes:
    """The 32 bytes of a link or code that a form makes: what this browser alone knows, so that the same form sent again
    shows the same though it is kept nowhere."""
    session = read_secret(connection, SESSION) or new_secret()
    return hash_of(session + about + key.encode(), "link")


def text_of(secret: bytes) -> str:
    """base64url without padding, the form every secret of ours has in a cookie or a message."""
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()


def hash_of(secret: bytes, purpose: str) -> bytes:
    """What the database keeps of a secret: 32 bytes, one domain for each purpose."""
    return hashlib.sha256(purpose.encode() + b"\x00" + secret).digest()


def write(response: Response, cookie: str, value: str, *, secure: bool, max_age: int | None = None) -> None:
    """Set a cookie that scripts cannot read; SameSite=Lax so that the way back from the provider carries it."""
    response.set_cookie(
        name_of(cookie, secure=secure),
        value,
        max_age=max_age,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear(response: Response, cookie: str, *, secure: bool) -> None:
    """Take a cookie away."""
    response.delete_cookie(
        name_of(cookie, secure=secure), path="/", secure=secure, httponly=True, samesite="lax"
    )
