"""The login dance: OpenID Connect authorization code flow with PKCE, by authlib.

What authlib 1.9 leaves open is closed here and in `provider_client.py` and `tokens.py` (security.md, section 4): the
callback's `iss` is checked before the code is exchanged (RFC 9207), a state works once, each provider has a callback of
its own, `iss`, `aud` and `sub` are essential, and a response without an ID token is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from joserfc.errors import InvalidKeyIdError, JoseError
from starlette.requests import Request

from telehealth.errors import Forbidden, Invalid, Unavailable
from telehealth.people import groups, rules, tokens
from telehealth.people.acts import Identity
from telehealth.people.provider_client import AWAY, CheckedClient
from telehealth.people.spending import spend
from telehealth.providers import FirstAdministrator, Provider, Staff
from telehealth.web import cookies

LOGIN_LASTS = timedelta(minutes=10)
STEP_UP_SECONDS = int(rules.STEP_UP.total_seconds())
LOGIN = "login"  # where the transaction stands in its ten-minute cookie
REFUSED = (AuthlibBaseError, JoseError, ValueError, KeyError, TypeError, AttributeError, RuntimeError)

AGAIN = "Signing in did not come to an end. Please start it again; nothing you entered here is lost."
CANCELLED = (
    "You came back without signing in, so nothing has happened. You can start again whenever you like."
)


@dataclass(frozen=True)
class Login:
    """A sign-in under way, or a step-up where `session` (hex of its id) says whose. `at`: seconds since 1970.

    `invitation`: the hash (hex) of the code by which the account is to be tied to a member of staff.

    `visit` binds it to one browser by a cookie that a neighbouring host cannot plant, as it can this one's.
    """

    provider: str
    state: str
    next: str
    at: float
    session: str = ""
    visit: str = ""
    invitation: str = ""

    @property
    def started_at(self) -> datetime:
        """When the person was sent to the provider."""
        return datetime.fromtimestamp(self.at, UTC)


class Providers:
    """The configured providers, each with its own client, and the clinic's own list of staff."""

    def __init__(
        self,
        providers: Sequence[Provider],
        staff: Staff,
        first: FirstAdministrator | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self.all = {provider.id: provider for provider in providers}
        self._clients = {provider.id: CheckedClient(provider, ca_file) for provider in providers}
        self._staff = staff
        self._first = first

    def named(self, name: str) -> Provider:
        """The provider of that id; the only one when there is one."""
        if name in self.all:
            return self.all[name]
        if not name and len(self.all) == 1:
            return next(iter(self.all.values()))
        raise Invalid("unknown_provider", "Please choose how you want to sign in.")

    async def start(
        self,
        request: Request,
        provider: Provider,
        *,
        return_to: str,
        register: bool = False,
        step_up: bytes | None = None,
        strong: bool = False,
        invitation: bytes = b"",
    ) -> str:
        """The address at the provider to go to; the transaction is kept in the ten-minute login cookie.

        `step_up`: the id of the session whose person proves anew who they are; `strong`: with a second factor;
        `invitation`: as `Login` keeps it.
        """
        client = self._clients[provider.id]
        # Always ask who it is: the provider may still know the person who left this browser quickly.
        asked = {"prompt": "create" if register and provider.registers else provider.prompt}
        asked["max_age"] = str(STEP_UP_SECONDS)  # with it a provider must say when it asked (Core, section 2)
        if strong and provider.strong_acr:
            asked["acr_values"] = " ".join(provider.strong_acr)
        redirect_uri = f"{request.app.state.settings.public_url}/auth/callback/{provider.id}"
        try:
            started = await client.create_authorization_url(redirect_uri, **asked)
        except REFUSED as error:
            raise Unavailable("provider_unusable", AWAY) from error
        request.session.clear()  # one way at a time, so that the cookie stays small
        await client.save_authorize_data(request, redirect_uri=redirect_uri, **started)
        now = request.app.state.office.clock()
        login = Login(
            provider=provider.id,
            state=started["state"],
            next=return_to,
            at=now.timestamp(),
            session="" if step_up is None else step_up.hex(),
            visit=_visit_of(request),
            invitation=invitation.hex(),
        )
        request.session[LOGIN] = asdict(login)
        return str(started["url"])

    async def finish(self, request: Request, login: Login) -> Identity:
        """Check the way back, exchange the code, and return who it is. `login` comes from `login_of`."""
        provider = self.all.get(login.provider)
        if provider is None or request.path_params["provider"] != provider.id:
            raise Forbidden("login_state", AGAIN)
        await self._spend_state(request, provider, login)
        await self._check_issuer(request, provider)
        if request.query_params.get("error") == "access_denied":
            raise Forbidden("login_cancelled", CANCELLED)
        claims, id_token = await self._exchange(request, provider, login)
        return self._identity(provider, login, claims, id_token)

    async def _spend_state(self, request: Request, provider: Provider, login: Login) -> None:
        """A copied cookie does not make a state work twice."""
        office = request.app.state.office
        now = office.clock()
        if now >= login.started_at + LOGIN_LASTS:
            raise Forbidden("login_state", AGAIN)
        async with office.database.transaction() as connection:
            until = now + LOGIN_LASTS
            fresh = await spend(connection, "state", provider.issuer, login.state, expires_at=until, now=now)
        if not fresh:
            raise Forbidden("login_state", AGAIN)

    async def _check_issuer(self, request: Request, provider: Provider) -> None:
        metadata = await self._clients[provider.id].load_server_metadata()
        issuer = request.query_params.get("iss")
        promised = metadata["authorization_response_iss_parameter_supported"]
        if (issuer is None and promised) or (issuer is not None and issuer != provider.issuer):
            raise Forbidden("login_issuer", AGAIN)

    async def _exchange(
        self, request: Request, provider: Provider, login: Login
    ) -> tuple[Mapping[str, Any], str]:
        client = self._clients[provider.id]
        options = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
            "iat": {"essential": True},
            "nonce": {"essential": True},
        }
        try:
            # Loaded before the code is spent: the claims are judged by the number of keys there are.
            await client.fetch_jwk_set()
            token = await client.authorize_access_token(
                request,
                claims_options=options,
                claims_cls=tokens.judged(request.app.state.office.clock(), login.at, client.key_count),
                leeway=tokens.LEEWAY_SECONDS,
            )
        except httpx2.HTTPError as error:
            raise Unavailable("provider_unavailable", AWAY) from error
        except REFUSED as error:
            raise Forbidden("login_refused", AGAIN) from error
        claims = token.get("userinfo")
        if not claims or not isinstance(token.get("id_token"), str):
            raise Forbidden("login_without_identity", AGAIN)
        claims = await self._with_address(provider, claims, token)
        groups.check(provider, claims, token)
        return claims, token["id_token"]

    async def _with_address(
        self, provider: Provider, claims: Mapping[str, Any], token: Any
    ) -> Mapping[str, Any]:
        """The address and groups may stand at the userinfo endpoint only; it must speak of the same subject.

        An address and the word that it is verified come from the same place, or they are not believed.
        """
        client = self._clients[provider.id]
        metadata = await client.load_server_metadata()
        complete = claims.get("email_verified") is True and ("groups" in claims or not provider.roles)
        if complete or "userinfo_endpoint" not in metadata or not token.get("access_token"):
            return claims
        try:
            more = await client.userinfo(token=token)
        except (httpx2.HTTPError, *REFUSED) as error:
            raise Unavailable("provider_unavailable", AWAY) from error
        if more.get("sub") != claims["sub"]:
            raise Forbidden("login_other_subject", AGAIN)
        merged = dict(claims)
        if "groups" in more:
            merged.setdefault("groups", more["groups"])
        if claims.get("email_verified") is not True:
            merged.update(email=more.get("email"), email_verified=more.get("email_verified"))
        return merged

    def _identity(
        self, provider: Provider, login: Login, claims: Mapping[str, Any], id_token: str
    ) -> Identity:
        """What the provider says of factors counts only where it says, too, that they were asked for just now."""
        subject, proven_at = str(claims["sub"]), tokens.moment_in(claims, "auth_time")
        acr = tokens.text_in(claims, "acr", longest=64)
        email = tokens.text_in(claims, "email", 254) if claims.get("email_verified") is True else None
        conferred = rules.role_from(tokens.texts_in(claims, "groups"), provider.roles)
        return Identity(
            provider=provider.id,
            issuer=provider.issuer,
            subject=subject,
            role=self._staff.get((provider.issuer, subject), conferred),
            email=email,
            session=tokens.text_in(claims, "sid"),
            id_token=id_token,
            strong=rules.was_asked(proven_at, login.started_at) is True
            and rules.proved_second_factor(
                tokens.texts_in(claims, "amr"),
                acr,
                strong_amr=provider.strong_amr,
                strong_acr=provider.strong_acr,
            ),
            acr=acr,
            proven_at=proven_at,
            first_administrator=groups.is_first(self._first, provider.issuer, subject, email),
        )

    async def ending(self, provider: Provider, token: str, now: datetime) -> tokens.Ending:
        """What a back-channel logout token asks for; Invalid for one that is not to be believed."""
        client = self._clients[provider.id]
        algorithms = (await client.load_server_metadata())["id_token_signing_alg_values_supported"]

        def read(keys: Mapping[str, Any]) -> tokens.Ending:
            return tokens.logout_from(
                token, keys, algorithms, issuer=provider.issuer, client_id=provider.client_id, now=now
            )

        try:
            try:
                return read(await client.fetch_jwk_set())
            except InvalidKeyIdError:
                return read(await client.fetch_jwk_set(force=True))
        except REFUSED as error:
            raise Invalid("logout_token", "This is no logout token for us.") from error

    async def logout_url(
        self, provider_id: str, id_token: str | None, return_to: str, state: str
    ) -> str | None:
        """Where RP-initiated logout begins (OpenID Connect RP-Initiated Logout 1.0), or None.

        Without an ID token the provider asks the person whether they mean it (section 2).
        """
        client, provider = self._clients.get(provider_id), self.all.get(provider_id)
        if client is None or provider is None:
            return None
        try:
            metadata = await client.load_server_metadata()
        except Unavailable:
            return None
        if "end_session_endpoint" not in metadata:
            return None
        made = await client.create_logout_url(
            post_logout_redirect_uri=return_to,
            id_token_hint=id_token,
            client_id=provider.client_id,
            state=state,
        )
        return str(made["url"])


def login_of(request: Request) -> Login | None:
    """The sign-in of this browser that this callback answers, taken out of its cookie; None where it answers none."""
    kept = request.session.get(LOGIN)
    state = request.query_params.get("state", "")
    if not isinstance(kept, dict) or not state or kept.get("state") != state:
        return None  # and the one under way goes on: whoever made up this callback does not end it
    if kept.get("visit") != _visit_of(request):
        return None
    del request.session[LOGIN]
    return Login(**kept)


def _visit_of(request: Request) -> str:
    """What a sign-in under way remembers of the browser it began in."""
    return cookies.hash_of(request.state.visit, "login").hex()
