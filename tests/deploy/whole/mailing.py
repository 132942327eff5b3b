"""Mail of a running deployment, through a server with STARTTLS whose certificate a private authority signed."""

import asyncio
import re
import tempfile
import time
from email.message import EmailMessage
from ipaddress import ip_network
from pathlib import Path

from playwright.async_api import Browser, expect

from tests import smtp
from tests.deploy.whole.browsing import URL, somebody
from tests.deploy.whole.doctor import verdicts
from tests.deploy.whole.stack import LOGIN, Stack, run
from tests.deploy.whole.steps import Scene
from tests.tls import certificate

MAIL = "mail.test"
AUTHORITY = "/var/lib/telehealth/authority/mail.pem"
PASSWORD_FILE = "mail-password"
NEW, NEW_PASSWORD = "wren@mail.example", "a-long-throw-away-password-1"
AT_MOST_SECONDS = 120.0  # the computer may have much else to do
PRACTICE = "Linden's Practice"


def gateway() -> str:
    """This computer as containers reach it, and nobody outside: the first address of Docker's own network."""
    found = run("docker", "network", "inspect", "bridge", "-f", "{{(index .IPAM.Config 0).Subnet}}")
    return str(ip_network(found.strip())[1])


def flags(box: smtp.Mailbox, folder: Path) -> dict[str, str | None]:
    """What `init` is told of the server; the password lies in the folder that it sees."""
    folder.mkdir(parents=True)
    (folder / PASSWORD_FILE).write_text(smtp.PASSWORD)
    return {
        "--smtp-host": MAIL,
        "--smtp-port": str(box.port),
        "--smtp-user": smtp.USER,
        "--smtp-password-file": f"/clinic/{PASSWORD_FILE}",
        "--mail-from": "Appointments <office@clinic.test>",
    }


def trust(stack: Stack, box: smtp.Mailbox) -> None:
    """As docs/mail.md says, before the first start."""
    stack.compose("up", "-d", "--wait", "certificates")
    stack.compose("cp", str(box.ca_file), f"certificates:{AUTHORITY}")
    stack.set(SMTP_CA_FILE=AUTHORITY)


async def mail_leaves(scene: Scene, box: smtp.Mailbox) -> None:
    """A booking's mail; a visitor's address confirmed and a forgotten password replaced by mail; and nothing to a
    server with another certificate."""
    figures = scene.figures
    booked = await _arrived(box, "client@clinic.test", "appointment")
    assert booked["From"] == "Appointments <office@clinic.test>"
    figures.add("the mail of a booking", "arrived, under TLS and with our password", "arrives")
    await _register(scene, box)
    figures.add("a visitor's address confirmed by Canaille's mail", "signed in with it", "signs in")
    await _forget(scene, box)
    figures.add("a password replaced by Canaille's mail", "signed in with it", "signs in")
    assert all(box.encrypted)
    assert not [mail["Subject"] for mail in box.mails if PRACTICE in mail.as_string()]
    await _mistrust(scene, box)
    figures.add(
        "a mail server with another certificate", "the doctor says so, and nothing is sent", "nothing"
    )
    logs = await asyncio.to_thread(scene.stack.logs)
    assert NEW not in logs, [line for line in logs.splitlines() if NEW in line]
    figures.add("the new address in the containers' logs", "not there", "not there")


async def _register(scene: Scene, box: smtp.Mailbox) -> None:
    async with somebody(_browser(scene)) as visitor:
        page = visitor.page
        await page.goto(f"{URL}/auth/sign-in")
        await page.get_by_role("button", name="I am new here").click()
        await page.locator("input[name=email]").fill(NEW)
        await page.locator("input[name=email]").press("Enter")
        await page.goto(_link(await _arrived(box, NEW, "registration")))
        await page.locator("input[name=user_name]").fill("wren")
        for field in ("password1", "password2"):
            await page.locator(f"input[name={field}]").fill(NEW_PASSWORD)
        await page.locator("[name=action][value=create-profile]").click()
        await expect(page.locator("body")).not_to_contain_text("Create an account")
        scene.accounts["wren"] = {"user_name": "wren", "password": NEW_PASSWORD}
    await _signs_in(scene)


async def _forget(scene: Scene, box: smtp.Mailbox) -> None:
    async with somebody(_browser(scene)) as visitor:
        page = visitor.page
        await page.goto(f"https://{LOGIN}/reset")
        await page.locator("input[name=login]").fill("wren")
        await page.locator("input[name=login]").press("Enter")
        await page.goto(_link(await _arrived(box, NEW, "reset")))
        fields = page.locator("input[type=password]")
        for at in range(await fields.count()):
            await fields.nth(at).fill(NEW_PASSWORD[::-1])
        await fields.last.press("Enter")
        await page.wait_for_load_state()
        scene.accounts["wren"]["password"] = NEW_PASSWORD[::-1]
    await _signs_in(scene)


async def _signs_in(scene: Scene) -> None:
    async with somebody(_browser(scene)) as visitor:
        await visitor.sign_in(scene.accounts["wren"])


async def _mistrust(scene: Scene, box: smtp.Mailbox) -> None:
    """The same name, and a certificate that somebody else signed."""
    assert box.tls is not None
    before, other = len(box.mails), Path(tempfile.mkdtemp())
    certificate(other, MAIL)
    box.tls.load_cert_chain(other / "server.pem")
    found = await asyncio.to_thread(verdicts, scene.stack)
    assert found["mail"][0] == "wrong", found["mail"]
    async with somebody(_browser(scene)) as visitor:
        await visitor.page.goto(f"https://{LOGIN}/reset")
        await visitor.page.locator("input[name=login]").fill("wren")
        await visitor.page.locator("input[name=login]").press("Enter")
        await visitor.page.wait_for_load_state()
    await _said(scene, "identity", "did not go: SSLCertVerificationError")
    assert len(box.mails) == before


async def _said(scene: Scene, service: str, words: str) -> None:
    began = time.monotonic()
    while words not in await asyncio.to_thread(scene.stack.compose, "logs", "--no-color", service):
        assert time.monotonic() - began < AT_MOST_SECONDS, words
        await asyncio.sleep(1)


async def _arrived(box: smtp.Mailbox, to: str, about: str) -> EmailMessage:
    """The first mail to that address with that word in its subject."""
    began = time.monotonic()
    while time.monotonic() - began < AT_MOST_SECONDS:
        for mail in box.mails:
            if to in mail["To"] and about in mail["Subject"].lower():
                return mail
        await asyncio.sleep(0.2)
    raise AssertionError([(mail["To"], mail["Subject"]) for mail in box.mails])


def _link(mail: EmailMessage) -> str:
    """The first address in it."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"https://\S+", body.get_content())
    assert found is not None
    return found[0]


def _browser(scene: Scene) -> Browser:
    browser = scene.client.page.context.browser
    assert browser is not None
    return browser
