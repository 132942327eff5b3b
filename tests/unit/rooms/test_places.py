"""Everybody who takes part has a place in the room: tickets, seats and the room itself, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from signaling.room import Room
from telehealth.appointments.placing import place
from telehealth.audit.office import Office, Work
from telehealth.errors import NotFound
from telehealth.rooms import acts
from telehealth.rooms.admission import RoomAdmission
from tests.clock import FakeClock
from tests.people import COUPLE, MIKA, NADIA, NADIAS_PROFILE, OMAR, OMARS_PROFILE, ROSA, STRANGER, Clinic
from tests.unit.appointments.scene import TEN
from tests.unit.rooms.test_admission import sign_in, ticket_of
from tests.unit.signaling.scene import ICE


@pytest.mark.parametrize("both", [True, False])
async def test_everybody_of_a_session_has_a_place_in_its_room(
    office: Office, clinic: Clinic, clock: FakeClock, both: bool
) -> None:
    """A couple with two therapists fills it, with one it leaves a place; nobody else gets as far as the door."""
    admission = RoomAdmission(office, ice_policy="all")
    therapists = (NADIAS_PROFILE, OMARS_PROFILE) if both else (NADIAS_PROFILE,)

    async def act(work: Work) -> bytes | None:
        service = replace(COUPLE, therapists_needed=len(therapists))
        return await place(work, service, therapists, TEN, {ROSA.id: "", MIKA.id: ""})

    placed = await office.act(None, act)
    assert placed is not None
    clock.now = TEN - timedelta(minutes=10)
    hosts = (NADIA, OMAR)[: len(therapists)]
    await sign_in(office, *hosts, ROSA, MIKA)
    entries = [await admission.redeem(await ticket_of(office, each, placed)) for each in (*hosts, ROSA, MIKA)]
    there = [each for each in entries if each is not None]
    assert [each.host for each in there] == [True] * len(hosts) + [False, False]
    room = Room(there[0])
    for each in there:
        room.enter(each, ICE, clock())
    for guest in there[len(hosts) :]:
        room.knock(guest.seat, clock())
        room.check_admit(there[len(hosts) - 1].seat, guest.seat, "")
        assert await admission.admit(there[len(hosts) - 1], guest.seat, "")
        room.let_in(guest.seat, ICE, clock())
    assert all(room.is_inside(each.seat) for each in there)
    with pytest.raises(NotFound):
        await acts.mint_ticket(office, STRANGER, placed)
