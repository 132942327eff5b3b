"""docs/benchmarks.md: what the last run measured, in a section of its own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bench.page import PAGE, with_deployment

if TYPE_CHECKING:
    from tests.deploy.whole.steps import Figures


def write(figures: Figures) -> None:
    page = with_deployment(PAGE.read_text(), figures.rows, cores=os.cpu_count() or 1)
    PAGE.write_text(page)
