"""Whom the settings name as the first administrator."""

import pytest

from telehealth.people import groups
from telehealth.providers import FirstAdministrator

ISSUER = "https://login.example"
BY_SUBJECT = FirstAdministrator(ISSUER, subject="5e3f")
BY_ADDRESS = FirstAdministrator(ISSUER, email="Ada@Clinic.example")


@pytest.mark.parametrize(
    ("named", "account", "is_first"),
    [
        (None, (ISSUER, "5e3f", None), False),
        (BY_SUBJECT, (ISSUER, "5e3f", None), True),
        (BY_SUBJECT, (ISSUER, "6f40", None), False),
        (BY_SUBJECT, ("https://elsewhere.example", "5e3f", None), False),
        (BY_ADDRESS, (ISSUER, "6f40", "ada@clinic.EXAMPLE"), True),
        (BY_ADDRESS, (ISSUER, "6f40", None), False),  # not verified
        (BY_ADDRESS, (ISSUER, "", "bea@clinic.example"), False),
        (BY_ADDRESS, (ISSUER, "6f40", "\uff41da@clinic.example"), False),  # a wide letter: another mailbox
        (BY_ADDRESS, ("https://elsewhere.example", "6f40", "ada@clinic.example"), False),
    ],
)
def test_an_account_is_the_first_administrators_by_all_that_is_said_of_it(
    named: FirstAdministrator | None, account: tuple[str, str, str | None], is_first: bool
) -> None:
    assert groups.is_first(named, *account) is is_first
