"""`python -m tests.deploy.whole`: the whole deployment, from an empty folder to an upgrade during a call."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.deploy.whole import restoring, steps
from tests.deploy.whole.browsing import chromium, somebody
from tests.deploy.whole.page import write
from tests.deploy.whole.stack import Stack, made

AUTHORITY = "/var/lib/telehealth/authority/authority.pem"
STEPS: list[Callable[[steps.Scene], Awaitable[None]]] = [
    steps.furnish,
    steps.meet,
    steps.kill_replicas,
    steps.restart_database,
    steps.kill_valkey,
    steps.fail_to_upgrade,
    steps.roll,
    restoring.back_up_and_restore,
]


def own_address() -> str:
    """This computer's address on its network, which the relay listens on; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))
        return str(asked.getsockname()[0])


async def whole(folder: Path) -> None:
    figures, address = steps.Figures(), own_address()
    print("Image and files ...", flush=True)
    stack = made(folder / "stack", address)
    try:
        steps.note_size(figures)
        began = time.monotonic()
        stack.compose("up", "-d", "--wait", timeout=900)
        figures.add("docker compose up to everything healthy", f"{time.monotonic() - began:.0f} s")
        authority = folder / "authority.pem"
        authority.write_text(stack.within("app-a", "python", "-c", f"print(open({AUTHORITY!r}).read())"))
        home = folder / "home"
        async with (
            chromium(home, authority, address) as browser,
            somebody(browser) as client,
            somebody(browser) as therapist,
        ):
            scene = steps.Scene(stack, authority, figures, client, therapist)
            try:
                for step in STEPS:
                    print(f"{step.__name__.replace('_', ' ').capitalize()} ...", flush=True)
                    await step(scene)
            except BaseException:
                for name, each in (("client", client), ("therapist", therapist)):
                    await each.page.screenshot(path=folder.parent / f"deploy-test-{name}.png")
                raise
    except BaseException:
        (folder.parent / "deploy-test.log").write_text(stack.logs())
        print(f"What the containers said: {folder.parent / 'deploy-test.log'}", file=sys.stderr)
        raise
    finally:
        put_away(stack)
    write(figures)


def put_away(stack: Stack) -> None:
    if not os.environ.get("KEEP"):
        stack.compose("down", "-v", "--timeout", "5")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="telehealth-deploy-"))
    try:
        asyncio.run(whole(folder))
    finally:
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)


main()
