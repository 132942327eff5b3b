"""The form of a small practice: one replica and no Valkey."""

import asyncio
import time
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests import smtp
from tests.deploy.whole.asking import Asker
from tests.deploy.whole.doctor import must_be_well
from tests.deploy.whole.figures import Figures
from tests.deploy.whole.image import without_shell
from tests.deploy.whole.mailing import MAIL, flags, gateway, mail_leaves, trust
from tests.deploy.whole.meeting import meeting
from tests.deploy.whole.stack import PROJECT, made, own_address
from tests.deploy.whole.stack import run as command
from tests.deploy.whole.steps import BACK_SECONDS, Scene, all_back

WANTED = {"app-a", "caddy", "certificates", "coturn", "identity", "keys", "migrate", "postgres", "worker"}


async def run(folder: Path, figures: Figures) -> None:
    """One replica and no Valkey, every container of ours from an image whose shells were taken away, and mail through a
    server whose certificate a private authority signed."""
    image, address = without_shell(), gateway()
    (folder / "mail").mkdir()
    with smtp.running(folder / "mail", name=MAIL, address=address) as box:
        told = {"--minimal": None} | flags(box, folder / "stack")
        stack = made(folder / "stack", own_address(), image=image, flags=told, hosts={MAIL: address})
        trust(stack, box)
        look = partial(must_be_well, stack, figures)
        async with meeting(stack, figures, folder, first=look) as scene:
            assert set(stack.states()) == WANTED, stack.states()
            await mail_leaves(scene, box)
            await upgrade(scene)


async def upgrade(scene: Scene) -> None:
    """As the guide says: pages are away while the one replica goes, the call is not."""
    again = f"{scene.stack.image}-next"
    following = f"FROM {scene.stack.image}\nLABEL next=1\n"
    await asyncio.to_thread(command, "docker", "build", "-q", "-t", again, "-", said=following, timeout=300)
    scene.stack.set(TELEHEALTH_IMAGE=again, COMPOSE_PROJECT_NAME=PROJECT)
    await scene.begin()
    async with Asker(scene.authority, "/times") as asking:
        began = time.time()
        await asyncio.to_thread(command, "deploy/upgrade", folder=scene.stack.folder, timeout=900)
        await asyncio.sleep(BACK_SECONDS)
    away = [at for at, status, _ in asking.answers if status != 200]
    good = [at for at, status, _ in asking.answers if status == 200]
    longest = max(
        after - before for before, after in pairwise(good)
    )  # one may wait at the front door meanwhile
    assert all(says_when for _, status, says_when in asking.answers if status != 200)
    assert asking.back_after(away[-1] if away else began) is not None
    scene.figures.add("upgraded: pages away for", f"{longest:.0f} s", "seconds")
    await scene.end("upgraded")
    await all_back(scene, "upgraded")
