"""The identity provider by mail, in its own pages: nobody learns from them whether an address has an account here."""

import json
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from canaille.backends import Backend
from canaille.core import mails
from canaille.core.endpoints import account
from canaille.oidc import provider
from joserfc.jwk import RSAKey

from telehealth.backups import accounts
from telehealth.identity import canaille
from telehealth.identity.building import build
from telehealth.identity.settings import IdentitySettings
from tests import smtp
from tests.smtp import Mailbox
from tests.unit.identity.test_settings import GOOD

# Canaille in this process: parts of it warn of what Python will not have any more.
pytestmark = pytest.mark.filterwarnings("ignore:'crypt' is deprecated:DeprecationWarning")

URL = "https://login.example"
KNOWN, UNKNOWN = "known@mail.example", "other@mail.example"
SECONDS = 20.0


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    with smtp.running(tmp_path) as box:
        yield box


@pytest.fixture
def pages(box: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Its pages, with one account."""
    for where, name in (
        (mails, "send_email"),
        (account, "flash"),
        (provider, "generate_user_claims"),
    ):
        monkeypatch.setattr(where, name, getattr(where, name))  # put back afterwards
    key = RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True)
    told = {
        "IDENTITY_DATABASE": str(tmp_path / "identity.db"),
        "IDENTITY_KEY": json.dumps(key),
        "SMTP_HOST": smtp.LOOPBACK,
        "SMTP_PORT": str(box.port),
        "SMTP_CA_FILE": str(box.ca_file),
        "SMTP_USER": smtp.USER,
        "SMTP_PASSWORD": smtp.PASSWORD,
        "MAIL_FROM": "Appointments <office@clinic.example>",
    }
    app = build(IdentitySettings.from_environment(GOOD | told))
    with app.app_context(), Backend.instance.session():
        canaille.keep_user(
            Backend.instance, subject="0" * 32, user_name="known", email=KNOWN, password="long-enough-1"
        )
    return app.test_client()


def asked(pages: Any, path: str, field: str, value: str) -> tuple[int, str]:
    """Status and page that somebody gets who types that, without what differs each time."""
    page = pages.get(path, base_url=URL).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    said = {"csrf_token": token[1], field: value}
    answer = pages.post(path, data=said, base_url=URL, headers={"Referer": URL})
    bare = re.sub(r'(name="csrf_token"[^>]*value=)"[^"]+"', r"\1", unescape(answer.text))
    return answer.status_code, bare.replace(value, "typed")


@pytest.mark.parametrize(("path", "field"), [("/join", "email"), ("/reset", "login")])
def test_an_address_is_answered_the_same_whether_it_has_an_account_or_not(
    pages: Any, box: Mailbox, path: str, field: str
) -> None:
    known = asked(pages, path, field, KNOWN)
    assert known == asked(pages, path, field, UNKNOWN)
    assert known[0] == 200
    ends = time.monotonic() + SECONDS
    while not box.mails:
        assert time.monotonic() < ends
        time.sleep(0.05)
    (mail,) = box.mails
    assert mail["To"] == (UNKNOWN if path == "/join" else KNOWN)
    link = re.search(rf"{URL}(/\S+)", mail.get_content())
    assert link is not None
    assert pages.get(link[1], base_url=URL).status_code == 200


def test_an_account_that_is_removed_stands_in_no_byte_of_the_file(pages: Any, tmp_path: Path) -> None:
    file = tmp_path / "identity.db"
    assert (accounts.count_in(accounts.content_of(file)), KNOWN.encode() in file.read_bytes()) == (1, True)
    with pages.application.app_context(), Backend.instance.session():
        assert canaille.remove_user(Backend.instance, "known")
        assert not canaille.remove_user(Backend.instance, "known")
    canaille.rewrite(file)
    assert (accounts.count_in(accounts.content_of(file)), KNOWN.encode() in file.read_bytes()) == (0, False)
