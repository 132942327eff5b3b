"""The page of figures: one row measured again leaves the others as they are."""

import re

from bench.__main__ import ROWS, main
from bench.page import NOTES, PAGE, lines_of, renewed, with_deployment, with_load
from bench.row import Row, line

ORDER = ("first", "second", "third")


def row(ours: float) -> Row:
    return Row(what="w", beside="b", unit="ms", ours=[ours], theirs=[1], goal=2)


def test_one_row_measured_again_leaves_the_others_as_they_were() -> None:
    page = renewed("", ORDER, {"first": row(1), "third": row(3)}, python="3.11", cores=2)
    again = renewed(page, ORDER, {"third": row(1.5)}, python="3.11", cores=4)
    assert lines_of(again) == {"first": line("first", row(1)), "third": line("third", row(1.5))}
    assert "4 cores" in again
    more = renewed(again, ORDER, {"second": row(2)}, python="3.11", cores=4)
    assert list(lines_of(more)) == list(ORDER)
    assert renewed(more, ORDER, {}, python="3.11", cores=4) == more


def test_how_long_all_rows_took_stays_until_they_are_run_again() -> None:
    page = renewed("", ORDER, {"first": row(1)}, python="3.11", cores=2, minutes=21)
    assert "all of them in 21 minutes." in page
    assert renewed(page, ORDER, {}, python="3.11", cores=2) == page
    assert "in 19 minutes." in renewed(page, ORDER, {}, python="3.11", cores=2, minutes=19)


def test_the_page_is_as_a_run_would_leave_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    measured = re.search(r"Python (\S+) on (\d+) cores", page)
    assert measured is not None
    assert renewed(page, list(ROWS), {}, python=measured[1], cores=int(measured[2])) == page


def test_every_goal_that_is_missed_is_explained() -> None:
    missed = {
        name for name, told in lines_of(PAGE.read_text(encoding="utf-8")).items() if "**missed**" in told
    }
    assert missed <= NOTES.keys()


def test_a_row_that_is_no_longer_measured_is_left_out() -> None:
    page = renewed("", ORDER, {"first": row(1), "third": row(3)}, python="3.11", cores=2)
    assert list(lines_of(renewed(page, ("third",), {}, python="3.11", cores=2))) == ["third"]


def test_an_unknown_row_is_refused_and_nothing_is_written() -> None:
    before = PAGE.read_text(encoding="utf-8")
    assert main(["sealing", "nonsense"]) == 2
    assert PAGE.read_text(encoding="utf-8") == before


def test_the_page_has_the_lines_of_rows_that_there_are() -> None:
    assert lines_of(PAGE.read_text(encoding="utf-8")).keys() <= ROWS.keys()


def test_a_load_is_kept_beside_the_rows_and_takes_its_own_place() -> None:
    page = renewed("", ORDER, {"first": row(1)}, python="3.11", cores=2)
    loaded = with_load(with_load(page, "monday", "Many come.\n\n| a |"), "hour", "They meet.")
    assert lines_of(loaded) == lines_of(page)
    again = with_load(loaded, "hour", "They meet again.")
    assert "They meet.\n" not in again
    assert again.index("### hour\nThey meet again.") < again.index("### monday\nMany come.\n\n| a |")
    assert with_load(again, "hour", "They meet again.") == again
    more = renewed(again, ORDER, {"third": row(3)}, python="3.11", cores=2)
    assert list(lines_of(more)) == ["first", "third"]
    assert more.count("### ") == 2
    assert renewed(more, ORDER, {}, python="3.11", cores=2) == more


def test_what_a_whole_deployment_showed_is_kept_after_the_loads_form_by_form() -> None:
    forms, page = ("full", "second-host"), renewed("", ORDER, {"first": row(1)}, python="3.11", cores=2)

    def shown(page: str, form: str, gap: str) -> str:
        figures = [("a call", gap, "at most 1 s")]
        return with_deployment(page, form, f"The form {form}.", figures, order=forms, cores=2)

    deployed = shown(shown(page, "second-host", "0.3 s"), "full", "0.1 s")
    loaded = with_load(deployed, "hour", "They meet.")
    assert loaded.index("They meet.") < loaded.index("| a call | 0.1 s | at most 1 s |")
    assert loaded.index("### full\nThe form full.") < loaded.index("### second-host\nThe form second-host.")
    assert renewed(loaded, ORDER, {}, python="3.11", cores=2) == loaded
    again = shown(loaded, "full", "0.2 s")
    assert "0.1 s" not in again
    assert "0.3 s" in again
    assert again.count("## A whole deployment\n") == 1
    assert with_load(again, "hour", "They meet.") == again
