"""What must be so before a route is asked, and what is sent to it: one scene for each kind of thing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import update

from telehealth.appointments import changes
from telehealth.appointments import store as appointment_store
from telehealth.appointments.acts import Appointment
from telehealth.appointments.models import appointments
from telehealth.notes import acts as notes
from telehealth.notes.rules import Typed
from telehealth.person import Person
from telehealth.rooms import acts as rooms
from telehealth.rooms import whereabouts
from tests.people import EVERYBODY, NADIA, ROSA, STRANGER
from tests.unit.appointments.scene import book
from tests.web.booking import choices
from tests.web.booking import held as hold_path
from tests.web.browser import Browser
from tests.web.conftest import Site

NADIAS_MORNINGS: Final = (24, 26, 27)  # of November; she is off on the 25th
SESSIONS_IN_A_MORNING: Final = 4


@dataclass(frozen=True)
class Sent:
    """A request: what stands in the path and the query, the form or the JSON, and whose record it is about.

    `json` is sent as our scripts send it, with the token in a header. `owner` None: the record of who asks; `also`:
    who else is named in a good answer, and has an entry of their own; `about_nobody`: its entries concern nobody's
    record; `about_somebody_new`: somebody whom the request makes known; `arrives`: the request itself tells who it is,
    the owner.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    owner: Person | None = None
    also: tuple[Person, ...] = ()
    about_nobody: bool = False
    about_somebody_new: bool = False
    arrives: bool = False


Scene = Callable[[Site, Browser, Person | None], Awaitable[Sent]]


