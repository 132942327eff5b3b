"""Starting `telehealth demo` as a person does, and finding what it leaves behind."""

import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

READY_SECONDS = 120
STOP_SECONDS = 30


class RunningDemo:
    """One demo process with its output in two files."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: dict[str, str] | None = None
    ) -> None:
        self.folder = folder
        self._out, self._err = folder / "stdout", folder / "stderr"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=err, cwd=folder, env=environment, start_new_session=True
            )

    @property
    def said(self) -> str:
        return self._err.read_text()

    @property
    def answered(self) -> list[str]:
        return self._out.read_text().splitlines()

    def wait_until_ready(self) -> str:
        """The address after `ready: `. Fails with what the demo said when it ends before."""
        waited = time.monotonic() + READY_SECONDS
        while time.monotonic() < waited:
            for line in self.answered:
                if line.startswith("ready: "):
                    return line.removeprefix("ready: ")
            if self.process.poll() is not None:
                break
            self._wait_a_little()
        raise AssertionError(f"the demo was not ready:\n{self.said}")

    def children(self) -> list[int]:
        """Process ids of what the demo started."""
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        mine = [int(pid) for pid in found.stdout.split()]
        return [pid for pid in mine if is_alive(pid)]

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def _wait_a_little(self) -> None:
        try:
            self.process.wait(0.05)
        except subprocess.TimeoutExpired:
            return


@contextmanager
def demo_running(
    command: Sequence[str], folder: Path, environment: dict[str, str] | None = None
) -> Iterator[RunningDemo]:
    """A demo that is killed at the end, if the test did not stop it."""
    folder.mkdir(exist_ok=True)
    demo = RunningDemo(command, folder, environment)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.process.kill()
            demo.process.wait()


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False


def gone(pid: int) -> bool:
    """Wait for a process to end; False when it is still there after half a minute."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ended, _, _ = select.select([descriptor], [], [], STOP_SECONDS)
        return bool(ended)
    finally:
        os.close(descriptor)
