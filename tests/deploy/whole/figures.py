"""What was measured of one form of the deployment."""

from dataclasses import dataclass, field


@dataclass
class Figures:
    """Name, value in words, and what was asked for, a row each."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, name: str, value: str, wanted: str = "") -> None:
        self.rows.append((name, value, wanted))
        print(f"  {name}: {value}{f'  ({wanted})' if wanted else ''}", flush=True)
