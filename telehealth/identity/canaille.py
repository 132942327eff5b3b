"""Canaille as we run it, for a clinic and for the demo: what it asks of people, our one client, and the server."""

import asyncio
import signal
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

WAITS_SECONDS = 15
THEME = Path(__file__).parent / "theme"


def configuration(
    *,
    name: str,
    secret: str,
    key: Mapping[str, Any],
    server_name: str,
    scheme: str,
    database: Path,
    trusted: Sequence[str] = (),
    smtp: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Its settings. `key`: a private JWK; `server_name`: its host, with a port where that is not the scheme's own.

    The subject is the user's immutable id (design.md, section 5). Without `smtp` no address is confirmed and no
    password can be mailed.
    """
    return {
        "DEBUG": False,
        "SECRET_KEY": secret,
        "SERVER_NAME": server_name,
        "PREFERRED_URL_SCHEME": scheme,
        "PERMANENT_SESSION_LIFETIME": "PT12H",
        "CANAILLE": {
            "NAME": name,
            "DATABASE": "sql",
            "LOGO": None,
            "FAVICON": None,
            "LANGUAGE": "en",
            "TIMEZONE": "UTC",
            "HTMX": False,
            "JAVASCRIPT": False,
            "THEME": str(THEME),
            "SMTP": dict(smtp) if smtp else None,
            "EMAIL_CONFIRMATION": smtp is not None,
            "ENABLE_REGISTRATION": True,
            "ENABLE_PASSWORD_RECOVERY": smtp is not None,
            "ENABLE_INTRUDER_LOCKOUT": True,
            "CAPTCHA_ENABLED": False,
            "MIN_PASSWORD_LENGTH": 10,
            # Only what is listed here is asked for: no personal name, no address, no picture.
            "ACL": {
                "DEFAULT": {
                    "PERMISSIONS": ["use_oidc", "edit_self"],
                    "READ": ["user_name"],
                    "WRITE": ["password", "emails"],
                }
            },
        },
        "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{database}"},
        "CANAILLE_OIDC": {
            "ACTIVE_JWKS": [dict(key)],
            "TRUSTED_DOMAINS": list(trusted),
            "USERINFO_MAPPING": {"SUB": "{{ user.id }}"},
        },
    }


def keep_user(backend: Any, *, subject: str, user_name: str, email: str, password: str) -> None:
    """That account, unless there is one of that subject; its password may have been changed since."""
    from canaille.app import models  # noqa: PLC0415 - a third of a second, and only this process needs it

    if backend.get(models.User, id=subject) is not None:
        return
    user = models.User(id=subject, user_name=user_name, emails=[email])
    backend.save(user)
    backend.set_user_password(user, password)
    backend.save(user)


def keep_client(
    backend: Any, *, client_id: str, client_secret: str, provider_id: str, name: str, url: str
) -> None:
    """Our own service as the one client; `url`: where it is now."""
    from canaille.app import models  # noqa: PLC0415

    client = backend.get(models.Client, client_id=client_id)
    if client is None:
        client = models.Client(client_id=client_id, client_name=name)
    backend.update(
        client,
        client_secret=client_secret,
        client_uri=url,
        redirect_uris=[f"{url}/auth/callback/{provider_id}"],
        post_logout_redirect_uris=[f"{url}/signed-out"],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email", "groups"],
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - the method's name
        id_token_signed_response_alg="RS256",  # noqa: S106 - the algorithm's name
    )
    backend.save(client)
    client.audience = [client]
    backend.save(client)


def remove_user(backend: Any, user_name: str) -> bool:
    """That account goes, with its sign-ins; whether there was one."""
    from canaille.app import models  # noqa: PLC0415

    user = backend.get(models.User, user_name=user_name)
    if user is None:
        return False
    for kind in (models.Token, models.AuthorizationCode, models.Consent):
        for each in backend.query(kind, subject=user):
            backend.delete(each)
    backend.delete(user)
    return True


def rewrite(database: Path) -> None:
    """Make its file anew: what was deleted stands there no more. Whoever signs in meanwhile waits for a moment."""
    with closing(sqlite3.connect(database, timeout=WAITS_SECONDS, isolation_level=None)) as c:
        c.execute("VACUUM")


def forget_user_names(response: Any) -> Any:
    """Canaille offers the names of those who signed in before to whoever opens the page next; here it must not."""
    from flask import g, session  # noqa: PLC0415

    session.pop("login_history", None)
    g.pop("login_history_needs_update", None)
    return response


async def serve(app: Any, host: str, port: int, *, ready: str) -> None:
    """Listen until told to stop; says `ready` on standard output once it does."""
    from asgiref.wsgi import WsgiToAsgi  # noqa: PLC0415 - hypercorn's own WSGI mode fails on answers without a body
    from hypercorn.asyncio import serve as hypercorn  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415

    config = Config()
    config.bind = [f"{host}:{port}"]
    config.graceful_timeout = config.shutdown_timeout = 1
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    asgi = WsgiToAsgi(app)  # type: ignore[no-untyped-call]  # it has no types
    serving = asyncio.create_task(hypercorn(asgi, config, mode="asgi", shutdown_trigger=stop.wait))
    announcing = asyncio.create_task(_announce(port, ready))
    await serving
    announcing.cancel()
    with suppress(asyncio.CancelledError):
        await announcing


async def _announce(port: int, ready: str) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        print(ready, flush=True)
        return
