"""What a load showed: how long each step took, and what the parts used meanwhile."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from statistics import quantiles

from bench.loads.deployed import Deployed, Part
from bench.row import shown

HEAD = ["| step | times | p50 | p95 | p99 |", "|---|---|---|---|---|"]
LOOK_EVERY = 2.0


@dataclass
class Measured:
    """Milliseconds by step, in the order in which steps first came; what went wrong, by its name."""

    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    parts: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step of somebody; what fails is not a time."""
        started = time.perf_counter()
        yield
        self.steps[name].append((time.perf_counter() - started) * 1000)

    @asynccontextmanager
    async def watching(self, deployed: Deployed, parts: list[Part]) -> AsyncIterator[None]:
        """Processor and memory of the parts, from here to the end of the block."""
        before, database = [await part.used() for part in parts], deployed.database_seconds()
        most = [each.mebibytes for each in before]

        async def look() -> None:
            while True:
                await asyncio.sleep(LOOK_EVERY)
                for at, part in enumerate(parts):
                    most[at] = max(most[at], (await part.used()).mebibytes)

        looking, started = asyncio.create_task(look()), time.perf_counter()
        try:
            yield
        finally:
            self.seconds = time.perf_counter() - started
            looking.cancel()
            await asyncio.wait({looking})
        for part, was, peak in zip(parts, before, most, strict=True):
            now = await part.used()
            used, highest = now.seconds - was.seconds, max(peak, now.mebibytes)
            name = "the worker" if part.name == "worker" else f"replica {part.name}"
            self.parts.append(f"{name} {shown(used)} s of a core and {shown(highest)} MiB at most")
        self.parts.append(f"PostgreSQL {shown(deployed.database_seconds() - database)} s of a core")

    def table(self) -> list[str]:
        """Lines in Markdown."""
        lines = list(HEAD)
        for name, taken in self.steps.items():
            cuts = quantiles(taken, n=100) if len(taken) > 1 else taken * 99
            lines.append(
                f"| {name} | {len(taken):,} | "
                + " | ".join(f"{shown(cuts[at])} ms" for at in (49, 94, 98))
                + " |"
            )
        return lines

    def said(self) -> str:
        """In one sentence: what was used, and what went wrong."""
        wrong = ", ".join(f"{name} {count}" for name, count in self.wrong.items()) or "nothing"
        return f"In {shown(self.seconds)} s: {', '.join(self.parts)}. Went wrong: {wrong}."
