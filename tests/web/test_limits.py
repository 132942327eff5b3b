"""Too often is refused: by address before sign-in, by person after it; and what is counted says nothing of anybody."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from telehealth.audit.office import Office
from tests.clock import FakeClock
from tests.people import ADMIN, DESK, MIKA, ROSA, Clinic
from tests.valkey import Valkey, running_valkey
from tests.web.booking import booked
from tests.web.browser import ORIGIN, Browser
from tests.web.conftest import Site, settings_for


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with running_valkey() as running:
        yield running


@pytest.fixture
async def replicas(
    office: Office, clinic: Clinic, clock: FakeClock, tmp_path: Path, server: Valkey
) -> AsyncIterator[tuple[Site, Site]]:
    """Two processes of one clinic that share a Valkey."""
    settings = replace(settings_for(tmp_path), valkey_url=server.url)
    made = Site(office, clock, settings), Site(office, clock, settings)
    await made[0].app.state.limits._buckets._redis.flushall()
    yield made
    for site in made:
        await site.app.state.limits.close()
        for browser in site.browsers:
            await browser.close()


async def sign_ins(browser: Browser, times: int) -> list[int]:
    """The statuses of so many attempts to sign in; 404 says that it was let through to an unknown provider."""
    token = await browser.token()
    return [
        (await browser.post("/auth/sign-in", {"provider": "none"}, token=token)).status_code
        for _ in range(times)
    ]


async def test_sign_in_is_counted_by_address(site: Site) -> None:
    one = await site.browser(address="192.0.2.1")
    codes = await sign_ins(one, 21)
    assert (429 in codes[:20], codes[20]) == (False, 429)
    same_address, another = await site.browser(address="192.0.2.1"), await site.browser(address="192.0.2.2")
    assert await sign_ins(same_address, 1) == [429]
    assert await sign_ins(another, 1) != [429]


async def test_a_household_with_many_addresses_counts_as_one(site: Site) -> None:
    one = await site.browser(address="2001:db8:1:2::1")
    assert 429 not in await sign_ins(one, 20)
    assert await sign_ins(await site.browser(address="2001:db8:1:2:aaaa::9"), 1) == [429]
    assert await sign_ins(await site.browser(address="2001:db8:1:3::1"), 1) != [429]


async def test_the_pause_is_said_in_words_and_in_a_header(site: Site) -> None:
    browser = await site.browser(ROSA)
    await sign_ins(browser, 20)
    answer = await browser.post("/auth/sign-in", {"provider": "none"})
    assert answer.status_code == 429
    assert "too_many" in answer.text
    assert "nothing is lost" in answer.text
    assert answer.headers["retry-after"] == "5"


async def test_tickets_are_counted_by_person(site: Site) -> None:
    browser, path = await booked(site, ROSA)
    sent = {"X-CSRF-Token": await browser.token(), "Origin": ORIGIN, "Accept": "application/json"}
    codes = [(await browser.client.post(f"{path}/tickets", headers=sent)).status_code for _ in range(31)]
    assert set(codes[:30]) == {409}  # the door is not open yet
    assert codes[30] == 429
    other = await site.browser(MIKA)
    sent["X-CSRF-Token"] = await other.token()
    assert (await other.client.post(f"{path}/tickets", headers=sent)).status_code == 404


async def test_booking_is_counted_by_person(site: Site) -> None:
    browser = await site.browser(ROSA)
    token = await browser.token()
    codes = [(await browser.post("/holds", {"choice": "x"}, token=token)).status_code for _ in range(31)]
    assert (codes[29], codes[30]) == (422, 429)


async def test_setting_up_staff_is_counted_by_administrator(site: Site) -> None:
    browser = await site.browser(ADMIN)
    token = await browser.token()
    desk = f"/clinic/people/{DESK.id.hex()}"
    forms = ("/clinic/people", f"{desk}/invitations", "/clinic/passkey-codes", f"{desk}/role")
    codes = [
        (await browser.post(forms[n % 4], {"colleague": DESK.id.hex(), "key": "x"}, token=token)).status_code
        for n in range(31)
    ]
    assert (codes[29], codes[30]) == (422, 429)  # the keys are too short, so nothing is done


async def test_two_replicas_count_together(replicas: tuple[Site, Site]) -> None:
    one, other = [await site.browser(address="192.0.2.1") for site in replicas]
    assert 429 not in [*await sign_ins(one, 10), *await sign_ins(other, 10)]
    assert await sign_ins(one, 1) == await sign_ins(other, 1) == [429]


async def test_sign_in_goes_on_while_valkey_is_away(replicas: tuple[Site, Site], server: Valkey) -> None:
    browser = await replicas[0].browser(address="192.0.2.1")
    assert 429 not in await sign_ins(browser, 2)
    server.stop()
    try:
        codes = await sign_ins(browser, 21)
        assert (429 in codes[:20], codes[20]) == (False, 429)
    finally:
        server.start()


async def test_what_is_counted_names_nobody(replicas: tuple[Site, Site], server: Valkey) -> None:
    await sign_ins(await replicas[0].browser(address="192.0.2.1"), 1)
    await booked(replicas[0], ROSA)
    keys = server.keys()
    assert len(keys) == 2
    assert all(key.startswith(b"limit:") and len(key) == len(b"limit:") + 64 for key in keys)
    everything = server.save()
    for planted in (b"192.0.2.1", ROSA.id, ROSA.id.hex().encode(), ROSA.session, b"sign_in", b"booking"):
        assert planted not in everything
        assert planted.hex().encode() not in everything