async def nothing(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A request without anything in it, about who asks."""
    return Sent()


async def provider(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A request at the address of the one provider, which is away."""
    return Sent(ids={"provider": "practice"})


async def invitation(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A code in the address that nobody made."""
    return Sent(ids={"code": "ABCD-EFGH"})


async def script(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """An empty object, as a script sends it."""
    return Sent(json={})


async def zone(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form={"zone": "Europe/Lisbon"})


async def new_name(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form={"name": "Another Name"})


async def typed_word(site: Site, browser: Browser, asker: Person | None) -> Sent:
    return Sent(form={"word": "erase"})


async def free_time(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A time that is nobody's yet."""
    return Sent(form={"choice": await _choice(browser, asker)}, about_nobody=True)


async def own_hold(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A time held for this very browser."""
    path = await hold_path(browser, await _choice(browser, asker))
    return Sent(ids={"id": path.rsplit("/", 1)[1]}, about_nobody=True)


async def booking(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The form of a free time."""
    choice = await _choice(browser, asker)
    return Sent(form={"hold": "", "choice": choice, "key": "k" * 32, "name": "Any Name"})


async def _choice(browser: Browser, asker: Person | None) -> str:
    """A time for each of them, so that nobody takes another's."""
    return (await choices(browser))[2 * _place_of(asker)]


async def rosas_appointment(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """An appointment of Rosa's with Nadia, another for each who asks."""
    return Sent(ids={"id": (await rosas(site, asker)).id.hex()}, owner=ROSA)


async def cancelling(site: Site, browser: Browser, asker: Person | None) -> Sent:
    made = await rosas(site, asker)
    return Sent(ids={"id": made.id.hex()}, form={"key": "c" * 32}, owner=ROSA)


async def moving(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's appointment, and a time two weeks later."""
    made = await rosas(site, asker)
    form = {"key": "m" * 32, "start": (made.starts_at + timedelta(weeks=2)).isoformat()}
    return Sent(ids={"id": made.id.hex()}, form=form, owner=ROSA)


async def rosas_request(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """What Rosa asked of Nadia, another for each who asks."""
    made = await rosas(site, asker)
    async with site.office.database.transaction() as connection:
        await appointment_store.move(
            connection, made.id, was="booked", becomes="asked", asked_at=site.clock()
        )
    return Sent(ids={"id": made.id.hex()}, form={"key": "q" * 32}, owner=ROSA)


async def proposing(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's appointment, and what staff would say to propose a time two weeks later."""
    sent = await moving(site, browser, asker)
    return Sent(ids=sent.ids, form={"key": "p" * 32, "proposal-1": sent.form["start"]}, owner=ROSA)


async def proposed(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's appointment, and a time two weeks later that is proposed to her."""
    sent = await moving(site, browser, asker)
    start = datetime.fromisoformat(sent.form["start"])
    async with site.office.database.transaction() as connection:
        await changes.propose(connection, bytes.fromhex(sent.ids["id"]), [start], site.clock())
    return sent


async def open_room(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's appointment, five minutes before it begins; who asks has signed in since."""
    made = await rosas(site, asker)
    site.clock.advance(made.starts_at - timedelta(minutes=5) - site.clock())
    if asker is not None:
        await site.sign_in(browser, asker)
    return Sent(ids={"id": made.id.hex()}, json={}, owner=ROSA)


async def somewhere(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Where Rosa is, said just before her appointment begins."""
    sent = await open_room(site, browser, asker)
    form = {"place": "Birch Lane 4", "contact": "Jo, 0170 5550199"}
    return Sent(ids=sent.ids, form=form, owner=ROSA)


async def located(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's appointment has its door open, and she has said where she is."""
    sent = await somewhere(site, browser, asker)
    await whereabouts.say(site.office, ROSA, bytes.fromhex(sent.ids["id"]), **sent.form)
    return Sent(ids={**sent.ids, "client": ROSA.id.hex()}, owner=ROSA)


async def directly(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """How picture and sound are to travel in Rosa's appointment."""
    made = await rosas(site, asker)
    return Sent(ids={"id": made.id.hex()}, form={"ice_policy": "all"}, owner=ROSA)


async def noted(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """What a therapist typed about Rosa's appointment."""
    made = await rosas(site, asker)
    form = {"words": "Words of Nadia's own", "number": "0", "writer": "0f" * 16, "turn": "1"}
    return Sent(ids={"id": made.id.hex()}, form=form, owner=ROSA)


async def nadias_notes(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Nadia has noted something about Rosa."""
    made = await rosas(site, asker)
    await notes.save(site.office, NADIA, made.id, Typed("Words of Nadia's own", 0, bytes(16), 1))
    return Sent(owner=ROSA)


async def at_the_door(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's appointment, just before it begins, with her and Nadia at its door."""
    sent = await open_room(site, browser, asker)
    for person in (ROSA, NADIA):
        await rooms.mint_ticket(site.office, person, bytes.fromhex(sent.ids["id"]))
    return sent


async def it_failed(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """What somebody at the door of Rosa's appointment says of sound and picture."""
    sent = await at_the_door(site, browser, asker)
    return Sent(ids=sent.ids, form={"answer": "failed"}, owner=ROSA)


async def begun(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's appointment has begun a minute ago; who asks has signed in since."""
    sent = await open_room(site, browser, asker)
    async with site.office.database.transaction() as connection:
        made = appointments.c.id == bytes.fromhex(sent.ids["id"])
        begun = site.clock() - timedelta(minutes=1)
        await connection.execute(update(appointments).where(made).values(starts_at=begun))
    return Sent(ids=sent.ids, form={"outcome": "attended", "key": "e" * 32}, owner=ROSA)


async def rosas_list(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa has an appointment, whoever asks."""
    await rosas(site, asker)
    return Sent()


async def rosas_day(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """The day of an appointment of Rosa's."""
    made = await rosas(site, asker)
    return Sent(query=f"?day={made.starts_at.date()}", owner=ROSA)


async def rosas(site: Site, asker: Person | None) -> Appointment:
    """An appointment of Rosa's with Nadia, another for each who asks."""
    day, hour = divmod(_place_of(asker), SESSIONS_IN_A_MORNING)
    start = datetime(2026, 11, NADIAS_MORNINGS[day], 8 + hour, tzinfo=UTC)
    return await book(site.office, ROSA, start, therapist_id=NADIA.id, reason="Words of Rosa's own")


async def rosas_session(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa is signed in somewhere else, too."""
    session_id = await site.session_elsewhere(ROSA)
    return Sent(ids={"id": session_id.hex()}, owner=ROSA)


async def other_session(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Who asks is signed in somewhere else, too."""
    await site.session_elsewhere(asker or STRANGER)
    return Sent()


async def rosas_account(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa's account; she is signed in somewhere."""
    await site.session_elsewhere(ROSA)
    return Sent(ids={"id": ROSA.id.hex()}, owner=ROSA)


async def everybody(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Rosa is signed in somewhere, and the word is typed that signs everybody out."""
    await site.session_elsewhere(ROSA)
    return Sent(form={"word": "everybody"}, owner=ROSA)


async def colleague(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """Somebody of the staff to vouch for."""
    return Sent(form={"colleague": NADIA.id.hex()}, owner=NADIA)


async def staffs_names(site: Site, browser: Browser, asker: Person | None) -> Sent:
    """A page that names Nadia among the staff."""
    return Sent(owner=NADIA)


def _place_of(asker: Person | None) -> int:
    return 0 if asker is None else 1 + EVERYBODY.index(asker)
