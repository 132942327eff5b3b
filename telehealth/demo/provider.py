"""The identity provider of the demo: Canaille in a process of its own, `python -m telehealth.demo.provider FOLDER URL`.

It is given a user name, an e-mail address and a password per person and nothing else. It ends when its standard input
closes, so that it never outlives the demo, however that ended.
"""

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from telehealth.demo.folder import CLIENT_ID, CLINIC_NAME, PROVIDER_ID, Folder, open_folder
from telehealth.identity import canaille

READY = "ready"
STAFF_GROUPS = ("therapist", "front_desk", "administrator")


def settings_of(folder: Folder) -> dict[str, Any]:
    """Canaille's configuration. There is no mail server in the demo."""
    return canaille.configuration(
        name=CLINIC_NAME,
        secret=folder.provider_secret,
        key=folder.provider_key,
        server_name=f"127.0.0.1:{folder.provider_port}",
        scheme="http",
        database=folder.provider_database,
        trusted=["localhost"],
    )


def build(folder: Folder, public_url: str) -> Any:
    """The provider as a WSGI application, its database up to date, its people and our client in it."""
    from canaille import create_app  # noqa: PLC0415 - a third of a second, and only this process needs it
    from canaille.backends import Backend  # noqa: PLC0415

    app = create_app(config=settings_of(folder), init_backend=True)
    with app.app_context(), Backend.instance.session():
        for account in folder.accounts:
            canaille.keep_user(
                Backend.instance,
                subject=account.subject,
                user_name=account.user_name,
                email=account.email,
                password=account.password,
            )
        for group in STAFF_GROUPS:
            _keep_group(Backend.instance, group, folder)
        canaille.keep_client(
            Backend.instance,
            client_id=CLIENT_ID,
            client_secret=folder.client_secret,
            provider_id=PROVIDER_ID,
            name=CLINIC_NAME,
            url=public_url,
        )
    app.after_request(canaille.forget_user_names)
    return app


def _keep_group(backend: Any, name: str, folder: Folder) -> None:
    from canaille.app import models  # noqa: PLC0415

    if backend.get(models.Group, display_name=name) is None:
        members = [account.subject for account in folder.accounts if account.role == name]
        users = [backend.get(models.User, id=subject) for subject in members]
        backend.save(models.Group(display_name=name, members=users))


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    folder = open_folder(Path(sys.argv[1]))
    app = build(folder, sys.argv[2])
    asyncio.run(canaille.serve(app, "127.0.0.1", folder.provider_port, ready=READY))


if __name__ == "__main__":
    main()
