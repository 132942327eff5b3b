"""The login dance: OpenID Connect authorization code flow with PKCE, by authlib.

What authlib 1.9 leaves open is closed here (security.md, section 4): the issuer in the metadata is compared with the
configured one, the callback's `iss` is checked before the code is exchanged (RFC 9207), signature algorithms are
pinned, `iss`, `aud` and `sub` are essential, and a response without an ID token is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.requests import Request

from telehealth.errors import Forbidden, Invalid, Unavailable
from telehealth.people.acts import Identity
from telehealth.people.rules import role_from
from telehealth.providers import Provider

ALGORITHMS = ("RS256", "ES256", "EdDSA")
SCOPE = "openid email groups"
TIMEOUT_SECONDS = 10.0
CLOCK_LEEWAY_SECONDS = 60
STRONG = frozenset(
    {"mfa", "otp", "hwk", "swk", "sc", "fido", "pop"}
)  # RFC 8176, and "mfa" as several send it

AGAIN = "Signing in did not come to an end. Please start it again; nothing you entered here is lost."
AWAY = "The sign-in service does not answer at the moment. Please try again in a minute."


class StillSignedIn(Forbidden):
    """The provider answered for somebody who had signed in there before, without asking; `id_token` ends that."""

    def __init__(self, provider: str, id_token: str) -> None:
        super().__init__("login_not_fresh", AGAIN)
        self.provider = provider
        self.id_token = id_token


def is_stale(auth_time: object, started_at: float) -> bool:
    """Whether the person was not asked in this sign-in: times in seconds since 1970, a minute of leeway."""
    return isinstance(auth_time, int | float) and auth_time < started_at - CLOCK_LEEWAY_SECONDS


class Providers:
    """The configured providers, each with its own authlib client."""

    def __init__(self, providers: Sequence[Provider]) -> None:
        self._oauth = OAuth()
        self.all = {provider.id: provider for provider in providers}
        for provider in providers:
            self._oauth.register(
                name=provider.id,
                client_id=provider.client_id,
                client_secret=provider.client_secret,
                server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration",
                client_kwargs={
                    "scope": SCOPE,
                    "code_challenge_method": "S256",
                    "timeout": TIMEOUT_SECONDS,
                    "trust_env": False,
                },
            )

    def named(self, name: str) -> Provider:
        """The provider of that id; the only one when there is one."""
        if name in self.all:
            return self.all[name]
        if not name and len(self.all) == 1:
            return next(iter(self.all.values()))
        raise Invalid("unknown_provider", "Please choose how you want to sign in.")

    async def metadata(self, provider: Provider) -> Mapping[str, Any]:
        """The provider's metadata, refused unless it speaks for the configured issuer (OpenID Discovery 4.3)."""
        client = self._oauth.create_client(provider.id)
        try:
            metadata = await client.load_server_metadata()
        except (httpx2.HTTPError, ValueError) as error:
            raise Unavailable("provider_unavailable", AWAY) from error
        if metadata.get("issuer") != provider.issuer:
            client.server_metadata.clear()
            raise Unavailable("provider_mismatch", AWAY)
        offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
        pinned = [name for name in ALGORITHMS if name in offered]
        metadata["id_token_signing_alg_values_supported"] = pinned or ["RS256"]
        return dict(metadata)

    async def start(self, request: Request, provider: Provider, *, return_to: str, register: bool) -> str:
        """The address at the provider to go to; the transaction is kept in the ten-minute login cookie."""
        await self.metadata(provider)
        client = self._oauth.create_client(provider.id)
        # Always ask who it is: the provider may still know the person who left this browser quickly.
        prompt = "create" if register and provider.registers else "login"
        redirect_uri = f"{request.app.state.settings.public_url}/auth/callback"
        started = await client.create_authorization_url(redirect_uri, prompt=prompt)
        await client.save_authorize_data(request, redirect_uri=redirect_uri, **started)
        request.session["login"] = {
            "provider": provider.id,
            "state": started["state"],
            "next": return_to,
            "at": request.app.state.office.clock().timestamp(),
        }
        return str(started["url"])

    async def finish(self, request: Request) -> tuple[Identity, str]:
        """Check the way back and exchange the code; returns who it is and the path to return to."""
        login = request.session.pop("login", None)
        state = request.query_params.get("state", "")
        if not isinstance(login, dict) or not state or login.get("state") != state:
            raise Forbidden("login_state", AGAIN)
        provider = self.named(str(login["provider"]))
        await self._check_issuer(request, provider)
        claims, id_token = await self._exchange(request, provider)
        if is_stale(claims.get("auth_time"), float(login["at"])):
            raise StillSignedIn(provider.id, id_token)
        return self._identity(provider, claims, id_token), str(login["next"])

    async def _check_issuer(self, request: Request, provider: Provider) -> None:
        metadata = await self.metadata(provider)
        issuer = request.query_params.get("iss")
        promised = metadata.get("authorization_response_iss_parameter_supported", False)
        if (issuer is None and promised) or (issuer is not None and issuer != provider.issuer):
            raise Forbidden("login_issuer", AGAIN)

    async def _exchange(self, request: Request, provider: Provider) -> tuple[Mapping[str, Any], str]:
        client = self._oauth.create_client(provider.id)
        options = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True},
        }
        try:
            token = await client.authorize_access_token(
                request, claims_options=options, leeway=CLOCK_LEEWAY_SECONDS
            )
        except httpx2.HTTPError as error:
            raise Unavailable("provider_unavailable", AWAY) from error
        except (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as error:
            raise Forbidden("login_refused", AGAIN) from error
        claims = token.get("userinfo")
        if not claims or not claims.get("sub"):
            raise Forbidden("login_without_identity", AGAIN)
        return await self._with_address(client, claims, token), str(token["id_token"])

    async def _with_address(self, client: Any, claims: Mapping[str, Any], token: Any) -> Mapping[str, Any]:
        """The address and groups may stand at the userinfo endpoint only; it must speak of the same subject."""
        wanted = ("email", "email_verified", "groups")
        if all(name in claims for name in wanted) or "userinfo_endpoint" not in client.server_metadata:
            return claims
        try:
            more = await client.userinfo(token=token)
        except (httpx2.HTTPError, AuthlibBaseError, ValueError) as error:
            raise Unavailable("provider_unavailable", AWAY) from error
        if more.get("sub") != claims["sub"]:
            raise Forbidden("login_other_subject", AGAIN)
        return {**{name: more[name] for name in wanted if name in more}, **claims}

    def _identity(self, provider: Provider, claims: Mapping[str, Any], id_token: str) -> Identity:
        groups = claims.get("groups") or []
        methods = claims.get("amr") or []
        names = [str(group) for group in groups] if isinstance(groups, list) else []
        return Identity(
            provider=provider.id,
            issuer=provider.issuer,
            subject=str(claims["sub"]),
            role=role_from(names, provider.roles) if provider.roles else None,
            email=str(claims["email"])
            if claims.get("email") and claims.get("email_verified") is True
            else None,
            session=str(claims["sid"]) if claims.get("sid") else None,
            id_token=id_token,
            strong=isinstance(methods, list) and bool(STRONG.intersection(str(method) for method in methods)),
        )

    async def logout_url(self, provider_id: str, id_token: str, return_to: str) -> str | None:
        """Where RP-initiated logout begins (OpenID Connect RP-Initiated Logout 1.0), or None."""
        provider = self.all.get(provider_id)
        if provider is None:
            return None
        try:
            metadata = await self.metadata(provider)
        except Unavailable:
            return None
        if not metadata.get("end_session_endpoint"):
            return None
        client = self._oauth.create_client(provider.id)
        made = await client.create_logout_url(
            post_logout_redirect_uri=return_to, id_token_hint=id_token, client_id=provider.client_id
        )
        return str(made["url"])
