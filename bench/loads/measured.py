"""What a load showed: how long each step took, and what the parts used meanwhile."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from statistics import quantiles

from bench.loads.parts import MAKER, Part, Used
from bench.row import shown

HEAD = ["| step | times | p50 | p95 | p99 |", "|---|---|---|---|---|"]
PARTS_HEAD = ["| part | seconds of a core | for each who came | memory at most |", "|---|---|---|---|"]
LOOK_EVERY = 5.0


@dataclass
class Measured:
    """Milliseconds by step, in the order in which steps first came; what went wrong, by its name."""

    people: int
    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    parts: dict[str, Used] = field(default_factory=dict)
    seconds: float = 0.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One step of somebody; what fails is not a time."""
        started = time.perf_counter()
        yield
        self.steps[name].append((time.perf_counter() - started) * 1000)

    def went_wrong(self, error: Exception) -> None:
        """Counted by what it says; a lost connection by its kind."""
        self.wrong[str(error) if isinstance(error, AssertionError) else type(error).__name__] += 1

    @asynccontextmanager
    async def watching(self, parts: Sequence[Part]) -> AsyncIterator[None]:
        """Processor and memory of the parts, from here to the end of the block."""
        before = [part.used() for part in parts]
        most = [each.mebibytes for each in before]

        async def look() -> None:
            while True:
                await asyncio.sleep(LOOK_EVERY)
                for at, part in enumerate(parts):
                    most[at] = max(most[at], part.used().mebibytes)

        looking, started = asyncio.create_task(look()), time.perf_counter()
        try:
            yield
        finally:
            self.seconds = time.perf_counter() - started
            looking.cancel()
            await asyncio.wait({looking})
        for part, was, peak in zip(parts, before, most, strict=True):
            now = part.used()
            self.parts[part.name] = Used(now.seconds - was.seconds, max(peak, now.mebibytes))

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

    def parts_table(self) -> list[str]:
        """The same for the parts: seconds of a core while the load lasted, and the most memory seen."""
        served = [used for name, used in self.parts.items() if name != MAKER]
        together = Used(sum(each.seconds for each in served), sum(each.mebibytes for each in served))
        lines = {**self.parts, "all that serve, together": together}
        return [*PARTS_HEAD, *(self._part(name, used) for name, used in lines.items())]

    def _part(self, name: str, used: Used) -> str:
        each = shown(1000 * used.seconds / self.people)
        return f"| {name} | {shown(used.seconds)} | {each} ms | {shown(used.mebibytes)} MiB |"

    def said(self) -> str:
        """How long it took, and what went wrong."""
        wrong = ", ".join(f"{name} {count}" for name, count in self.wrong.items()) or "nothing"
        return f"It took {shown(self.seconds)} s. Went wrong: {wrong}."
