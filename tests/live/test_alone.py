"""Signaling alone, exactly as its README says it: the ten lines are written to a file and the command is run."""

import asyncio
import base64
import os
import re
import shlex
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest

import signaling
from signaling.alone import InMemory, entry
from tests.live.conftest import ORIGIN, let_in
from tests.live.talker import SECONDS, Talker
from tests.patience import within

README = (Path(signaling.__file__).parent / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one block of code in this language."""
    [found] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found)


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[str]:
    """The command of the README, on a port that is free; returns the address of its socket."""
    (folder / "doorman.py").write_text(block("python"))
    python, *words = shlex.split(block("sh").replace("8100", "0"))
    assert python == "python"
    path = os.pathsep.join([str(folder), str(Path(signaling.__file__).parents[1])])
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stderr=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert process.stderr is not None
    said = b""
    try:
        async with asyncio.timeout(SECONDS):
            while (running := re.search(rb"running on http://(\S+)", said)) is None:
                line = await process.stderr.readline()
                assert line, said
                said += line
        yield f"ws://{running[1].decode()}/signaling"
    finally:
        process.terminate()
        async with within("the server to end"):
            await process.communicate()


def ticket_of(name: str) -> str:
    secret = sha256(f"{name}, and something nobody can guess".encode()).digest()
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


async def test_ten_lines_of_admission_are_enough(tmp_path: Path) -> None:
    assert len([line for line in block("python").splitlines() if line]) <= 10
    async with (
        started(tmp_path) as url,
        Talker.connected(url, ORIGIN) as mara,
        Talker.connected(url, ORIGIN) as anna,
        Talker.connected(url, ORIGIN) as stranger,
    ):
        assert (await mara.join(ticket_of("Mara")))["role"] == "host"
        assert (await anna.join(ticket_of("Anna")))["state"] == "outside"
        await let_in(mara, anna)
        await stranger.say("join", ticket=ticket_of("Anna"), version=1)  # used
        assert await stranger.closed() == 4401


async def test_an_admission_in_memory_keeps_what_hosts_decide() -> None:
    door = InMemory()
    mara, anna = entry("room", "Mara", host=True), entry("room", "Anna")

    async def come(ticket: bytes) -> tuple[bool, bool, int, int] | None:
        door.tickets[ticket] = anna
        found = await door.redeem(ticket)
        return None if found is None else (found.admitted, found.locked, found.group, found.grouping)

    assert await come(b"1") == (False, False, 0, 0)
    assert not await door.send_back(mara, anna.seat)
    assert await door.admit(mara, anna.seat, "")
    await door.lock(mara, True)
    assert await door.part(mara, {anna.seat: 1}) == 1
    assert await come(b"2") == (True, True, 1, 1)
    assert await door.send_back(mara, anna.seat)
    await door.lock(mara, False)
    assert await come(b"3") == (False, False, 0, 1)
    assert await door.remove(mara, anna.seat)
    assert not await door.admit(mara, anna.seat, "")
    assert await come(b"4") is None
    await door.end(mara)
    await door.present(mara, False)
    assert not await door.may_stay(mara)


@pytest.mark.parametrize("names", [("room", "Anna"), ("room", "Ben"), ("other", "Anna")])
def test_the_same_names_are_the_same_seat(names: tuple[str, str]) -> None:
    assert entry(*names).seat == entry(*names).seat
    assert len({entry(*names).seat, entry(*names).room, entry(*names).call}) == 3
