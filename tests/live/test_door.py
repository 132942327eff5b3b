"""Who gets through the door, over a real server; a refusal beside every success."""

from collections.abc import Callable

import pytest
from websockets.exceptions import InvalidStatus

from signaling.endpoint import Limits
from tests.live.clerk import Clerk
from tests.live.conftest import ORIGIN, OpenDoor, let_in
from tests.live.talker import Talker, kinds


async def test_host_and_guest_come_in_by_knock_and_admit(open_door: OpenDoor) -> None:
    async with open_door() as door, door.joined("Mara") as mara, door.joined("Anna") as anna:
        await let_in(mara, anna)
        assert kinds(mara) == ["welcome", "knocking", "gone", "joined"]
        assert kinds(anna) == ["welcome", "waiting", "admitted"]
        assert door.clerk.presence == [("Mara", True), ("Anna", True)]


@pytest.mark.parametrize(
    "origin",
    [
        "https://clinic.example.org.evil.example",
        "http://clinic.example.org",
        "https://clinic.example.org:444",
        "null",
        None,
    ],
)
async def test_another_origin_gets_no_socket(open_door: OpenDoor, origin: str | None) -> None:
    async with open_door() as door:
        with pytest.raises(InvalidStatus) as refusal:
            async with Talker.connected(door.url, origin):
                pass
        assert refusal.value.response.status_code == 403


async def test_two_origins_get_no_socket(open_door: OpenDoor) -> None:
    async with open_door() as door:
        with pytest.raises(InvalidStatus) as refusal:
            async with Talker.connected(door.url, ORIGIN, additional_headers={"Origin": ORIGIN}):
                pass
        assert refusal.value.response.status_code in {400, 403}


async def test_who_does_not_join_in_time_is_closed(open_door: OpenDoor) -> None:
    async with open_door(limits=Limits(join_seconds=0.05)) as door, door.visitor() as somebody:
        assert await somebody.closed() == 4408
        assert await somebody.hear_error() == "join_timeout"


async def test_who_has_joined_may_be_silent(open_door: OpenDoor) -> None:
    async with (
        open_door(limits=Limits(join_seconds=0.5, ask_seconds=0.6)) as door,
        door.joined("Mara") as mara,
    ):
        await door.clerk.next_question()
        assert kinds(mara) == ["welcome"]


async def test_nothing_is_said_before_join(open_door: OpenDoor) -> None:
    async with open_door() as door, door.visitor() as somebody:
        await somebody.say("knock")
        assert await somebody.closed() == 4400
        assert await somebody.hear_error() == "join_first"


async def test_nobody_joins_twice(open_door: OpenDoor) -> None:
    async with open_door() as door, door.joined("Mara") as mara:
        await mara.say("join", ticket=door.clerk.mint("Mara"), version=1)
        assert await mara.closed() == 4400
        assert await mara.hear_error() == "join_first"


def unknown(clerk: Clerk) -> str:
    return "Z" * 42 + "8"


def expired(clerk: Clerk) -> str:
    ticket = clerk.mint("Anna")
    clerk.clock.advance(seconds=30)
    return ticket


def of_a_removed_guest(clerk: Clerk) -> str:
    ticket = clerk.mint("Anna")
    clerk.removed.update(entry.seat for entry, _ in clerk._tickets.values())
    return ticket


def of_an_ended_session(clerk: Clerk) -> str:
    clerk.ended = True
    return clerk.mint("Anna")


@pytest.mark.parametrize("bad_ticket", [unknown, expired, of_a_removed_guest, of_an_ended_session])
async def test_every_bad_ticket_gets_the_same_answer(
    open_door: OpenDoor, bad_ticket: Callable[[Clerk], str]
) -> None:
    async with open_door() as door, door.visitor() as somebody:
        door.clerk.mint("Nobody")
        await somebody.say("join", ticket=bad_ticket(door.clerk), version=1)
        assert await somebody.closed() == 4401
        assert [(each["type"], each["code"]) for each in somebody.heard] == [("error", "ticket_refused")]


