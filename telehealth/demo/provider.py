"""The identity provider of the demo: Canaille in a process of its own, `python -m telehealth.demo.provider FOLDER URL`.

It is given a user name, an e-mail address and a password per person and nothing else. It ends when its standard input
closes, so that it never outlives the demo, however that ended.
"""

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from telehealth.demo.folder import CLIENT_ID, CLINIC_NAME, PROVIDER_ID, Folder, open_folder
from telehealth.demo.people import Account

READY = "ready"
THEME = Path(__file__).parent / "theme"
STAFF_GROUPS = ("therapist", "front_desk", "administrator")


def settings_of(folder: Folder) -> dict[str, Any]:
    """Canaille's configuration.

    The subject is the user's immutable id (design.md, section 5). There is no mail server in the demo, so addresses
    are not confirmed and no password can be mailed; the security code on forms is off, since nobody but this computer
    can reach them.
    """
    return {
        "DEBUG": False,
        "SECRET_KEY": folder.provider_secret,
        "SERVER_NAME": f"127.0.0.1:{folder.provider_port}",
        "PREFERRED_URL_SCHEME": "http",
        "PERMANENT_SESSION_LIFETIME": "PT12H",
        "CANAILLE": {
            "NAME": CLINIC_NAME,
            "DATABASE": "sql",
            "LOGO": None,
            "FAVICON": None,
            "LANGUAGE": "en",
            "TIMEZONE": "UTC",
            "HTMX": False,
            "JAVASCRIPT": False,
            "THEME": str(THEME),
            "SMTP": None,
            "EMAIL_CONFIRMATION": False,
            "ENABLE_REGISTRATION": True,
            "ENABLE_PASSWORD_RECOVERY": False,
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
        "CANAILLE_SQL": {"DATABASE_URI": f"sqlite:///{folder.provider_database}"},
        "CANAILLE_OIDC": {
            "ACTIVE_JWKS": [folder.provider_key],
            "TRUSTED_DOMAINS": ["localhost"],
            "USERINFO_MAPPING": {"SUB": "{{ user.id }}"},
        },
    }


def build(folder: Folder, public_url: str) -> Any:
    """The provider as a WSGI application, its database up to date, its people and our client in it."""
    from canaille import create_app  # noqa: PLC0415 - a third of a second, and only this process needs it
    from canaille.backends import Backend  # noqa: PLC0415

    app = create_app(config=settings_of(folder), init_backend=True)
    with app.app_context(), Backend.instance.session():
        for account in folder.accounts:
            _keep_user(Backend.instance, account)
        for group in STAFF_GROUPS:
            _keep_group(Backend.instance, group, folder)
        _keep_client(Backend.instance, folder, public_url)
    app.after_request(_forget_user_names)
    return app


def _keep_user(backend: Any, account: Account) -> None:
    from canaille.app import models  # noqa: PLC0415

    if backend.get(models.User, id=account.subject) is not None:
        return
    user = models.User(id=account.subject, user_name=account.user_name, emails=[account.email])
    backend.save(user)
    backend.set_user_password(user, account.password)
    backend.save(user)


def _keep_group(backend: Any, name: str, folder: Folder) -> None:
    from canaille.app import models  # noqa: PLC0415

    if backend.get(models.Group, display_name=name) is None:
        members = [account.subject for account in folder.accounts if account.role == name]
        users = [backend.get(models.User, id=subject) for subject in members]
        backend.save(models.Group(display_name=name, members=users))


def _keep_client(backend: Any, folder: Folder, public_url: str) -> None:
    """Our own service as the one client; its addresses follow the port it was started on."""
    from canaille.app import models  # noqa: PLC0415

    client = backend.get(models.Client, client_id=CLIENT_ID)
    if client is None:
        client = models.Client(client_id=CLIENT_ID, client_name=CLINIC_NAME)
    backend.update(
        client,
        client_secret=folder.client_secret,
        client_uri=public_url,
        redirect_uris=[f"{public_url}/auth/callback/{PROVIDER_ID}"],
        post_logout_redirect_uris=[f"{public_url}/signed-out"],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email", "groups"],
        token_endpoint_auth_method="client_secret_basic",  # noqa: S106 - the method's name
        id_token_signed_response_alg="RS256",  # noqa: S106 - the algorithm's name
    )
    backend.save(client)
    client.audience = [client]
    backend.save(client)


def _forget_user_names(response: Any) -> Any:
    """Canaille offers the names of those who signed in before to whoever opens the page next; here it must not."""
    from flask import g, session  # noqa: PLC0415

    session.pop("login_history", None)
    g.pop("login_history_needs_update", None)
    return response


async def serve(folder: Folder, public_url: str) -> None:
    """Listen on the folder's port until told to stop; says READY on standard output once it does."""
    from asgiref.wsgi import WsgiToAsgi  # noqa: PLC0415 - hypercorn's own WSGI mode fails on answers without a body
    from hypercorn.asyncio import serve as hypercorn  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415

    app = build(folder, public_url)
    config = Config()
    config.bind = [f"127.0.0.1:{folder.provider_port}"]
    config.graceful_timeout = config.shutdown_timeout = 1
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    asgi = WsgiToAsgi(app)  # type: ignore[no-untyped-call]  # it has no types
    serving = asyncio.create_task(hypercorn(asgi, config, mode="asgi", shutdown_trigger=stop.wait))
    announcing = asyncio.create_task(_announce(folder.provider_port))
    await serving
    announcing.cancel()
    with suppress(asyncio.CancelledError):
        await announcing


async def _announce(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        print(READY, flush=True)
        return


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    asyncio.run(serve(open_folder(Path(sys.argv[1])), sys.argv[2]))


if __name__ == "__main__":
    main()
