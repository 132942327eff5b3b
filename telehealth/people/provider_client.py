"""authlib's client of one provider, which learns of it only what was looked at first.

authlib loads the metadata in several places, believes any issuer in them, takes the accepted algorithms from them, and
hands every field of them to its HTTP client as an option. Here they pass one check, wherever they are asked for.
"""

import logging
import ssl
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App

from telehealth.errors import Unavailable
from telehealth.providers import LOOPBACK, Provider

ALGORITHMS = ("RS256", "ES256", "EdDSA")
KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
TIMEOUT_SECONDS = 10.0
KEPT_SECONDS = 600.0  # a key that the provider took back is trusted no longer than this
FORCED_EVERY_SECONDS = 1.0  # whoever sends tokens with made-up key ids must not make us ask all the time

AWAY = "The sign-in service does not answer at the moment. Please try again in a minute."
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
WELCOME = ("userinfo_endpoint", "end_session_endpoint")
BASIC, POST = "client_secret_basic", "client_secret_post"

# At DEBUG it prints the PKCE verifier, whatever the rest of the service logs (security.md, section 4).
logging.getLogger("authlib").setLevel(logging.WARNING)


class CheckedClient(StarletteOAuth2App):  # type: ignore[misc] # authlib has no types
    """The client of one provider; its metadata and keys are kept for ten minutes."""

    def __init__(self, provider: Provider, ca_file: Path | None = None) -> None:
        super().__init__(
            StarletteIntegration(provider.id),
            name=provider.id,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            client_kwargs={
                "scope": provider.scope,
                "code_challenge_method": "S256",
                "timeout": TIMEOUT_SECONDS,
                "trust_env": False,
                "verify": _trusted(ca_file),
            },
        )
        self._provider = provider
        self._kept_until = 0.0
        self._forced_at = -FORCED_EVERY_SECONDS

    async def load_server_metadata(self) -> dict[str, Any]:
        """What the provider says of itself, refused unless it speaks for the configured issuer (Discovery 4.3)."""
        if monotonic() >= self._kept_until:
            issuer = self._provider.issuer
            document = await self._document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            self.server_metadata = metadata_from(document, issuer)
            self._kept_until = monotonic() + KEPT_SECONDS
        kept: dict[str, Any] = self.server_metadata
        return kept

    async def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """The keys it signs with; `force` asks again, because a token names one that is not among them."""
        metadata = await self.load_server_metadata()
        known: dict[str, Any] | None = metadata.get("jwks")
        recent = monotonic() - self._forced_at < FORCED_EVERY_SECONDS
        if known is not None and (not force or recent):
            return known
        keys = signing_keys_from(await self._document(metadata["jwks_uri"]))
        if known is not None:
            self._forced_at = monotonic()
        metadata["jwks"] = keys
        return keys

    async def parse_id_token(self, token: dict[str, Any], nonce: str, **how: Any) -> Any:
        """The claims of the token's ID token; authlib compares the hash of the access token for its own class alone."""
        how["claims_cls"] = partial(how["claims_cls"], access_token=token.get("access_token"))
        return await super().parse_id_token(token, nonce, **how)

    def key_count(self) -> int:
        """How many keys the provider signs with, as far as we know."""
        return len(self.server_metadata["jwks"]["keys"])

    async def _document(self, url: str) -> object:
        try:
            async with self._get_session() as session:
                answer = await session.request("GET", url, withhold_token=True)
                answer.raise_for_status()
                document: object = answer.json()
                return document
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise Unavailable("provider_unavailable", AWAY) from error


@cache
def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Whom this computer trusts, and the authority in `ca_file` beside them; read once, for all providers."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context


def metadata_from(document: object, issuer: str) -> dict[str, Any]:
    """The fields we use of a provider's metadata, checked; Unavailable when they are not this issuer's or not whole."""
    if not isinstance(document, Mapping) or document.get("issuer") != issuer:
        raise Unavailable("provider_mismatch", AWAY)
    found: dict[str, Any] = {"issuer": issuer}
    for name in (*NEEDED, *WELCOME):
        if name in document or name in NEEDED:
            found[name] = _endpoint(document.get(name), issuer)
    offered = document.get("id_token_signing_alg_values_supported")
    pinned = [name for name in ALGORITHMS if isinstance(offered, list) and name in offered]
    found["id_token_signing_alg_values_supported"] = pinned or ["RS256"]
    promise = "authorization_response_iss_parameter_supported"  # RFC 9207, section 3
    found[promise] = document.get(promise) is True
    methods = document.get("token_endpoint_auth_methods_supported")
    posts = isinstance(methods, list) and POST in methods and BASIC not in methods
    found["token_endpoint_auth_method"] = POST if posts else BASIC
    return found


def _endpoint(url: object, issuer: str) -> str:
    """An https address; one on plain HTTP only where the issuer itself is on this computer."""
    if isinstance(url, str):
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK and issuer.startswith("http:")
        if local or (parts.scheme == "https" and parts.hostname):
            return url
    raise Unavailable("provider_unusable", AWAY)


def signing_keys_from(document: object) -> dict[str, Any]:
    """A JWK set (RFC 7517) with the public keys that may sign; secret keys in it are never believed."""
    rows = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(rows, list):
        raise Unavailable("provider_unusable", AWAY)
    return {"keys": [row for row in rows if isinstance(row, Mapping) and _may_sign(row)]}


def _may_sign(row: Mapping[str, object]) -> bool:
    return (
        row.get("kty") in KEY_TYPES
        and row.get("use", "sig") == "sig"
        and row.get("alg", ALGORITHMS[0]) in ALGORITHMS
    )
