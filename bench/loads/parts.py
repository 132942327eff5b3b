"""The parts of a practice under load: processes, with what they take of the cores and the memory."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS, PAGE_BYTES = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
MEBIBYTE = 2**20
MAKER = "who makes the load"  # no part of the practice


@dataclass(frozen=True)
class Used:
    """Seconds of a core, and MiB at this moment."""

    seconds: float
    mebibytes: float


@dataclass(frozen=True)
class Part:
    """A process; of a family the children count, too, and of their seconds also those of children that have ended.

    What a family has in common (PostgreSQL's buffers) counts once.
    """

    name: str
    pid: int
    is_family: bool = False

    def used(self) -> Used:
        """From its beginning until now."""
        if not self.is_family:
            own, common = _memory(self.pid)
            return Used(_ticks(self.pid, upto=13) / TICKS, own + common)
        ticks = _ticks(self.pid, upto=15)
        own, common = _memory(self.pid)
        for child in self._children():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                ticks += _ticks(child, upto=13)
                of_child, with_others = _memory(child)
                own, common = own + of_child, max(common, with_others)
        return Used(ticks / TICKS, own + common)

    def _children(self) -> Iterator[int]:
        yield from map(int, Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split())


def _ticks(pid: int, *, upto: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:upto])


def _memory(pid: int) -> tuple[float, float]:
    """MiB of its own, and MiB that others may use as well: files and what is shared."""
    _, resident, common, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
    return (resident - common) * PAGE_BYTES / MEBIBYTE, common * PAGE_BYTES / MEBIBYTE
