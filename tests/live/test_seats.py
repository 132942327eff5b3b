"""A seat through its life: lost and taken again, taken over, left, removed, ended."""

from signaling.endpoint import Limits
from tests.live.conftest import OpenDoor
from tests.live.talker import kinds


async def test_a_lost_socket_keeps_its_seat_and_nobody_is_told(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await anna.say("media", microphone=True, camera=False)
        await mara.hear("media")
        await anna.lose()
        async with door.visitor() as back:
            welcome = await back.join(door.clerk.mint("Anna"))
            assert (welcome["state"], [each["name"] for each in welcome["participants"]]) == (
                "inside",
                ["Mara"],
            )
            joined = await mara.hear("joined")
            assert (joined["seat"], joined["microphone"]) == (anna.seat, True)
            assert "left" not in kinds(mara)
            assert ("Anna", False) not in door.clerk.presence


async def test_who_does_not_come_back_has_left(open_door: OpenDoor) -> None:
    async with open_door(limits=Limits(away_seconds=0.05)) as door, door.meeting() as (mara, anna):
        await anna.lose()
        assert (await mara.hear("left"))["seat"] == anna.seat
        assert ("Anna", False) in door.clerk.presence


async def test_a_host_who_drops_comes_back_as_host(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna), door.joined("Ben") as ben:
        await mara.lose()
        await ben.say("knock")
        assert (await ben.hear("waiting"))["host"] is True
        async with door.visitor() as back:
            welcome = await back.join(door.clerk.mint("Mara"))
            assert (welcome["role"], welcome["state"]) == ("host", "inside")
            assert [each["name"] for each in welcome["waiting"]] == ["Ben"]
            await back.say("admit", seat=ben.seat)
            await ben.hear("admitted")
            await anna.hear("joined")


async def test_who_waits_and_loses_the_socket_is_gone(open_door: OpenDoor) -> None:
    async with open_door() as door, door.joined("Mara") as mara, door.joined("Anna") as anna:
        await anna.say("knock")
        await mara.hear("knocking")
        await anna.lose()
        assert (await mara.hear("gone"))["seat"] == anna.seat


async def test_messages_for_a_lost_socket_are_dropped(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await anna.lose()
        await mara.say("offer", to=anna.seat, body={"sdp": "v=0"})
        await mara.say("lock", locked=True)
        await mara.hear("locked")
        assert "error" not in kinds(mara)


async def test_a_seat_opened_elsewhere_closes_the_older_socket(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna), door.joined("Anna") as newer:
        assert await anna.closed() == 4409
        assert await anna.hear_error() == "seat_taken_over"
        await mara.hear("joined")
        await newer.say("offer", to=mara.seat, body={"sdp": "v=0"})
        assert (await mara.hear("offer"))["from"] == newer.seat
        assert "left" not in kinds(mara)


async def test_leaving_politely_is_told_at_once(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await anna.say("leave")
        assert await anna.closed() == 1000
        assert (await mara.hear("left"))["seat"] == anna.seat


async def test_a_page_that_goes_away_has_left_at_once(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await anna.socket.close(1001)
        assert (await mara.hear("left"))["seat"] == anna.seat


async def test_a_removed_guest_is_closed_and_has_no_way_back(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await mara.say("remove", seat=anna.seat)
        assert await anna.closed() == 4403
        assert kinds(anna)[-2:] == ["removed", "error"]
        assert (await mara.hear("left"))["seat"] == anna.seat
        async with door.visitor() as again:
            await again.say("join", ticket=door.clerk.mint("Anna"), version=1)
            assert await again.closed() == 4401
        assert ("Anna", False) in door.clerk.presence


async def test_a_guest_who_waits_can_be_removed(open_door: OpenDoor) -> None:
    async with open_door() as door, door.joined("Mara") as mara, door.joined("Anna") as anna:
        await anna.say("knock")
        await mara.hear("knocking")
        await mara.say("remove", seat=anna.seat)
        assert await anna.closed() == 4403
        assert (await mara.hear("gone"))["seat"] == anna.seat


async def test_the_end_closes_everyone_those_outside_included(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna), door.joined("Ben") as ben:
        await mara.say("end")
        for each in (mara, anna, ben):
            assert await each.closed() == 4410
            assert kinds(each)[-2:] == ["ended", "error"]
        assert door.clerk.ended
        assert door.clerk.presence[-2:] == [("Mara", False), ("Anna", False)]


async def test_who_may_no_longer_be_here_is_removed_within_a_question(open_door: OpenDoor) -> None:
    async with open_door(limits=Limits(ask_seconds=0.05)) as door, door.meeting() as (mara, anna):
        door.clerk.expelled.add(anna.seat)
        assert await anna.closed() == 4401
        assert (await mara.hear("left"))["seat"] == anna.seat
        assert ("Anna", False) in door.clerk.presence


async def test_a_seat_that_is_in_question_is_asked_about_at_once(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        door.clerk.expelled.update({mara.seat, anna.seat})
        door.signaling.ask_again({anna.seat})
        assert await anna.closed() == 4401
        assert (await mara.hear("left"))["seat"] == anna.seat  # nobody asked about Mara


async def test_a_seat_that_was_in_question_and_may_stay_stays(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        door.signaling.ask_again({anna.seat})
        await door.clerk.next_question()
        await anna.say("offer", to=mara.seat, body={"sdp": "v=0"})
        assert (await mara.hear("offer"))["from"] == anna.seat


async def test_the_room_ends_when_its_time_is_over(open_door: OpenDoor) -> None:
    async with open_door(limits=Limits(ask_seconds=0.05)) as door, door.meeting() as (mara, anna):
        door.clerk.clock.advance(minutes=110)
        assert await anna.closed() == 4410
        assert await mara.closed() == 4410


async def test_no_answer_is_no_refusal(open_door: OpenDoor) -> None:
    async with open_door(limits=Limits(ask_seconds=0.05)) as door, door.joined("Mara") as mara:
        door.clerk.answers = False
        for _ in range(3):
            await door.clerk.next_question()
        door.clerk.answers = True
        await mara.say("lock", locked=True)
        await mara.hear("locked")
        assert kinds(mara) == ["welcome", "locked"]


async def test_no_answer_for_too_long_asks_for_a_new_ticket(open_door: OpenDoor) -> None:
    limits = Limits(ask_seconds=0.05, unanswered_seconds=0.1)
    async with open_door(limits=limits) as door, door.joined("Mara") as mara:
        door.clerk.answers = False
        assert await mara.closed() == 4503
        assert await mara.hear_error() == "unavailable"


async def test_a_fault_of_ours_lets_nobody_stay_unasked(open_door: OpenDoor) -> None:
    async with open_door(limits=Limits(ask_seconds=0.05)) as door, door.joined("Mara") as mara:
        door.clerk.fault = ValueError("a fault")
        assert await mara.closed() == 4503


async def test_a_restart_asks_everyone_to_come_back(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await door.signaling.close()
        assert await mara.closed() == 1012
        assert await anna.closed() == 1012


async def test_a_restart_does_not_wait_for_those_who_are_away(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await anna.lose()
        await mara.say("lock", locked=True)
        await mara.hear("locked")
        assert door.signaling.hub._tasks
        await door.signaling.close()
        assert not door.signaling.hub._tasks
        assert ("Anna", False) not in door.clerk.presence
