"""What happens on two servers at once, or while they cannot hear each other: afterwards both know the same."""

import pytest

from signaling import protocol
from signaling.errors import Refused
from tests.live.clerk import seat_of
from tests.unit.signaling.replicas import Two, heard, types

ANNA, BEN, CLEO, MARA = seat_of("Anna"), seat_of("Ben"), seat_of("Cleo"), seat_of("Mara")


async def test_two_who_get_the_last_place_at_once_do_not_both_keep_it(two: Two) -> None:
    two.clerk.hosts = ("Mara", "Nora")
    mara, nora = await two.east.join("Mara"), await two.west.join("Nora")
    await two.let_in(mara, "Anna")
    ben, cleo = await two.east.join("Ben"), await two.west.join("Cleo")
    await two.east.say(ben, protocol.Knock())
    await two.west.say(cleo, protocol.Knock())
    two.cut()
    two.clerk.clock.advance(seconds=1)
    await two.east.say(mara, protocol.Admit(seat=BEN))
    two.clerk.clock.advance(seconds=1)
    await two.west.say(nora, protocol.Admit(seat=CLEO))
    heard(ben), heard(cleo), heard(nora)
    await two.mend()
    assert two.east.state_of("Ben") == two.west.state_of("Ben") == "inside"
    assert two.east.state_of("Cleo") == two.west.state_of("Cleo") == "waiting"
    said = heard(cleo)
    assert [each["type"] for each in said][-2:] == ["error", "back"]
    assert said[-2]["code"] == "room_full"
    assert types(ben)[-2:] == ["joined", "left"]
    assert types(nora)[-2:] == ["left", "knocking"]
    assert two.clerk.presence[-1] == ("Cleo", False)


async def test_of_two_hosts_who_get_the_last_place_at_once_the_later_one_is_told_that_it_is_full(
    two: Two,
) -> None:
    two.clerk.hosts = ("Mara", "Nora", "Olga")
    mara = await two.east.join("Mara")
    await two.let_in(mara, "Anna")
    await two.let_in(mara, "Ben")
    two.cut()
    first = await two.east.join("Nora")
    two.clerk.clock.advance(seconds=1)
    second = await two.west.join("Olga")
    await two.mend()
    assert (first.is_open, second.is_open) == (True, False)
    assert types(second)[-2:] == ["error", 4423]
    assert two.east.state_of("Olga") == two.west.state_of("Olga") == "gone"
    assert two.clerk.presence[-1] == ("Olga", False)


async def test_whoever_was_refused_here_cannot_knock_there_at_once(two: Two) -> None:
    mara, anna = await two.east.join("Mara"), await two.west.join("Anna")
    await two.west.say(anna, protocol.Knock())
    await two.east.say(mara, protocol.Refuse(seat=ANNA))
    await two.settle()
    again = await two.east.join("Anna")
    with pytest.raises(Refused, match="knock_too_soon"):
        await two.east.say(again, protocol.Knock())
    two.clerk.clock.advance(seconds=10)
    await two.east.say(again, protocol.Knock())
    assert types(again)[-1] == "waiting"


async def test_whoever_knocks_where_no_host_hears_of_it_is_told_so_until_one_does(two: Two) -> None:
    await two.east.join("Mara")
    anna = await two.west.join("Anna")
    two.cut()
    heard(anna)
    await two.west.say(anna, protocol.Knock())
    assert heard(anna) == [{"type": "waiting", "host": False}]
    await two.mend()
    assert heard(anna) == [{"type": "waiting", "host": True}]


async def test_that_words_differ_is_told_to_the_other_page_wherever_it_is(two: Two) -> None:
    mara = await two.east.join("Mara")
    anna = await two.let_in(mara, "Anna")
    await two.west.say(anna, protocol.Differ(to=MARA))
    assert heard(mara) == [{"type": "differ", "seat": ANNA}]
    for to in (ANNA, BEN):
        with pytest.raises(Refused, match="no_such_seat"):
            await two.west.say(anna, protocol.Differ(to=to))
    ben = await two.west.join("Ben")
    with pytest.raises(Refused, match="not_inside"):
        await two.west.say(ben, protocol.Differ(to=MARA))


async def test_everybody_is_asked_about_at_once_when_others_cannot_be_reached(two: Two) -> None:
    mara = await two.east.join("Mara")
    assert not mara.in_question.is_rung()
    two.east.bus.cut()
    assert mara.in_question.is_rung()
