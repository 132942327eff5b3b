"""One row of the speed table: ours beside something else, in the same run."""

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """`ours` and `theirs` in the same unit, one value a run; `goal` is the largest ratio that is good enough.

    `limit` is the largest median of ours that is good enough, in the unit, where a ratio alone would not do.
    """

    what: str
    beside: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float]
    goal: float | None = None
    limit: float | None = None

    @property
    def ratio(self) -> float:
        """Median of ours over median of theirs."""
        return median(self.ours) / median(self.theirs)

    @property
    def is_met(self) -> bool:
        """Whether it is as good as it was meant to be."""
        near = self.goal is None or self.ratio <= self.goal
        return near and (self.limit is None or median(self.ours) <= self.limit)


Measure = Callable[[], Awaitable[Row]]

COLUMNS = ("row", "what", "beside", "runs", "ours, median (min to max)", "theirs, median (min to max)")
HEAD = [f"| {' | '.join((*COLUMNS, 'ratio', 'goal'))} |", "|" + "---|" * (len(COLUMNS) + 2)]


def line(name: str, row: Row) -> str:
    """The row in Markdown; a missed goal is marked."""
    cells = [f"`{name}`", row.what, row.beside, str(len(row.ours))]
    cells += [_spread(row.ours, row.unit), _spread(row.theirs, row.unit), f"{row.ratio:.2f}", _goal(row)]
    return f"| {' | '.join(cells)} |"


def _goal(row: Row) -> str:
    goals = [] if row.goal is None else [f"at most {row.goal:g}"]
    goals += [] if row.limit is None else [f"at most {shown(row.limit)} {row.unit}"]
    return f"{', '.join(goals)}: {'met' if row.is_met else '**missed**'}" if goals else "none"


def _spread(values: Sequence[float], unit: str) -> str:
    return f"{shown(median(values))} {unit} ({shown(min(values))} to {shown(max(values))})"


def shown(value: float) -> str:
    """Three digits that say something, and every digit before the point."""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 2
    return f"{value:,.{max(0, digits)}f}"
