"""Zone names from outside, and the version of the data behind them."""

import re

import pytest

from telehealth.availability.zones import zone_named, zone_version
from telehealth.errors import Invalid


def test_an_iana_name_is_a_zone() -> None:
    assert zone_named("Asia/Kathmandu").key == "Asia/Kathmandu"


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe", "a\0b"])
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        zone_named(name)
    assert refused.value.code == "unknown_zone"


def test_the_version_names_a_release_of_the_zone_data() -> None:
    assert re.fullmatch(r"20\d\d[a-z]", zone_version())
