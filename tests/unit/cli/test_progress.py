"""Progress: plain lines where nobody looks, and the three lines that tell how to try it."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from telehealth.cli.demo import how_to_meet
from telehealth.cli.progress import Steps
from telehealth.demo.bookings import Soon
from telehealth.demo.folder import open_folder


def test_a_step_is_said_when_it_begins_and_when_it_is_done() -> None:
    out = io.StringIO()
    with Steps(Console(file=out)).step("Database"):
        assert out.getvalue() == "Database ...\n"
    assert out.getvalue().splitlines()[1].startswith("Database: done in 0.")


def test_a_step_that_fails_is_not_called_done() -> None:
    out = io.StringIO()
    with pytest.raises(OSError, match="full"), Steps(Console(file=out)).step("Database"):
        raise OSError("full")
    assert "done" not in out.getvalue()


def test_lines_are_not_broken_for_a_reader_that_is_no_terminal() -> None:
    out = io.StringIO()
    Steps(Console(file=out, width=40)).say("a word " * 30)
    assert out.getvalue().count("\n") == 1


def test_how_to_meet_names_both_people(tmp_path: Path) -> None:
    folder = open_folder(tmp_path)
    soon = Soon("first_client", "jonas", datetime(2026, 11, 23, 8, 5, tzinfo=UTC))
    lines = how_to_meet(folder, "http://localhost:9000", soon)
    assert len(lines) == 3
    assert "sign in as heron" in lines[0]
    assert "sign in as jonas" in lines[1]
    assert len(how_to_meet(folder, "http://localhost:9000", None)) == 1


def test_a_count_is_said_at_every_tenth_and_at_the_end() -> None:
    out = io.StringIO()
    with Steps(Console(file=out)).count("Wrapping") as tell:
        for done in range(41):
            tell(done, 40)
    lines = out.getvalue().splitlines()
    assert lines[0] == "Wrapping: 0 of 40"
    assert lines[1] == "Wrapping: 4 of 40"
    assert lines[-1] == "Wrapping: 40 of 40"
    assert len(lines) == 11


def test_a_count_of_nothing_is_said_once() -> None:
    out = io.StringIO()
    with Steps(Console(file=out)).count("Wrapping") as tell:
        tell(0, 0)
        tell(0, 0)
    assert out.getvalue() == "Wrapping: 0 of 0\n"


def test_a_count_on_a_terminal_is_a_bar() -> None:
    out = io.StringIO()
    with Steps(Console(file=out, force_terminal=True, width=100)).count("Wrapping") as tell:
        tell(3, 40)
    assert "Wrapping" in out.getvalue()
    assert "3/40" in out.getvalue()
