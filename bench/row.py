"""One row of the speed table: ours beside something else, in the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """`ours` and `theirs` in the same unit, one value a run; `goal` is the largest ratio that is good enough."""

    what: str
    beside: str
    unit: str
    ours: Sequence[float]
    theirs: Sequence[float]
    goal: float

    @property
    def ratio(self) -> float:
        """Median of ours over median of theirs."""
        return median(self.ours) / median(self.theirs)


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown; a missed goal is marked."""
    lines = [
        "| what | beside | runs | ours, median (min to max) | theirs, median (min to max) | ratio | goal |"
    ]
    lines.append("|---|---|---|---|---|---|---|")
    for row in rows:
        met = "met" if row.ratio <= row.goal else "**missed**"
        cells = [row.what, row.beside, str(len(row.ours)), _spread(row.ours, row.unit)]
        cells += [_spread(row.theirs, row.unit), f"{row.ratio:.2f}", f"at most {row.goal}: {met}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _spread(values: Sequence[float], unit: str) -> str:
    return f"{median(values):.0f} {unit} ({min(values):.0f} to {max(values):.0f})"