async def test_a_ticket_lives_just_under_thirty_seconds(open_door: OpenDoor) -> None:
    async with open_door() as door, door.visitor() as mara:
        ticket = door.clerk.mint("Mara")
        door.clerk.clock.advance(seconds=29.9)
        assert (await mara.join(ticket))["state"] == "inside"


async def test_a_replayed_ticket_opens_nothing_and_disturbs_nobody(open_door: OpenDoor) -> None:
    async with open_door() as door, door.visitor() as mara, door.visitor() as thief:
        ticket = door.clerk.mint("Mara")
        await mara.join(ticket)
        await thief.say("join", ticket=ticket, version=1)
        assert await thief.closed() == 4401
        await mara.say("lock", locked=True)
        await mara.hear("locked")
        assert kinds(mara) == ["welcome", "locked"]


async def test_a_door_that_cannot_ask_says_come_back(open_door: OpenDoor) -> None:
    async with open_door() as door, door.visitor() as anna:
        door.clerk.answers = False
        await anna.say("join", ticket=door.clerk.mint("Anna"), version=1)
        assert await anna.closed() == 4503
        assert await anna.hear_error() == "unavailable"


async def test_a_locked_door_hears_no_knock_and_lets_the_admitted_back(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna), door.joined("Ben") as ben:
        await mara.say("lock", locked=True)
        await mara.hear("locked")
        await ben.say("knock")
        assert await ben.hear_error() == "locked"
        await anna.lose()
        async with door.visitor() as back:
            assert (await back.join(door.clerk.mint("Anna")))["state"] == "inside"
        assert door.clerk.locked


async def test_a_guest_cannot_do_what_a_host_does(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        for kind, fields in (
            ("admit", {"seat": anna.seat}),
            ("refuse", {"seat": mara.seat}),
            ("remove", {"seat": mara.seat}),
            ("lock", {"locked": True}),
            ("end", {}),
        ):
            await anna.say(kind, **fields)
            assert await anna.hear_error() == "not_host"
        assert (door.clerk.removed, door.clerk.locked, door.clerk.ended) == (set(), False, False)


async def test_a_refused_guest_stays_outside_and_waits_before_the_next_knock(open_door: OpenDoor) -> None:
    async with open_door() as door, door.joined("Mara") as mara, door.joined("Anna") as anna:
        await anna.say("knock")
        await mara.say(
            "refuse", seat=(await mara.hear("knocking"))["seat"], text="Five more minutes, please."
        )
        assert (await anna.hear("refused"))["text"] == "Five more minutes, please."
        await anna.say("knock")
        assert await anna.hear_error() == "knock_too_soon"
        door.clerk.clock.advance(seconds=10)
        await let_in(mara, anna)


@pytest.mark.parametrize("kind", ["admit", "remove"])
async def test_what_the_database_does_not_agree_to_is_not_done(open_door: OpenDoor, kind: str) -> None:
    async with open_door() as door, door.joined("Mara") as mara, door.joined("Anna") as anna:
        await anna.say("knock")
        await mara.hear("knocking")
        door.clerk.removed.add(anna.seat)
        await mara.say(kind, seat=anna.seat)
        assert await mara.hear_error() == "no_such_seat"
        assert kinds(anna) == ["welcome", "waiting"]


async def test_what_the_database_cannot_be_asked_is_not_done_and_can_be_tried_again(
    open_door: OpenDoor,
) -> None:
    async with open_door() as door, door.joined("Mara") as mara, door.joined("Anna") as anna:
        await anna.say("knock")
        await mara.hear("knocking")
        door.clerk.answers = False
        for kind, fields in (("admit", {"seat": anna.seat}), ("lock", {"locked": True}), ("end", {})):
            await mara.say(kind, **fields)
            assert await mara.hear_error() == "unavailable"
        door.clerk.answers = True
        await mara.say("admit", seat=anna.seat)
        await anna.hear("admitted")
