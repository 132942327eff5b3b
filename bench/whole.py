"""All rows in one run: each in a process of its own, so that one that fails or never ends costs only itself."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence

GOODBYE_SECONDS = 30  # for a row to stop what it has started


def run(commands: Mapping[str, Sequence[str]], *, seconds: float, whole: float) -> list[str]:
    """The names of those that failed, each said as well. Each has so many `seconds`, and all of them `whole`."""
    end, failed = time.monotonic() + whole, []
    for name, command in commands.items():
        wrong = _run(command, min(seconds, end - time.monotonic()))
        if wrong:
            print(f"{name} FAILED: {wrong}", file=sys.stderr, flush=True)
            failed.append(name)
    return failed


def _run(command: Sequence[str], seconds: float) -> str:
    """What went wrong, or nothing."""
    if seconds <= 0:
        return "no time is left"
    process = subprocess.Popen(command)
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return f"not done after {seconds:.0f} s"
    finally:
        _stop(process)
    return f"exit code {code}" if code else ""


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)  # it stops its servers and browsers first
        try:
            process.wait(GOODBYE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
