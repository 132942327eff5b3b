"""Asking the deployment from outside as fast as one likes, through Caddy's TLS, and noting each answer."""

import asyncio
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.deploy.whole.stack import CLINIC

EVERY_SECONDS = 0.1


@dataclass
class Asking:
    """Answers in order: when, status, and whether it said when to come back; status 0 where nobody answered."""

    answers: list[tuple[float, int, bool]] = field(default_factory=list)

    @property
    def statuses(self) -> set[int]:
        return {status for _, status, _ in self.answers}

    def back_after(self, moment: float) -> float | None:
        """Seconds from that moment until the first answer of a row of ten good ones."""
        later = [answer for answer in self.answers if answer[0] >= moment]
        for at in range(len(later) - 9):
            if all(status == 200 for _, status, _ in later[at : at + 10]):
                return later[at][0] - moment
        return None

    async def seen_back_after(self, moment: float, within: float) -> float | None:
        """The same, as soon as it can be said, or None when it cannot within so many seconds."""
        for _ in range(round(within / EVERY_SECONDS)):
            if self.back_after(moment) is not None:
                break
            await asyncio.sleep(EVERY_SECONDS)
        return self.back_after(moment)


class Asker:
    """Keeps asking for one page while its block runs."""

    def __init__(self, authority: Path, path: str) -> None:
        self.asking = Asking()
        self._path = path
        self._tls = ssl.create_default_context(cafile=str(authority))

    async def __aenter__(self) -> Asking:
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(self._ask())
        return self.asking

    async def __aexit__(self, *_: object) -> None:
        self._stop.set()
        await self._task

    async def _ask(self) -> None:
        async with httpx2.AsyncClient(verify=self._tls, timeout=10) as client:
            while not self._stop.is_set():
                began = time.time()
                try:
                    answer = await client.get(
                        f"https://127.0.0.1{self._path}",
                        headers={"Host": CLINIC},
                        extensions={"sni_hostname": CLINIC},
                    )
                    self.asking.answers.append((began, answer.status_code, "retry-after" in answer.headers))
                except httpx2.HTTPError:
                    self.asking.answers.append((began, 0, False))
                await asyncio.sleep(EVERY_SECONDS)
