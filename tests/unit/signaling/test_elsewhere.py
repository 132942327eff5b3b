"""Two processes serve one room: each seat is as the process says that has its socket."""

from collections.abc import Collection

import pytest
from msgspec import Raw

from signaling import bus as says
from signaling import protocol
from signaling.errors import Refused
from tests.live.clerk import ROOM, seat_of
from tests.unit.signaling.replicas import Two, heard, types

ANNA, BEN, MARA = seat_of("Anna"), seat_of("Ben"), seat_of("Mara")
OFFER = Raw(b'{"sdp":"v=0"}')


async def test_a_knock_here_is_heard_and_answered_there(two: Two) -> None:
    mara, anna = await two.east.join("Mara"), await two.west.join("Anna")
    await two.west.say(anna, protocol.Knock())
    assert two.east.hub.waiting_in([ROOM])[ROOM][0][:2] == (ANNA, "Anna")
    await two.east.say(mara, protocol.Admit(seat=ANNA))
    await two.settle()
    assert types(mara) == ["welcome", "knocking", "gone", "joined"]
    messages = heard(anna)
    assert [each["type"] for each in messages] == ["welcome", "waiting", "admitted"]
    assert messages[1]["host"] is True
    assert messages[2]["participants"][0]["name"] == "Mara"
    assert two.clerk.presence == [("Mara", True), ("Anna", True)]


async def test_what_is_relayed_and_shown_crosses_over(two: Two) -> None:
    mara = await two.east.join("Mara")
    anna = await two.let_in(mara, "Anna")
    await two.east.say(mara, protocol.Offer(to=ANNA, body=OFFER))
    await two.west.say(anna, protocol.Answer(to=MARA, body=OFFER))
    await two.west.say(anna, protocol.Media(microphone=True, camera=True))
    await two.west.say(anna, protocol.Media(microphone=True, camera=True))
    assert types(anna) == ["offer"]
    assert types(mara) == ["answer", "media", "media"]


async def test_refused_sent_back_and_removed_from_elsewhere(two: Two) -> None:
    mara, anna = await two.east.join("Mara"), await two.west.join("Anna")
    await two.west.say(anna, protocol.Knock())
    await two.east.say(mara, protocol.Refuse(seat=ANNA, text="Later."))
    await two.settle()
    assert heard(anna)[-1] == {"type": "refused", "text": "Later."}
    two.clerk.clock.advance(seconds=10)
    await two.west.say(anna, protocol.Knock())
    await two.east.say(mara, protocol.AdmitAll())
    await two.settle()
    await two.east.say(mara, protocol.Back(seat=ANNA))
    await two.settle()
    assert types(anna)[-1] == "back"
    assert two.east.state_of("Anna") == two.west.state_of("Anna") == "waiting"
    assert two.clerk.presence[-1] == ("Anna", False)
    await two.east.say(mara, protocol.Remove(seat=ANNA))
    await two.settle()
    assert types(anna) == ["removed", "error", 4403]
    assert two.east.state_of("Anna") == two.west.state_of("Anna") == "gone"


async def test_lock_groups_and_end_reach_those_elsewhere(two: Two) -> None:
    mara = await two.east.join("Mara")
    anna, ben = await two.let_in(mara, "Anna"), await two.let_in(mara, "Ben")
    heard(anna)
    await two.east.say(mara, protocol.Groups(apart=[[ANNA]]))
    with pytest.raises(Refused, match="no_such_seat"):
        await two.west.say(anna, protocol.Offer(to=BEN, body=OFFER))
    await two.east.say(mara, protocol.Lock(locked=True))
    await two.east.say(mara, protocol.End())
    await two.settle()
    assert types(anna) == types(ben) == ["groups", "locked", "ended", "error", 4410]
    assert two.west.hub.rooms == two.east.hub.rooms == {}


async def test_a_word_at_the_door_crosses_over(two: Two) -> None:
    mara, anna = await two.east.join("Mara"), await two.west.join("Anna")
    await two.west.say(anna, protocol.Signal(kind="not_safe"))
    assert types(mara)[-1] == "signal"
    assert heard(anna)[-1] == {"type": "signalled", "heard": True}


async def test_a_seat_opened_elsewhere_closes_the_older_socket(two: Two) -> None:
    mara = await two.east.join("Mara")
    anna = await two.let_in(mara, "Anna")
    back = await two.east.join("Anna")
    assert types(anna) == ["error", 4409]
    assert types(mara) == ["joined"]
    await two.west.hub.drop(anna)
    await two.settle()
    assert two.east.state_of("Anna") == "inside"
    assert heard(back)[0]["state"] == "inside"


async def test_of_two_sockets_at_once_the_same_one_stays_for_both(two: Two) -> None:
    two.east.bus.cut()
    first, second = await two.east.join("Mara"), await two.west.join("Mara")
    two.east.bus.mend()
    await two.settle()
    open_ = [each.is_open for each in (first, second)]
    assert open_ == [False, True]  # the same moment: the larger name decides, for both alike


