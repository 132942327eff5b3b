"""Whom a name may mean when it was typed in a hurry."""

import pytest

from telehealth.emergency.names import SHOWN_AT_MOST, nearest

PEOPLE = {
    b"rosa": "Rosa Example-Lindqvist",
    b"mika": "Mika Example",
    b"zoe": "Zoë Müller",
    b"first": "Jonathan",
    b"jo": "Jo",
    b"oksana": "Оксана Шевченко",
}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Rosa Example-Lindqvist", [b"rosa"]),
        ("rosa", [b"rosa"]),
        ("LINDQVIST", [b"rosa"]),
        ("Lindqvist, Rosa", [b"rosa"]),
        ("Rosa Linqvist", [b"rosa"]),  # one letter missing
        ("Rosa Lindquist", [b"rosa"]),  # one letter wrong
        ("Lindqvits", [b"rosa"]),  # two neighbours exchanged
        ("Lindqvistt", [b"rosa"]),  # one too many
        ("Rosa Svensson", [b"rosa"]),  # one of the two words is enough when nobody has both
        ("Zoe Muller", [b"zoe"]),
        ("Jon Smith", [b"first"]),  # the beginning of a name
        ("Jonathan Smith", [b"first"]),  # who gave a first name only
        ("Jo", [b"jo"]),
        ("Оксана", [b"oksana"]),
        ("Example", [b"mika", b"rosa"]),  # a couple: the second person has to choose
        ("Mika Example", [b"mika"]),
        ("Lindxxist", []),  # two slips are another name
        ("Roza", []),  # one slip in a short one, too
        ("Ex", []),  # two letters begin too many names
        ("Nobody", []),
        ("...", []),
    ],
)
def test_who_comes_nearest(typed: str, found: list[bytes]) -> None:
    assert nearest(typed, PEOPLE) == found


def test_a_word_counts_once() -> None:
    people = {b"a": "Anna Berg", b"b": "Anna Anna"}
    assert nearest("Anna Anna", people) == [b"b"]


def test_only_a_few_are_shown_in_order_of_name() -> None:
    people = {bytes([at]): f"Kim {chr(122 - at)}" for at in range(20)}
    found = nearest("Kim", people)
    assert len(found) == SHOWN_AT_MOST
    assert [people[id_] for id_ in found] == sorted(people.values())[:SHOWN_AT_MOST]
    assert nearest("Kim", {}) == []
