"""What a practice answers, and what is made for it, in tests."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from joserfc.jwk import RSAKey

from telehealth.deployment.answers import Answers
from telehealth.deployment.files import Made, files_of

ANSWERS = Answers(
    clinic_host="clinic.example",
    clinic_name="Linden's Practice",
    clinic_zone="Europe/Berlin",
    leave_url="https://weather.example/",
    tls="office@clinic.example",
    administrator="office@clinic.example",
    identity_host="login.clinic.example",
    relay_host="relay.clinic.example",
    relay_address="198.51.100.7/10.0.0.7",
    smtp_host="mail.clinic.example",
    smtp_user="telehealth",
    smtp_password="pass word's $HOME",
    mail_from="Appointments <office@clinic.example>",
)
OWN_PROVIDER = (
    '[{"id": "own", "name": "Own", "issuer": "https://login.example", "client_id": "telehealth",'
    ' "client_secret": "0123456789abcdef"}]'
)
MADE = Made(
    client_secret="a-client-secret-of-the-tests",
    first={
        "subject": "00000000-0000-4000-8000-000000000001",
        "user_name": "administrator",
        "email": "office@clinic.example",
        "password": "a password to be changed",
    },
    key=RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True),
)
EVERY_KIND = {
    "whole": ANSWERS,
    "minimal": replace(
        ANSWERS,
        size="minimal",
        relay_host="",
        relay_address="",
        smtp_host="",
        smtp_user="",
        smtp_password="",
        mail_from="",
    ),
    "own provider": replace(ANSWERS, identity_host="", providers=OWN_PROVIDER, tls="internal"),
}


def counting() -> Callable[[int], bytes]:
    """Chance that never says the same twice."""
    drawn = 0

    def draw(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return bytes((drawn * 37 + step * 11) % 256 for step in range(count))

    return draw


def rendered(answers: Answers) -> dict[str, str]:
    """Every file by its path."""
    return {file.path: file.content for file in files_of(answers, MADE, counting())}


def changed(**changes: Any) -> Answers:
    return replace(ANSWERS, **changes)
