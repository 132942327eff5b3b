"""Which addresses are read, and when again."""

from datetime import timedelta

import pytest

from telehealth.calendars import rules
from telehealth.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://calendar.example/secret/basic.ics", "https://calendar.example/secret/basic.ics"),
        ("  webcal://calendar.example/a.ics\n", "https://calendar.example/a.ics"),
        ("WEBCALS://calendar.example:443/a?b=c#part", "https://calendar.example:443/a?b=c"),
        ("https://8.8.8.8/a.ics", "https://8.8.8.8/a.ics"),
    ],
)
def test_an_address_is_taken_as_other_programs_give_it(typed: str, address: str) -> None:
    assert rules.address_from(typed) == address


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "address_needed"),
        ("calendar.example", "address_needed"),
        ("ftp://calendar.example/a", "address_needed"),
        ("file:///etc/passwd", "address_needed"),
        ("https://", "address_needed"),
        ("https://me:secret@calendar.example/a", "address_needed"),
        ("https://kalender.exämple/a", "address_needed"),
        ("https://[::1", "address_needed"),
        ("https://calendar.example:port/a", "address_needed"),
        ("http://calendar.example/a", "address_not_safe"),
        ("https://calendar.example:8443/a", "address_not_public"),
        ("https://localhost/a", "address_not_public"),
        ("https://printer.local/a", "address_not_public"),
        ("https://intranet/a", "address_not_public"),
        ("https://127.0.0.1/a", "address_not_public"),
        ("https://10.1.2.3/a", "address_not_public"),
        ("https://169.254.169.254/latest", "address_not_public"),
        ("https://[::ffff:127.0.0.1]/a", "address_not_public"),
        ("https://calendar.example/" + "a" * 2_000, "address_too_long"),
    ],
)
def test_any_other_address_is_refused_beside_its_field(typed: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.address_from(typed)
    assert refused.value.code == code
    assert refused.value.fields == {"address": refused.value.sentence}


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
    ],
)
def test_no_special_address_is_public(address: str) -> None:
    assert not rules.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::0101:0101"])
def test_an_address_of_the_open_internet_is(address: str) -> None:
    assert rules.is_public(address)


def test_who_fails_is_asked_less_and_less_often() -> None:
    pauses = [rules.pause(failures) for failures in (0, 1, 4, 50)]
    assert pauses == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=4), timedelta(hours=6)]


def test_every_failure_has_words_and_an_unknown_one_too() -> None:
    assert all(rules.in_words(code).endswith(".") for code in [*rules.FAILURES, "of_a_newer_release"])
