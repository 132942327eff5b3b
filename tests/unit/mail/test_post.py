"""Mail is handed to a real server: over TLS with a good certificate, or not at all."""

from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from telehealth.demo.folder import free_port
from telehealth.mail.letters import Sender, letter
from telehealth.mail.post import NotDelivered, SmtpPost
from tests import smtp
from tests.smtp import LOOPBACK, PASSWORD, USER, Mailbox

SENDER = Sender("Appointments", "office@clinic.example", "https://clinic.example")
NOTICE = bytes(16)


def mail(to: str = "rosa@mail.example") -> EmailMessage:
    return letter(SENDER, to, message_id="a" * 32, about=None, now=datetime(2026, 11, 23, tzinfo=UTC))


def post_to(box: Mailbox, **changes: object) -> SmtpPost:
    """The way to this server."""
    known: dict[str, object] = {"user": USER, "password": PASSWORD, "ca_file": box.ca_file}
    return SmtpPost(LOOPBACK, box.port, "starttls", SENDER.domain, **(known | changes))  # type: ignore[arg-type]


async def test_a_mail_arrives_whole_over_tls(tmp_path: Path) -> None:
    with smtp.running(tmp_path) as box:
        await post_to(box).deliver(NOTICE, mail())
    (arrived,) = box.mails
    assert box.encrypted == [True]
    assert box.logins == [USER.encode()]
    assert arrived["Message-ID"] == f"<{'a' * 32}@clinic.example>"
    assert "https://clinic.example/auth/sign-in" in arrived.get_content()


async def test_tls_may_begin_with_the_first_byte(tmp_path: Path) -> None:
    with smtp.running(tmp_path, implicit=True) as box:
        post = SmtpPost(LOOPBACK, box.port, "implicit", SENDER.domain, ca_file=box.ca_file)
        await post.deliver(NOTICE, mail())
    assert len(box.mails) == 1


@pytest.mark.parametrize("user", [USER, ""])
async def test_a_server_without_starttls_is_given_nothing(tmp_path: Path, user: str) -> None:
    password = PASSWORD if user else ""  # without a password it would take anything
    with smtp.running(tmp_path, starttls=False) as box, pytest.raises(NotDelivered) as refused:
        await post_to(box, user=user, password=password).deliver(NOTICE, mail())
    assert (refused.value.code, refused.value.permanent) == ("not_supported", False)
    assert (box.mails, box.logins) == ([], [])


@pytest.mark.parametrize("flaw", ["another name", "unknown authority"])
async def test_a_server_whose_certificate_is_not_good_is_given_nothing(tmp_path: Path, flaw: str) -> None:
    name = "mail.example" if flaw == "another name" else LOOPBACK
    with smtp.running(tmp_path, name=name) as box:
        changes = {"ca_file": None} if flaw == "unknown authority" else {}
        with pytest.raises(NotDelivered) as refused:
            await post_to(box, **changes).deliver(NOTICE, mail())
    assert (refused.value.code, refused.value.permanent) == ("tls", False)
    assert (box.mails, box.logins) == ([], [])


@pytest.mark.parametrize(
    ("answer", "permanent"), [("550 no such mailbox rosa@mail.example", True), ("451 later", False)]
)
async def test_a_refusal_is_kept_as_its_code_alone(tmp_path: Path, answer: str, permanent: bool) -> None:
    with smtp.running(tmp_path) as box:
        box.answer = answer
        with pytest.raises(NotDelivered) as refused:
            await post_to(box).deliver(NOTICE, mail())
    assert (str(refused.value), refused.value.permanent) == (f"smtp_{answer[:3]}", permanent)
    assert refused.value.__cause__ is None


async def test_a_wrong_password_is_ours_to_mend_and_no_mails_end(tmp_path: Path) -> None:
    with smtp.running(tmp_path) as box, pytest.raises(NotDelivered) as refused:
        await post_to(box, password="another").deliver(NOTICE, mail())
    assert (refused.value.code, refused.value.permanent) == ("smtp_535", False)
    assert box.mails == []


async def test_nobody_there_is_tried_again() -> None:
    post = SmtpPost(LOOPBACK, free_port(), "starttls", SENDER.domain)
    with pytest.raises(NotDelivered) as refused:
        await post.deliver(NOTICE, mail())
    assert (refused.value.code, refused.value.permanent) == ("connection", False)
