"""A row says what was measured, and whether that is as good as it was meant to be."""

import pytest

from bench.row import Row, line, shown


def row(goal: float | None = None, limit: float | None = None) -> Row:
    return Row(
        what="seal", beside="bare", unit="ms", ours=[2, 9, 3], theirs=[1, 2, 1.5], goal=goal, limit=limit
    )


def test_a_row_is_the_ratio_of_medians() -> None:
    assert row().ratio == 2
    assert line("sealing", row(goal=3)) == (
        "| `sealing` | seal | bare | 3 | 3.00 ms (2.00 to 9.00) | 1.50 ms (1.00 to 2.00) | 2.00 | at most 3: met |"
    )


@pytest.mark.parametrize(
    ("goal", "limit", "said"),
    [
        (None, None, "none"),
        (2.0, None, "at most 2: met"),
        (1.9, None, "at most 1.9: **missed**"),
        (None, 3.0, "at most 3.00 ms: met"),
        (None, 2.9, "at most 2.90 ms: **missed**"),
        (1.9, 3.0, "at most 1.9, at most 3.00 ms: **missed**"),
        (2.0, 2.9, "at most 2, at most 2.90 ms: **missed**"),
    ],
)
def test_a_missed_goal_or_limit_is_marked(goal: float | None, limit: float | None, said: str) -> None:
    assert line("sealing", row(goal, limit)).endswith(f"| {said} |")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0.00"),
        (0.01234, "0.0123"),
        (1.234, "1.23"),
        (12.34, "12.3"),
        (316.2, "316"),
        (123456.7, "123,457"),
    ],
)
def test_figures_have_three_digits_that_say_something(value: float, said: str) -> None:
    assert shown(value) == said
