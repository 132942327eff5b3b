"""The clinic's identity provider as one WSGI application."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from telehealth.identity import canaille
from telehealth.identity.letters import Letters
from telehealth.identity.settings import IdentitySettings
from telehealth.mail_server import MailServer


def build(settings: IdentitySettings) -> Any:
    """Its database up to date, our client in it, and the first account where it is not there yet."""
    from canaille import create_app  # noqa: PLC0415 - a third of a second, and only this process needs it
    from canaille.backends import Backend  # noqa: PLC0415
    from werkzeug.middleware.proxy_fix import ProxyFix  # noqa: PLC0415

    app = create_app(config=configuration_of(settings), init_backend=True)
    with app.app_context(), Backend.instance.session():
        if settings.first is not None:
            canaille.keep_user(Backend.instance, **vars(settings.first))
        canaille.keep_client(
            Backend.instance,
            client_id=settings.provider.client_id,
            client_secret=settings.provider.client_secret,
            provider_id=settings.provider.id,
            name=settings.clinic_name,
            url=settings.public_url,
        )
    app.after_request(canaille.forget_user_names)
    if settings.mail.host:
        confirm_addresses(settings)
    # Nobody but the front door reaches it, and that writes the header itself.
    app.wsgi_app = ProxyFix(_over_tls(app.wsgi_app), x_for=1, x_proto=0, x_host=0)
    return app


def _over_tls(wsgi: Callable[..., Any]) -> Callable[..., Any]:
    """Whoever asks, the front door or the container's own health check: people come over TLS."""

    def over_tls(environ: dict[str, Any], start_response: Any) -> Any:
        return wsgi({**environ, "wsgi.url_scheme": "https"}, start_response)

    return over_tls


def configuration_of(settings: IdentitySettings) -> dict[str, Any]:
    """Canaille's settings for this clinic."""
    made = canaille.configuration(
        name=settings.clinic_name,
        secret=settings.secret,
        key=settings.key,
        server_name=settings.server_name,
        scheme="https",
        database=settings.database,
        trusted=[urlsplit(settings.public_url).hostname or ""],
        smtp=_smtp(settings.mail),
    )
    # With it a forgotten password is answered in one way, whether there is such an account or not.
    made["TRUSTED_HOSTS"] = [settings.server_name.partition(":")[0]]
    made["CANAILLE"]["LOGGING"] = {"version": 1, "disable_existing_loggers": False}  # the command's own logs
    return made


def confirm_addresses(settings: IdentitySettings) -> None:
    """Its mails leave as ours do, and what it confirmed by them it says."""
    from canaille.core import mails  # noqa: PLC0415
    from canaille.core.endpoints import account  # noqa: PLC0415
    from canaille.oidc import provider as tokens  # noqa: PLC0415

    account.flash = in_one_color(account.flash)
    mails.send_email = Letters(settings.mail, settings.clinic_name)
    tokens.generate_user_claims = with_confirmed_address(tokens.generate_user_claims)


def in_one_color(flash: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """It says the same to whoever registers with a new address and with a known one, but in another color."""

    def said(message: str, category: str = "info") -> None:
        flash(message, "info" if category == "success" else category)

    return said


def with_confirmed_address(claims_of: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Canaille asks people to confirm each address, and says of none that they did: its claims are texts, and
    `email_verified` is true or false (OpenID Connect Core 1.0, section 5.1)."""

    def claims(*arguments: Any, **more: Any) -> dict[str, Any]:
        found = claims_of(*arguments, **more)
        return {**found, "email_verified": True} if found.get("email") else found

    return claims


def _smtp(mail: MailServer) -> dict[str, Any] | None:
    if not mail.host:
        return None
    return {
        "HOST": mail.host,
        "PORT": mail.port,
        "TLS": mail.tls == "starttls",
        "SSL": mail.tls == "implicit",
        "LOGIN": mail.user or None,
        "PASSWORD": mail.password or None,
        "FROM_ADDR": mail.sender_address,
    }
