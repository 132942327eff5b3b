"""What a host can do with those inside and at the door, over a real server."""

from signaling.endpoint import Limits
from tests.live.clerk import seat_of
from tests.live.conftest import OpenDoor, let_in
from tests.live.talker import kinds


async def test_all_who_wait_are_let_in_at_once(open_door: OpenDoor) -> None:
    async with (
        open_door() as door,
        door.joined("Mara") as mara,
        door.joined("Anna") as anna,
        door.joined("Ben") as ben,
    ):
        for guest in (anna, ben):
            await guest.say("knock")
            await mara.hear("knocking")
        assert "knocking" not in kinds(anna)  # those who wait do not see each other
        await mara.say("admit_all")
        assert (await anna.hear("admitted"))["participants"][0]["seat"] == mara.seat
        assert [each["name"] for each in (await ben.hear("admitted"))["participants"]] == ["Mara", "Anna"]
        assert door.clerk.admitted == {anna.seat, ben.seat}


async def test_who_is_sent_back_waits_and_comes_in_only_by_the_host(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna):
        await mara.say("back", seat=anna.seat)
        await anna.hear("back")
        assert (await mara.hear("left"))["seat"] == anna.seat
        assert (await mara.hear("knocking"))["seat"] == anna.seat
        assert door.clerk.presence[-1] == ("Anna", False)
        async with door.visitor() as reloaded:
            assert (await reloaded.join(door.clerk.mint("Anna")))["state"] == "outside"
            await let_in(mara, reloaded)


async def test_a_couple_is_split_and_brought_together(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna), door.joined("Ben") as ben:
        await let_in(mara, ben)
        await mara.say("groups", apart=[[anna.seat]])
        assert (await anna.hear("groups"))["participants"] == []
        assert [each["seat"] for each in (await ben.hear("groups"))["participants"]] == [mara.seat]
        await anna.say("offer", to=ben.seat, body={"sdp": "v=0"})
        assert await anna.hear_error() == "no_such_seat"
        async with door.visitor() as reloaded:
            assert (await reloaded.join(door.clerk.mint("Anna")))["participants"] == []
            await mara.say("groups", apart=[])
            assert len((await reloaded.hear("groups"))["participants"]) == 2


async def test_one_of_a_couple_comes_in_alone_for_a_reason(open_door: OpenDoor) -> None:
    async with open_door() as door:
        door.clerk.agreed = ("Anna", "Ben")
        async with door.joined("Mara") as mara, door.joined("Anna") as anna:
            assert [each["name"] for each in (await mara.hear("missing"))["seats"]] == ["Ben"]
            await anna.say("knock")
            await mara.hear("knocking")
            await mara.say("admit", seat=anna.seat)
            assert await mara.hear_error() == "reason_needed"
            await mara.say("admit", seat=anna.seat, reason="Ben is on a train.")
            await anna.hear("admitted")
            assert door.clerk.reasons == ["Ben is on a train."]


async def test_a_word_at_the_door_reaches_the_host_alone(open_door: OpenDoor) -> None:
    async with open_door() as door, door.meeting() as (mara, anna), door.joined("Ben") as ben:
        await ben.say("signal", kind="not_alone")
        assert (await mara.hear("signal"))["name"] == "Ben"
        assert (await ben.hear("signalled"))["heard"] is True
        await mara.say("lock", locked=True)
        await anna.hear("locked")
        assert "signal" not in kinds(anna)


async def test_while_the_database_is_away_the_host_is_told_so(open_door: OpenDoor) -> None:
    limits = Limits(ask_seconds=600)
    async with open_door(limits=limits) as door, door.meeting() as (mara, anna):
        door.clerk.answers = False
        for message in ({"type_": "back", "seat": anna.seat}, {"type_": "groups", "apart": [[anna.seat]]}):
            await mara.say(**message)
            assert await mara.hear_error() == "unavailable"
        door.clerk.answers = True
        assert door.clerk.groups == {}
        assert seat_of("Anna") in door.clerk.admitted
        assert "groups" not in kinds(anna)
