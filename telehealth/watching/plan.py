"""Where a process may be watched: figures on a port of their own, and a file that says a worker lives."""

from dataclasses import dataclass
from pathlib import Path

from telehealth.settings.kinds import listening, path_or_none
from telehealth.settings.reading import Setting, told

GROUP = "running"

METRICS_LISTEN = Setting(
    "METRICS_LISTEN",
    GROUP,
    listening,
    "address and port where Prometheus reads figures, such as `127.0.0.1:9464`: apart from the one people reach, and "
    "one each for service and worker ([watching.md](watching.md))",
    unless="",
)
ALIVE_FILE = Setting(
    "ALIVE_FILE",
    GROUP,
    path_or_none,
    "a file that `telehealth worker` writes every ten seconds and `telehealth wal keep` every five, for whoever "
    "watches what has no port to ask",
    unless="",
)


@dataclass(frozen=True)
class Watching:
    """`metrics_listen`: address and port, where figures may be read."""

    metrics_listen: tuple[str, int] | None = told(METRICS_LISTEN)
    alive_file: Path | None = told(ALIVE_FILE)
