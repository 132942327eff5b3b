"""Nothing of one partner is visible to the other: what Rosa is answered while Mika books alone is, byte by byte, what
she is answered while a stranger books those times instead."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.appointments import acts as appointments
from telehealth.appointments import cases, models, store, wanted
from telehealth.appointments.models import appointment_clients
from telehealth.audit.office import Office, Work
from telehealth.availability.store import busy_of
from telehealth.couples import acts as couples
from telehealth.couples.acts import Said, Way
from telehealth.errors import Conflict
from telehealth.person import Person
from telehealth.waiting import acts as waiting
from tests.people import COUPLE, MIKA, NADIA, OMAR, ROSA, SINGLE, STRANGER
from tests.unit.appointments.scene import BERLIN, book, new_key
from tests.unit.appointments.scene import Browser as Elsewhere
from tests.unit.couples.scene import AFTERWARDS, a_couple, book_for_two, busy_elsewhere, invited
from tests.web.conftest import Site
from tests.web.worlds import Walk, differences, world

THERE = Elsewhere("another", "elsewhere")
FRIDAY = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)  # individually, with the couple's own therapist
TUESDAY = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)  # with another therapist, at a time Rosa will want for both
THURSDAY = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)  # the same, of a time she will move what they share to
SOON = datetime(
    2026, 11, 23, 9, 30, tzinfo=UTC
)  # with another therapist, when Rosa is offered a time for both
VISIBLE_TO = store._visible_to
UNKNOWN = "0123456789abcdef" * 2
WEEKS = ("2026-11-23", "2026-11-30", "2026-12-07")


async def begin(site: Site) -> tuple[list[bytes], str]:
    """In both worlds: a time they share, one that waits for Mika with a link out, and one of Rosa's own."""
    joint = await a_couple(site.office)
    waiting = await book_for_two(site.office, start=AFTERWARDS, same_partner=True)
    own = await book(site.office, ROSA, TUESDAY + timedelta(days=1, hours=6), therapist_id=OMAR.id)
    link = await invited(site.office, waiting.id)
    return [joint.id, waiting.id, own.id], link.token


async def live_alone(site: Site, other: Person) -> bytes:
    """Somebody books alone: at a time of the couple's therapist, four times elsewhere, and once to cancel it again."""
    made = await book(site.office, other, FRIDAY, browser=THERE, reason="Words of their own")
    for start in (SOON, TUESDAY, THURSDAY, AFTERWARDS):
        await busy_elsewhere(site.office, other, start)
    gone = await book(site.office, other, FRIDAY + timedelta(days=7), browser=THERE)
    await appointments.cancel(site.office, other, gone.id, new_key())
    return made.id


async def be_offered(site: Site, joint: bytes, other: Person, theirs: bytes) -> None:
    """Both wait and are offered something; and Nadia proposes other times for what they share, and to the other alone
    for what is theirs, of which one is a time at which that other has something else."""
    for person, service in ((ROSA, COUPLE), (other, SINGLE)):
        await wait(site.office, person, service.id)
        assert await waiting.turn(site.office) == 1
    times = [TUESDAY, TUESDAY + timedelta(days=1)]
    for appointment_id in (joint, theirs):
        await appointments.propose(site.office, NADIA, appointment_id, key=new_key(), proposals=times)


async def wait(office: Office, person: Person, service_id: bytes) -> None:
    """With Nadia, at any time of this week."""
    wished = {"service_id": service_id, "therapist_id": NADIA.id, "part": "", "until": "2026-11-27"}
    await waiting.wish(office, person, **wished, name=None, zone=BERLIN, key=new_key())  # type: ignore[arg-type]


async def walk(site: Site, shared: list[bytes], token: str, theirs: bytes) -> Walk:
    """Rosa asks for everything there is, books around it, is refused, reads her record, and takes a copy of it."""
    made = Walk(site, await site.browser(ROSA), ROSA)
    ids = [each.hex() for each in shared] + [theirs.hex(), UNKNOWN]
    await made.mail()
    await made.everything(ids, token)
    for service in (SINGLE.slug, COUPLE.slug):
        for therapist in ("", "nadia-behrens", "omar-fassbinder"):
            for week in WEEKS:
                await made.get(f"/times?service={service}&therapist={therapist}&from={week}")
    await _answer(made, shared[0])
    await _book_around(made)
    for path in ("cancellation", "departure", "joining", "joining/refusal", "invitation", "tickets"):
        await made.post(f"/appointments/{theirs.hex()}/{path}", {"key": made.key(), "agrees": "1"})
    await _move(made, shared[0])
    await made.post("/privacy/export", {})
    site.clock.advance(AFTERWARDS - timedelta(hours=23) - site.clock())
    await site.sign_in(made.browser, ROSA)
    await made.mail()
    await made.everything(ids, token)
    return made


async def _answer(made: Walk, joint: bytes) -> None:
    """No to nothing: the time that is offered, and then the one that is proposed, at which only Mika could not come."""
    (offered,) = [each for each in await waiting.mine(made.site.office, ROSA) if each.offer is not None]
    assert offered.offer is not None
    made.note("offered", offered.offer.starts_at.isoformat().encode())
    for partner in ("", "same"):
        form = {"key": made.key(), "partner": partner}
        await made.post(f"/offers/{offered.offer.appointment_id.hex()}/acceptance", form)
    await made.get(f"/appointments/{offered.offer.appointment_id.hex()}")
    await made.post(f"/waiting/{offered.entry.id.hex()}/ending", {"key": made.key()})
    form = {"key": made.key(), "start": TUESDAY.isoformat()}
    await made.post(f"/appointments/{joint.hex()}/proposal", form)
    for path in (f"/appointments/{joint.hex()}", "/appointments", "/waiting", "/notices"):
        await made.get(path)
    await made.mail()


