"""Progress on long work: a moving line on a terminal, plain lines where the output goes elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


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

    @contextmanager
    def count(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """A bar to be told (done, total); where the output goes elsewhere a line at every tenth."""
        if self._console.is_terminal:
            with self._bar(name) as tell:
                yield tell
        else:
            yield self._tenths(name)

    @contextmanager
    def _bar(self, name: str) -> Iterator[Callable[[int, int], None]]:
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        with Progress(*columns, console=self._console) as bar:
            task = bar.add_task(name, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def _tenths(self, name: str) -> Callable[[int, int], None]:
        said = -1

        def tell(done: int, total: int) -> None:
            nonlocal said
            tenth = 10 if done >= total else 10 * done // total
            if tenth > said:
                said = tenth
                self.say(f"{name}: {done} of {total}")

        return tell
