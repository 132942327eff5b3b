"""docs/deploy-test.md: what the last run measured."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.rules.tree import ROOT

if TYPE_CHECKING:
    from tests.deploy.whole.steps import Figures

HEAD = """# What a whole deployment does while two people talk

`make test-deploy` makes a deployment from an empty folder, as [clinic-it.md](clinic-it.md) says, and does to it what
goes wrong in a practice, while two real Chromium talk through its relay. It fails where a figure misses what is asked
for. Last measured on {cores} cores, which everything shared: the deployment, both browsers and whatever else ran.

| what | measured | asked for |
|---|---|---|
"""


def write(figures: Figures) -> None:
    rows = "".join(f"| {name} | {value} | {wanted} |\n" for name, value, wanted in figures.rows)
    (ROOT / "docs" / "deploy-test.md").write_text(HEAD.format(cores=os.cpu_count()) + rows)
