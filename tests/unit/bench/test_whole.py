"""All rows in one run: what fails or never ends is said, and the others are measured all the same."""

import sys
from pathlib import Path

import pytest

from bench import whole


def test_a_row_that_fails_or_never_ends_costs_only_itself(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    last = tmp_path / "last"
    scripts = {
        "failing": "import sys; sys.exit(3)",
        "endless": "import time; time.sleep(600)",
        "last": f"import pathlib; pathlib.Path({str(last)!r}).touch()",
    }
    commands = {name: [sys.executable, "-I", "-S", "-c", text] for name, text in scripts.items()}
    assert whole.run(commands, seconds=3, whole=600) == ["failing", "endless"]
    assert last.exists()
    said = capfd.readouterr().err
    assert "failing FAILED: exit code 3" in said
    assert "endless FAILED: not done after 3 s" in said


def test_a_run_ends_when_its_time_is_over(capfd: pytest.CaptureFixture[str]) -> None:
    assert whole.run({"late": [sys.executable, "-c", "1/0"]}, seconds=3, whole=0) == ["late"]
    assert "late FAILED: no time is left" in capfd.readouterr().err
