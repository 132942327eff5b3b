"""Finding a name by parts of it."""

import pytest

from telehealth.appointments import names
from telehealth.errors import Invalid


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Rosa Example-Lindqvist", "rosa"),
        ("Rosa Example-Lindqvist", "LINDQ"),
        ("Rosa Example-Lindqvist", "qvist ros"),
        ("Zoë Müller", "zoe muller"),
        ("Zoe Muller", "Zoë MÜLLER"),
        ("Łukasz Øst", "lukasz ost"),
        ("Groß", "gross"),
        ("\u0645\u06cc\u200c\u0622", "\u0645\u06cc\u0622"),
        ("Ay\u0131\u015f\u0131k", "AYISIK"),
    ],
)
def test_case_and_accents_do_not_matter(name: str, typed: str) -> None:
    assert names.has_all(name, names.parts_from(typed))


def test_every_part_must_stand_in_the_name() -> None:
    assert not names.has_all("Rosa Example", names.parts_from("rosa mika"))
    assert not names.has_all("Rosa Example", names.parts_from("rosaexample"))


@pytest.mark.parametrize("typed", ["", " ", "r", " r ", "-.", "r-"])
def test_two_letters_are_needed(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        names.parts_from(typed)
    assert refusal.value.code == "search_too_short"
    assert "name" in refusal.value.fields


def test_a_name_has_its_limit() -> None:
    with pytest.raises(Invalid) as refusal:
        names.parts_from("r" * 81)
    assert refusal.value.code == "search_too_long"
