"""Progress on long work: a moving line on a terminal, plain lines where the output goes elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console


class Steps:
    """Says each step when it begins, and how long it took when it is done. Standard error, so that a script reads
    nothing but the answer from standard output."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)

    def say(self, sentence: str) -> None:
        """One line, wrapped by the terminal alone."""
        self._console.print(sentence, markup=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """`name` is what is being done, as a noun: "Database"."""
        began = time.monotonic()
        moving = self._console.is_terminal
        if not moving:
            self.say(f"{name} ...")
        with self._console.status(f"{name} ...") if moving else nullcontext():
            yield
        self.say(f"{name}: done in {time.monotonic() - began:.1f} s")
