"""Scenes of the route table for passkeys: a device that was kept before answers what this very browser was asked."""

from typing import Any

from telehealth.person import Person
from tests.authenticator import Authenticator
from tests.people import EVERYBODY, ROSA, STRANGER
from tests.unit.passkeys.scene import Scene as Passkeys
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site
from tests.web.scenes import Sent


async def coming_in(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A passkey proves who somebody is; a visitor turns out to be the stranger."""
    owner = asker or STRANGER
    device, _ = await _kept(site, owner, asker)
    options = await _asked(browser, "/auth/passkey/sign-in/options")
    return Sent(json={"credential": device.prove(options)}, owner=owner, arrives=True)


async def confirming(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A passkey proves that it is still the same person."""
    if asker is None:
        return Sent(json={"credential": {}})
    device, _ = await _kept(site, asker, asker)
    options = await _asked(browser, "/auth/passkey/confirmation/options")
    return Sent(json={"credential": device.prove(options)})


async def adding(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A device makes a new passkey."""
    if asker is None:
        return Sent(json={"credential": {}})
    options = await _asked(browser, "/auth/passkey/new/options")
    return Sent(json={"credential": Authenticator().make(options), "name": "Her phone"})


async def rosas_passkey(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A passkey of Rosa's, another for each who asks."""
    _, passkey_id = await _kept(site, ROSA, asker)
    return Sent(ids={"id": passkey_id.hex()}, form={"name": "Her other phone"}, owner=ROSA)


async def own_passkey(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Who asks has a passkey."""
    await _kept(site, asker or STRANGER, asker)
    return Sent()


async def _kept(site: Site, owner: Person, asker: Person | None) -> tuple[Authenticator, bytes]:
    """A device whose passkey is kept, and the passkey's id; added in a session of its own."""
    number = 0 if asker is None else 1 + EVERYBODY.index(asker)
    device, passkeys = Authenticator(), Passkeys(site.office, opened=100 + number)
    session = await passkeys.session(owner, strong=True)
    made = await passkeys.add(session, device, new=bytes([150 + number]))
    return device, made.id


async def _asked(browser: Browser, path: str) -> Any:
    headers = {"X-CSRF-Token": await browser.token(), "Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    answer = await browser.client.post(path, json={}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()
