"""docs/benchmarks.md: what the last run of each form measured, in a section of its own."""

import os
from collections.abc import Sequence

from bench.page import PAGE, with_deployment
from tests.deploy.whole.figures import Figures


def write(form: str, about: str, figures: Figures, order: Sequence[str]) -> None:
    """In the place of what this form showed before; those of forms that are no more go."""
    page, cores = PAGE.read_text(encoding="utf-8"), os.cpu_count() or 1
    written = with_deployment(page, form, about, figures.rows, order=order, cores=cores)
    PAGE.write_text(written, encoding="utf-8")
