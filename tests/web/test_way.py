"""How picture and sound travel in one session, as a therapist chooses it on a page."""

from dataclasses import replace

from tests.people import NADIA
from tests.unit.appointments.scene import TEN, book, place_both
from tests.web.conftest import Site


async def test_the_page_shows_what_holds_keeps_what_is_chosen_and_says_what_is_missing(site: Site) -> None:
    with_relay = Site(site.office, site.clock, replace(site.settings, turn_urls=("turn:127.0.0.1:9",)))
    path = f"/appointments/{(await place_both(site.office, TEN)).hex()}/way"
    nadia = await with_relay.browser(NADIA)
    page = (await nadia.get(path)).text
    assert 'value="relay" checked' in page
    assert ">10:00<" in page  # in Berlin, as on every other page
    assert "do not learn where the other is" in page
    kept = await nadia.post(path, {"ice_policy": "all"})
    assert (kept.status_code, kept.headers["location"]) == (303, f"{path}?done=kept")
    page = (await nadia.get(kept.headers["location"])).text
    assert 'value="all" checked' in page
    assert "It holds for whoever comes in from now on." in page
    nothing = await nadia.post(path)
    assert nothing.status_code == 422
    assert "Please choose one of the two." in nothing.text
    await nadia.close()


async def test_without_a_relay_there_is_nothing_to_choose(site: Site) -> None:
    path = f"/appointments/{(await book(site.office)).id.hex()}/way"
    nadia = await site.browser(NADIA)
    page = (await nadia.get(path)).text
    assert "this service has no relay yet" in page
    assert 'name="ice_policy"' not in page
    refused = await nadia.post(path, {"ice_policy": "relay"})
    assert refused.status_code == 409
    assert "There is no relay" in refused.text