async def _book_around(made: Walk) -> None:
    """Times that somebody has, times of the couple's that only Mika could not come to, and times next to them."""
    for start, service in ((FRIDAY, SINGLE), (FRIDAY, COUPLE), (TUESDAY, COUPLE)):
        choice = f"{service.id.hex()} {NADIA.id.hex()} {start.isoformat()}"
        answer = await made.post("/holds", {"choice": choice})
        if answer.status_code == 303:
            await made.get(answer.headers["location"])
        form = {"hold": "", "choice": choice, "key": made.key(), "partner": "same"}
        answer = await made.post("/appointments", form)
        if answer.status_code == 303:
            await made.get(answer.headers["location"])
            await made.get(f"{answer.headers['location'].split('?')[0]}/partner")


async def _move(made: Walk, joint: bytes) -> None:
    """What they share goes to a time at which Mika has something else."""
    made.begin_anew()
    moved = await appointments.move(made.site.office, ROSA, joint, start=THURSDAY, key=made.key())
    made.note("moved", repr(moved).encode())
    for path in (f"/appointments/{joint.hex()}", "/appointments", "/notices"):
        await made.get(path)


async def walked(template: Path, folder: Path, other: Person) -> Walk:
    async with world(template, folder) as site:
        shared, token = await begin(site)
        theirs = await live_alone(site, other)
        await be_offered(site, shared[0], other, theirs)
        return await walk(site, shared, token, theirs)


async def test_what_one_does_alone_shows_to_the_other_nowhere(sqlite_file: Path, tmp_path: Path) -> None:
    partner = await walked(sqlite_file, tmp_path / "partner", MIKA)
    stranger = await walked(sqlite_file, tmp_path / "stranger", STRANGER)
    assert differences(partner, stranger) == []
    assert len(partner.answers) > 200
    seen = {said.split(b"\n")[0] for _, said in partner.answers}
    assert {b"200", b"303", b"404", b"409"} <= seen
    assert "mail" in {asked for asked, _ in partner.answers}
    everything = b"\n".join(said for _, said in partner.answers)
    assert b"Mika Example" in everything, "what they share is there"
    assert ("offered", SOON.isoformat().encode()) in partner.answers
    answered = [
        said[:3] for asked, said in partner.answers if "/acceptance" in asked or "/proposal " in asked
    ]
    assert answered == [b"422", b"303", b"303"], "what she was offered and what was proposed is hers"
    assert b"Words of their own" not in everything


async def test_whether_one_tried_to_come_and_had_something_else_shows_nowhere(
    sqlite_file: Path, tmp_path: Path
) -> None:
    async def tried(folder: Path, *, tries: bool) -> Walk:
        async with world(sqlite_file, folder) as site:
            shared, token = await begin(site)
            theirs = await live_alone(site, MIKA)
            await be_offered(site, shared[0], MIKA, theirs)
            if tries:
                said = Said(None, "", agrees=True)
                with pytest.raises(Conflict):
                    await couples.join(site.office, MIKA, Way(shared[1]), said, new_key())
            return await walk(site, shared, token, theirs)

    did, did_not = await tried(tmp_path / "did", tries=True), await tried(tmp_path / "not", tries=False)
    assert differences(did, did_not) == []


def _sees_all_of_a_case(person: Person) -> Any:
    """A client sees whatever anybody of their case takes part in."""
    if person.role != "client":
        return VISIBLE_TO(person)
    mine = select(models.case_members.c.case_id).where(models.case_members.c.person_id == person.id)
    members = select(models.case_members.c.person_id).where(models.case_members.c.case_id.in_(mine))
    theirs = select(appointment_clients.c.appointment_id).where(
        appointment_clients.c.person_id.in_(members) | (appointment_clients.c.person_id == person.id)
    )
    return models.appointments.c.id.in_(theirs)


async def _minds_the_partner(work: Work, wish: wanted.Wanted) -> None:
    """Refuses a time for both at which the partner has something else."""
    shared = None if wish.person is None else await cases.shared_case(work.connection, wish.person.id)
    for member in [] if shared is None else await cases.members_of(work.connection, shared):
        busy = await busy_of(
            work.connection, [member], since=wish.session[0], until=wish.session[1], now=work.now
        )
        if any(start < wish.session[1] and end > wish.session[0] for start, end in busy[member]):
            raise wanted.Taken("you_are_booked_then", wanted.BOOKED_THEN, [])


@pytest.mark.parametrize(
    ("noun", "name", "broken"),
    [(store, "_visible_to", _sees_all_of_a_case), (wanted, "check_person_free", _minds_the_partner)],
    ids=["a list that shows it", "a refusal that minds it"],
)
async def test_the_walk_finds_a_leak(
    sqlite_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, noun: Any, name: str, broken: Any
) -> None:
    monkeypatch.setattr(noun, name, broken)
    partner = await walked(sqlite_file, tmp_path / "partner", MIKA)
    stranger = await walked(sqlite_file, tmp_path / "stranger", STRANGER)
    assert differences(partner, stranger) != []
