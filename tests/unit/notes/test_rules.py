"""What a window may write over, and what no window of ours sends."""

import pytest

from telehealth.errors import Invalid
from telehealth.notes.rules import MAX_WORDS, Kept, Typed, meet, typed_from

ONE, OTHER = b"one-window......", b"another-window.."
FORM = {"words": " said\r\nmore ", "number": "3", "writer": ONE.hex(), "turn": "12"}


def test_a_form_is_read_with_its_lines_and_without_the_white_space_around_it() -> None:
    assert typed_from(FORM) == Typed("said\nmore", 3, ONE, 12)
    assert typed_from({**FORM, "words": "é" * MAX_WORDS}).words == "é" * MAX_WORDS
    assert typed_from({each: FORM[each] for each in ("number", "writer", "turn")}).words == ""


def test_too_much_is_refused_with_how_much_it_is() -> None:
    with pytest.raises(Invalid, match=r"10,000 characters; it has 10,001") as refused:
        typed_from({**FORM, "words": "é" * (MAX_WORDS + 1)})
    assert (refused.value.code, list(refused.value.fields)) == ("note_too_long", ["words"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": ""},
        {"number": "-1"},
        {"number": "²"},
        {"turn": "1" * 11},
        {"writer": "ab"},
        {"writer": "G" * 32},
    ],
    ids=str,
)
def test_what_no_window_of_ours_sends_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        typed_from(FORM | wrong)
    assert refused.value.code == "malformed_note"


def test_the_same_words_are_nothing_to_write_whoever_sends_them() -> None:
    kept = Kept("a", 4, ONE, 2)
    assert meet(kept, Typed("a", 1, OTHER, 1)) == "same"
    assert meet(kept, Typed("a", 4, ONE, 1)) == "same"
    assert meet(Kept(), Typed("", 7, ONE, 1)) == "same"


def test_a_window_goes_on_from_what_it_wrote_itself_though_it_never_heard_so() -> None:
    kept = Kept("a", 4, ONE, 2)
    assert meet(kept, Typed("ab", 3, ONE, 3)) == "newer"
    assert meet(kept, Typed("", 3, ONE, 2)) == "older"
    assert meet(kept, Typed("", 4, ONE, 1)) == "older"


def test_another_window_writes_only_over_what_it_knows() -> None:
    kept = Kept("a", 4, ONE, 2)
    assert meet(kept, Typed("b", 4, OTHER, 1)) == "newer"
    for number in (0, 3, 5):
        assert meet(kept, Typed("b", number, OTHER, 9)) == "apart"
    assert meet(Kept(), Typed("b", 0, OTHER, 1)) == "newer"
    assert meet(Kept(), Typed("b", 2, OTHER, 1)) == "apart"