async def test_who_leaves_is_gone_everywhere(two: Two) -> None:
    mara = await two.east.join("Mara")
    anna = await two.let_in(mara, "Anna")
    anna.is_polite = True
    await two.west.hub.drop(anna)
    assert types(mara) == ["left"]
    assert two.east.state_of("Anna") == "gone"


@pytest.mark.parametrize("says_goodbye", [True, False])
async def test_who_was_served_by_a_process_that_is_no_more_is_waited_for(
    two: Two, says_goodbye: bool
) -> None:
    mara = await two.east.join("Mara")
    await two.let_in(mara, "Anna")
    ben = await two.west.join("Ben")
    await two.west.say(ben, protocol.Knock())
    if says_goodbye:
        two.west.bus.tell(says.Bye("west"))
    else:
        two.west.bus.cut()
        two.seconds[0] = 6.5
        two.east.hub.elsewhere._hear(says.Beat("east"))
    assert types(mara) == ["knocking", "gone"]  # Ben waited outside without a socket
    assert two.east.state_of("Anna") == "inside"
    await two.settle()
    assert types(mara) == ["left"]
    assert two.clerk.presence[-1] == ("Anna", False)


async def test_a_process_that_was_only_slow_is_heard_again(two: Two) -> None:
    mara = await two.east.join("Mara")
    await two.let_in(mara, "Anna")
    two.seconds[0] = 6.5
    two.east.hub.elsewhere._hear(says.Beat("east"))
    two.west.bus.tell(says.Beat("west"))
    await two.settle()
    assert two.east.state_of("Anna") == "inside"
    assert types(mara) == ["media"]


async def test_while_cut_off_everybody_here_goes_on_and_the_rest_is_told(two: Two) -> None:
    mara = await two.east.join("Mara")
    anna = await two.let_in(mara, "Anna")
    ben = await two.west.join("Ben")
    await two.west.say(ben, protocol.Knock())
    two.east.bus.cut()
    two.west.bus.cut()
    for message in (
        protocol.Offer(to=ANNA, body=OFFER),
        protocol.Admit(seat=BEN),
        protocol.Refuse(seat=BEN),
        protocol.Back(seat=ANNA),
        protocol.Groups(apart=[[ANNA]]),
        protocol.Lock(locked=True),
    ):
        with pytest.raises(Refused, match="divided"):
            await two.east.say(mara, message)
    assert two.clerk.grouping == 0
    heard(anna), heard(mara)
    cleo = await two.east.join("Cleo")
    assert types(cleo) == ["welcome", "servers"]
    await two.east.say(cleo, protocol.Knock())
    await two.east.say(mara, protocol.Admit(seat=seat_of("Cleo")))
    assert types(cleo) == ["waiting", "admitted"]
    await two.west.say(ben, protocol.Signal(kind="not_alone"))
    assert heard(ben)[-1]["heard"] is False
    anna.is_polite = True
    await two.west.hub.drop(anna)

    two.west.bus.mend()
    two.east.bus.mend()
    await two.settle()
    assert types(mara)[-1] == "left"  # what was missed is made good
    assert set(types(cleo)) == {"left", "servers"}
    assert two.west.state_of("Cleo") == "inside"


async def test_those_away_when_they_are_cut_off_are_not_taken_for_gone(two: Two) -> None:
    mara = await two.east.join("Mara")
    await two.let_in(mara, "Anna")
    two.east.bus.cut()
    two.seconds[0] = 60.0
    two.east.bus.mend()
    two.east.hub.elsewhere._hear(says.Beat("east"))
    await two.settle()
    assert two.east.state_of("Anna") == "inside"


async def test_news_about_a_room_or_seat_nobody_knows_changes_nothing(two: Two) -> None:
    mara = await two.east.join("Mara")
    heard(mara)
    for message in (
        says.Gone("west", ROOM, MARA, 1),
        says.Said("west", "ff" * 16, MARA, b"{}"),
        says.Deed("west", ROOM, ANNA, "let_in"),
        says.Deed("west", ROOM, MARA, "turned_away"),
        says.SentBack("west", ROOM, ANNA),
        says.Removed("west", ROOM, ANNA),
    ):
        two.west.bus.tell(message)
    await two.settle()
    assert types(mara) == []
    assert two.east.state_of("Mara") == "inside"


async def test_news_of_a_removed_seat_that_were_under_way_bring_nobody_back(two: Two) -> None:
    mara = await two.east.join("Mara")
    anna = await two.let_in(mara, "Anna")
    live = two.west.hub.rooms[ROOM]
    news = two.west.hub.elsewhere._seated(live.room, live.room.occupants[ANNA])
    await two.east.say(mara, protocol.Remove(seat=ANNA))
    two.west.bus.tell(news)
    await two.settle()
    assert two.east.state_of("Anna") == two.west.state_of("Anna") == "gone"
    assert types(anna)[-1] == 4403


async def test_what_is_to_be_asked_about_is_said_to_the_others(two: Two) -> None:
    asked: list[Collection[bytes]] = []
    two.east.hub.elsewhere.asked = asked.append
    two.west.hub.tell(says.Ask("west", [b"session"]))
    assert asked == [[b"session"]]
