"""A backup, an erasure after it, an empty database, and the backup put back: who was erased stays erased."""

import asyncio
import json
import time
from pathlib import Path

from tests.deploy.whole.browsing import URL
from tests.deploy.whole.stack import PROJECT, Stack, run
from tests.deploy.whole.steps import Scene

GONE = "leaving"
HOLDERS = ("app-a", "app-b", "worker", "migrate", "keys", "postgres")


async def back_up_and_restore(scene: Scene) -> None:
    """As the guide says, with the key that opens backups coming by standard input."""
    stack, figures = scene.stack, scene.figures
    identity = await asyncio.to_thread(_keyed, stack, stack.folder)
    began = time.monotonic()
    await asyncio.to_thread(stack.compose, "run", "--rm", "-T", "backup")
    figures.add("a backup", f"{time.monotonic() - began:.0f} s")
    erased = scene.accounts[GONE]["id"]
    await asyncio.to_thread(stack.within, "app-a", "telehealth", "person", "erase", erased, "--yes")

    began = time.monotonic()
    await asyncio.to_thread(stack.compose, "rm", "-s", "-f", *HOLDERS)
    await asyncio.to_thread(run, "docker", "volume", "rm", f"{PROJECT}_postgres")
    await asyncio.to_thread(stack.compose, "up", "-d", "--wait", "postgres")
    put_back = ("run", "--rm", "-T", "backup", "restore", "--identity", "-")
    await asyncio.to_thread(stack.compose, *put_back, said=identity)
    await asyncio.to_thread(stack.compose, "up", "-d", "--wait", timeout=900)
    try:
        await asyncio.to_thread(stack.within, "app-a", "telehealth", "audit", "resume", "--yes")
    except AssertionError as refusal:  # nothing that was signed is lost
        if "record_whole" not in str(refusal):
            raise
    figures.add("an empty database to everything restored and served", f"{time.monotonic() - began:.0f} s")

    people = {
        row["id"]: row for row in json.loads(stack.within("app-a", "telehealth", "person", "list", "--json"))
    }
    assert erased not in people or people[erased]["erased"], people
    figures.add("erased after the backup, and after the restore", "still erased", "still erased")
    stack.within("app-a", "telehealth", "audit", "verify")
    await scene.client.sign_in(scene.accounts["client"])
    answer = await scene.client.page.goto(scene.appointment)
    assert answer is not None
    assert (answer.status, answer.url.startswith(URL)) == (200, True)


def _keyed(stack: Stack, folder: Path) -> str:
    """A pair of keys: the half that seals goes into `.env`, the half that opens is returned and kept nowhere."""
    make = ("backup", "backup", "key", "--out", "/out/identity.txt")
    said = stack.compose("run", "--rm", "--no-deps", "-T", "--user", "0", "-v", f"{folder}:/out", *make)
    stack.set(BACKUP_RECIPIENTS=said.strip().splitlines()[-1])
    file = folder / "identity.txt"
    identity = file.read_text()
    file.unlink()
    return identity
