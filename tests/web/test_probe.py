"""Tickets for probes: for who knows the secret, and to a room that is nobody's."""

import base64
from dataclasses import replace

from telehealth.rooms.admission import RoomAdmission
from telehealth.rooms.trying import TryingAdmission
from tests.web.conftest import Site

SECRET = "throw-away-secret-of-the-tests-probe"
PATH = "/probe/tickets"


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


async def test_two_tickets_lead_a_host_and_a_guest_into_one_room_of_their_own(site: Site) -> None:
    knowing = Site(site.office, site.clock, replace(site.settings, probe_secret=SECRET))
    browser = await knowing.browser()
    answer = await browser.client.post(PATH, headers=bearer(SECRET))
    assert answer.status_code == 201
    admission = TryingAdmission(RoomAdmission(site.office, ice_policy="relay"))
    host, guest = [
        await admission.redeem(base64.urlsafe_b64decode(each + "=")) for each in answer.json()["tickets"]
    ]
    assert host is not None
    assert guest is not None
    assert (host.kind, host.host, guest.host, guest.admitted) == ("probe", True, False, True)
    assert host.room == guest.room
    assert host.seat != guest.seat
    assert host.ice_policy == "relay"
    assert await admission.may_stay(guest)
    # Whatever a host may do is done to nobody: there is no row for it.
    assert not await admission.admit(host, guest.seat, "")
    assert not await admission.remove(host, guest.seat)
    assert not await admission.send_back(host, guest.seat)
    assert await admission.part(host, {}) == 0
    await admission.lock(host, True)
    await admission.present(guest, True)
    await admission.end(host)
    site.clock.advance(minutes=4)
    assert not await admission.may_stay(guest)
    await browser.close()


async def test_without_the_secret_there_is_nothing(site: Site) -> None:
    knowing = Site(site.office, site.clock, replace(site.settings, probe_secret=SECRET))
    for where, sent in ((knowing, "x" * 40), (knowing, ""), (site, ""), (site, SECRET)):
        browser = await where.browser()
        answer = await browser.client.post(PATH, headers=bearer(sent))
        assert answer.status_code == 404
        await browser.close()
