"""Starting and stopping the identity provider's process."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from telehealth.demo.folder import Folder, is_free
from telehealth.demo.provider import READY

START_SECONDS = 60
STOP_SECONDS = 5
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


class ProviderFailed(Exception):
    """The identity provider does not run; the message is a sentence that says what to do."""


class Provider:
    """The identity provider's process, which may still be starting."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    async def ready(self) -> None:
        """Return once it listens. ProviderFailed when it ends before, or takes longer than a minute."""
        if self._process.stdout is None:
            raise ValueError("the process was started without its output")
        try:
            async with asyncio.timeout(START_SECONDS):
                async for line in self._process.stdout:
                    if line.decode().strip() == READY:
                        return
        except TimeoutError:
            pass
        raise ProviderFailed(f"The identity provider did not start. What it said stands in {self._log}.")


@asynccontextmanager
async def provider(folder: Folder, public_url: str) -> AsyncIterator[Provider]:
    """The identity provider in a process of its own, starting; stopped when the block ends."""
    if find_spec("canaille") is None:
        raise ProviderFailed(
            "The demo's identity provider is not installed. Run: pip install 'telehealth[demo]'"
        )
    if not is_free(folder.provider_port):
        raise ProviderFailed(
            f"Port {folder.provider_port} belongs to the sign-in of this demo's data, and another program uses it now. "
            "Stop that program, or start over with --fresh (make demo FRESH=1)."
        )
    log = folder.logs / "provider.log"
    process = await _start(folder, public_url, log)
    try:
        yield Provider(process, log)
    finally:
        await _stop(process)


async def _start(folder: Folder, public_url: str, log: Path) -> asyncio.subprocess.Process:
    # Canaille reads settings from its environment and folder: it gets an empty one, so that nobody else's DEBUG counts.
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "telehealth.demo.provider",
            str(folder.path),
            public_url,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=output,
            cwd=folder.path,
            env=environment,
            start_new_session=True,  # Ctrl-C reaches the demo alone, which then ends this in order
        )


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
