"""The identity provider's mails: over TLS with a good certificate or not at all, and neutral on the outside."""

import logging
from pathlib import Path

import pytest

from telehealth.identity.building import confirm_addresses
from telehealth.identity.letters import Letters
from telehealth.identity.settings import IdentitySettings
from telehealth.mail_server import MailServer
from tests import smtp
from tests.smtp import LOOPBACK, PASSWORD, USER, Mailbox
from tests.unit.identity.test_settings import GOOD

PRACTICE = "Linden Sex Therapy"
RECIPIENT = "rosa@mail.example"


def letters_to(box: Mailbox, ca_file: Path | None) -> Letters:
    server = MailServer(
        LOOPBACK, box.port, USER, PASSWORD, ca_file=ca_file, sender_address="office@clinic.example"
    )
    return Letters(server, PRACTICE)


def send(letters: Letters) -> bool:
    """As Canaille's `send_registration_mail` does."""
    words = f"Continue at {PRACTICE}: https://login.clinic.example/register/1"
    return letters.send(
        subject=f"Continue your registration on {PRACTICE}", recipient=RECIPIENT, text=words, html="<p>"
    ).result(20)


def test_a_mail_arrives_over_tls_and_does_not_say_what_for(tmp_path: Path) -> None:
    with smtp.running(tmp_path) as box:
        assert send(letters_to(box, box.ca_file))
    (arrived,) = box.mails
    assert (box.encrypted, box.logins) == ([True], [USER.encode()])
    assert arrived["From"] == "Appointments <office@clinic.example>"
    assert "https://login.clinic.example/register/1" in arrived.get_content()
    assert PRACTICE not in arrived.as_string()


@pytest.mark.parametrize("flaw", ["another name", "unknown authority", "no STARTTLS"])
def test_a_server_that_cannot_prove_who_it_is_is_given_nothing(
    tmp_path: Path, flaw: str, caplog: pytest.LogCaptureFixture
) -> None:
    name = "mail.example" if flaw == "another name" else LOOPBACK
    with (
        smtp.running(tmp_path, name=name, starttls=flaw != "no STARTTLS") as box,
        caplog.at_level(logging.DEBUG),
    ):
        assert not send(letters_to(box, None if flaw == "unknown authority" else box.ca_file))
    assert (box.mails, box.logins) == ([], [])
    assert "did not go" in caplog.text
    assert RECIPIENT not in caplog.text


def test_what_a_server_says_of_somebody_is_not_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with smtp.running(tmp_path) as box:
        box.answer = f"554 {RECIPIENT} does not live here"
        assert not send(letters_to(box, box.ca_file))
    assert "SMTPDataError 554" in caplog.text
    assert RECIPIENT not in caplog.text


def test_canaille_writes_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from canaille.core import mails
    from canaille.core.endpoints import account
    from canaille.oidc import provider

    monkeypatch.setattr(mails, "send_email", mails.send_email)
    monkeypatch.setattr(account, "flash", account.flash)
    monkeypatch.setattr(provider, "generate_user_claims", provider.generate_user_claims)
    mail = {"SMTP_HOST": "mail.example", "MAIL_FROM": "Appointments <office@clinic.example>"}
    confirm_addresses(IdentitySettings.from_environment(GOOD | mail))
    assert isinstance(mails.send_email, Letters)
