"""Mail is set up whole and safe, or not at all."""

from pathlib import Path

import pytest

from telehealth.mail_server import BadMail, MailServer, mail_from

GOOD = {
    "host": "mail.clinic.example",
    "port": "",
    "user": "office",
    "password": "secret-words",
    "tls": "starttls",
    "ca_file": "",
    "sender": "Appointments <office@clinic.example>",
    "folder": "",
}
NOTHING = dict.fromkeys(GOOD, "") | {"tls": "starttls"}


def test_a_server_is_read_with_its_neutral_sender() -> None:
    read = mail_from(**GOOD, demo=False)
    assert (read.port, read.sender_name, read.sender_address) == (
        587,
        "Appointments",
        "office@clinic.example",
    )
    assert read.sends
    assert "secret-words" not in repr(read)
    assert mail_from(**GOOD | {"tls": "implicit"}, demo=False).port == 465
    assert mail_from(**GOOD | {"port": "2525"}, demo=False).port == 2525


def test_without_a_host_nothing_is_sent() -> None:
    assert mail_from(**NOTHING, demo=False) == MailServer()
    assert not MailServer().sends


def test_a_demo_keeps_its_mails_in_a_folder() -> None:
    read = mail_from(**NOTHING | {"folder": "mails"}, demo=True)
    assert (read.folder, read.host, read.sends) == (Path("mails"), "", True)


@pytest.mark.parametrize(
    ("changes", "demo", "names"),
    [
        ({"folder": "mails"}, False, "MAIL_FOLDER"),
        ({}, True, "DEMO"),
        ({"host": ""}, False, "SMTP_HOST"),
        ({"user": ""}, False, "SMTP_USER"),
        ({"password": ""}, False, "SMTP_PASSWORD"),
        ({"tls": "none"}, False, "SMTP_TLS"),
        ({"tls": ""}, False, "SMTP_TLS"),
        ({"ca_file": "/nowhere"}, False, "SMTP_CA_FILE"),
        ({"port": "0"}, False, "SMTP_PORT"),
        ({"port": "70000"}, False, "SMTP_PORT"),
        ({"port": "smtp"}, False, "SMTP_PORT"),
        ({"sender": ""}, False, "MAIL_FROM"),
        ({"sender": "office@clinic.example"}, False, "MAIL_FROM"),
        ({"sender": "Appointments <office>"}, False, "MAIL_FROM"),
        ({"sender": "A\nBcc: b <office@clinic.example>"}, False, "MAIL_FROM"),
    ],
)
def test_what_is_not_safe_or_not_whole_stops_the_start(
    changes: dict[str, str], demo: bool, names: str
) -> None:
    with pytest.raises(BadMail, match=names):
        mail_from(**GOOD | changes, demo=demo)
