"""What an ID token and a logout token must say before anything in them is believed.

Signatures, issuer, audience and times are checked by authlib and joserfc; here is what they leave open.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidClaimError, InvalidKeyIdError, MissingClaimError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry

LEEWAY_SECONDS = 60
MAX_SUBJECT = 255  # OpenID Connect Core, section 2
MAX_ID = 255
MAX_TOKEN = 16 * 1024
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TYPES = ("logout+jwt", "JWT")  # the first is what Back-Channel Logout, section 2.4, recommends
LOGOUT_IS_NEW_SECONDS = 600  # a token that was held back longer ends nothing


class IdToken(CodeIDToken):  # type: ignore[misc] # authlib has no types
    """The claims of an ID token, judged at the time of the office and by the keys there were."""

    at = 0
    started_at = 0.0
    key_count: Callable[[], int]

    def validate(self, now: int | None = None, leeway: int = 0) -> None:
        """JoseError for what is not to be believed (OpenID Connect Core, section 3.1.3.7)."""
        check_key_id(self.header, self.key_count())
        if (
            str(self.header.get("typ", "JWT")).upper() != "JWT"
        ):  # a token made for something else (RFC 8725, 3.11)
            raise InvalidClaimError("typ")
        super().validate(self.at, leeway)
        if "at_hash" in self and not self["at_hash"]:  # authlib would take an empty one for none
            raise InvalidClaimError("at_hash")
        if self["iat"] < self.started_at - leeway:
            raise InvalidClaimError("iat")
        if isinstance(self.get("auth_time"), int | float) and self["auth_time"] > self.at + leeway:
            raise InvalidClaimError("auth_time")
        check_subject(self["sub"])


def judged(at: datetime, started_at: float, key_count: Callable[[], int]) -> Callable[..., IdToken]:
    """What authlib makes the claims with: `at` is now, `started_at` when this sign-in began."""

    def made(
        said: Any, header: Any, options: Any, params: dict[str, Any], *, access_token: object
    ) -> IdToken:
        claims = IdToken(said, header, options, {**params, "access_token": access_token})
        claims.at, claims.started_at, claims.key_count = int(at.timestamp()), started_at, key_count
        return claims

    return made


def check_key_id(header: Mapping[str, object], keys: int) -> None:
    """One key is named, or there is only one: never try several (OpenID Connect Core, section 10.1)."""
    if not isinstance(header.get("kid"), str) and keys > 1:
        raise InvalidKeyIdError("no kid, and several keys")


def check_subject(subject: object) -> None:
    """A subject is a text of at most 255 ASCII characters (OpenID Connect Core, section 2)."""
    if not isinstance(subject, str) or not subject.isascii() or not 0 < len(subject) <= MAX_SUBJECT:
        raise InvalidClaimError("sub")


@dataclass(frozen=True)
class Ending:
    """What a good logout token asks for: an end to this session of the provider, or to all of this subject's."""

    issuer: str
    token_id: str
    subject: str | None
    session: str | None
    good_until: datetime


def logout_from(
    token: str, keys: Mapping[str, Any], algorithms: list[str], *, issuer: str, client_id: str, now: datetime
) -> Ending:
    """What a logout token asks for (OpenID Connect Back-Channel Logout 1.0, section 2.6).

    JoseError or ValueError for one that is not to be believed; InvalidKeyIdError when its key is not among `keys`.
    """
    if len(token) > MAX_TOKEN:
        raise ValueError("too long")
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    read = jwt.decode(token, key=KeySet.import_key_set(dict(keys)), registry=registry)  # type: ignore[arg-type]
    check_key_id(read.header, len(keys["keys"]))
    if read.header.get("typ", LOGOUT_TYPES[0]) not in LOGOUT_TYPES:
        raise InvalidClaimError("typ")
    at = int(now.timestamp())
    essential: dict[str, Any] = {name: {"essential": True} for name in ("iat", "exp", "jti", "events")}
    must = JWTClaimsRegistry(
        now=at,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        **essential,
    )
    must.validate(read.claims)
    return _ending(read.claims, issuer, at)


def _ending(claims: Mapping[str, Any], issuer: str, at: int) -> Ending:
    if claims["iat"] < at - LOGOUT_IS_NEW_SECONDS:
        raise InvalidClaimError("iat")
    if "nonce" in claims:  # an ID token that passes for a logout token
        raise InvalidClaimError("nonce")
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise InvalidClaimError("events")
    subject, session = claims.get("sub"), claims.get("sid")
    if subject is None and session is None:
        raise MissingClaimError("sub or sid")
    if subject is not None:
        check_subject(subject)
    if session is not None and not _is_id(session):
        raise InvalidClaimError("sid")
    if not _is_id(claims["jti"]):
        raise InvalidClaimError("jti")
    good_until = at + LOGOUT_IS_NEW_SECONDS + 2 * LEEWAY_SECONDS
    return Ending(issuer, claims["jti"], subject, session, datetime.fromtimestamp(good_until, UTC))


def _is_id(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_ID and value.isprintable()


def moment_in(claims: Mapping[str, Any], name: str) -> datetime | None:
    """A NumericDate among the claims; None where it is absent or no such thing."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def text_in(claims: Mapping[str, Any], name: str, longest: int = MAX_ID) -> str | None:
    """A text among the claims; None where it is absent, empty, too long, unprintable or no text."""
    value = claims.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable() else None


def texts_in(claims: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts among the claims; what is no text in it is left out."""
    value = claims.get(name)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
