"""A deployment started, and two people in their session on it; stopped and put away afterwards."""

import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from tests.deploy.whole import steps
from tests.deploy.whole.browsing import chromium, somebody
from tests.deploy.whole.figures import Figures
from tests.deploy.whole.stack import AUTHORITY, Stack, own_address


@contextmanager
def started(stack: Stack, figures: Figures, folder: Path) -> Iterator[None]:
    """Everything healthy; what the containers said is kept where something fails."""
    try:
        began = time.monotonic()
        stack.compose("up", "-d", "--wait", timeout=900)
        figures.add("docker compose up to everything healthy", f"{time.monotonic() - began:.0f} s")
        yield
    except BaseException:
        (folder.parent / "deploy-test.log").write_text(stack.logs())
        print(f"What the containers said: {folder.parent / 'deploy-test.log'}", file=sys.stderr)
        raise
    finally:
        put_away(stack)


def put_away(stack: Stack) -> None:
    if not os.environ.get("KEEP"):
        stack.compose("down", "-v", "--timeout", "5")


@asynccontextmanager
async def meeting(
    stack: Stack,
    figures: Figures,
    folder: Path,
    *authorities: Path,
    first: Callable[[], None] = lambda: None,
) -> AsyncIterator[steps.Scene]:
    """`authorities`: whom the browsers trust beside the deployment's own; `first`: done before anybody comes."""
    with started(stack, figures, folder):
        first()
        own = folder / "authority.pem"
        own.write_text(stack.within("app-a", "python", "-c", f"print(open({AUTHORITY!r}).read())"))
        async with (
            chromium(folder / "home", (own, *authorities), own_address()) as browser,
            somebody(browser) as client,
            somebody(browser) as therapist,
        ):
            scene = steps.Scene(stack, own, figures, client, therapist)
            try:
                print("Furnish and meet ...", flush=True)
                await steps.furnish(scene)
                await steps.meet(scene)
                yield scene
            except BaseException:
                for name, each in (("client", client), ("therapist", therapist)):
                    await each.page.screenshot(path=folder.parent / f"deploy-test-{name}.png")
                raise
