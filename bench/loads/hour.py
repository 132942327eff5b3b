"""The start of the hour: so many rooms whose two people come within a minute or two and find each other."""

import asyncio
import json
import random
from datetime import timedelta
from typing import Any

from bench.loads.deployed import Deployed, deployed
from bench.loads.measured import Measured
from bench.loads.people import Practice, Visitor, practice, signed_in
from bench.rendezvous import CANDIDATE, SDP
from bench.sockets import Socket, frame
from telehealth.appointments.placing import place
from telehealth.audit.office import Work
from telehealth.person import Person

SOON = timedelta(minutes=8)
PATIENCE = 120.0
NEW = 10  # one room of so many
BATCHES = 2  # of five candidates each


class Line:
    """One socket of somebody in a room."""

    def __init__(self) -> None:
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._socket: Socket | None = None

    async def open(self, visitor: Visitor, room: str, ticket: str) -> dict[str, Any]:
        """Join; what the server says first."""
        self._socket = await visitor.socket(f"/signaling?room={room}", self._got)
        self.say({"type": "join", "ticket": ticket, "version": 1})
        return await self.hear("welcome")

    def _got(self, _: Socket, message: bytes) -> None:
        self._heard.put_nowait(json.loads(message))

    def say(self, message: dict[str, Any]) -> None:
        """To the server."""
        assert self._socket is not None
        self._socket.send(frame(json.dumps(message).encode()))

    async def hear(self, kind: str) -> dict[str, Any]:
        """The next message of this kind; an error is raised."""
        async with asyncio.timeout(PATIENCE):
            while (message := await self._heard.get())["type"] != kind:
                assert message["type"] != "error", f"a socket told {message['code']}"
        return message

    def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            self._socket.close()


async def load(rooms: int, seconds: int) -> Measured:
    """`rooms` of two people who come at random moments within `seconds`; of one room in ten the browsers are empty."""
    found, chance = Measured(people=2 * rooms), random.Random(6)
    async with deployed() as made:
        there = await practice(made.office, rooms, rooms)
        ids = await _appointments(made, there)
        everybody = [*(Person(each.id, "therapist") for each in there.therapists), *there.clients]
        sids = await signed_in(made.office, everybody)
        async with made.running() as (door, parts), found.watching(parts):

            async def one(number: int) -> None:
                await asyncio.sleep(chance.uniform(0, seconds))
                host, guest = (
                    Visitor(door, made.origin, 2 * number + at, sids[who], is_new=number % NEW == 0)
                    for at, who in enumerate((there.therapists[number].id, there.clients[number].id))
                )
                try:
                    await _meet(found, ids[number], host, guest)
                except (AssertionError, OSError) as error:  # TimeoutError is an OSError
                    found.went_wrong(error)
                finally:
                    host.leave()
                    guest.leave()

            await asyncio.gather(*(one(number) for number in range(rooms)))
    return found


async def _appointments(made: Deployed, there: Practice) -> list[str]:
    async def act(work: Work) -> list[str]:
        ids = []
        for therapist, client in zip(there.therapists, there.clients, strict=True):
            placed = await place(work, there.service, therapist, work.now + SOON, {client.id: ""})
            assert placed is not None
            ids.append(placed.hex())
        return ids

    return await made.office.act(None, act)


async def _meet(found: Measured, room: str, host: Visitor, guest: Visitor) -> None:
    lines = Line(), Line()
    seats = []
    try:
        with found.step("from the click on the link until all candidates are there"):
            for line, visitor in zip(lines, (host, guest), strict=True):
                with found.step("the room's page"):
                    page = await visitor.get(f"/appointments/{room}/room")
                if visitor.is_new:
                    with found.step("all files of the room, for a browser that has none"):
                        await visitor.get_files(page)
                with found.step("a ticket, and the place at the door or in the room"):
                    answer = await visitor.post(f"/appointments/{room}/tickets")
                    assert answer.status == 201, f"an answer {answer.status}"
                    seats.append((await line.open(visitor, room, json.loads(answer.body)["ticket"]))["seat"])
            with found.step("from the knock until all candidates are there"):
                await _find_each_other(*lines, *seats)
    finally:
        for line in lines:
            line.close()


async def _find_each_other(host: Line, guest: Line, own: str, other: str) -> None:
    guest.say({"type": "knock"})
    await host.hear("knocking")
    host.say({"type": "admit", "seat": other})
    await guest.hear("admitted")
    await host.hear("joined")
    candidates = [{"candidate": CANDIDATE, "sdpMid": "0", "sdpMLineIndex": 0}] * 5
    host.say({"type": "offer", "to": other, "body": {"sdp": SDP}})
    await guest.hear("offer")
    guest.say({"type": "answer", "to": own, "body": {"sdp": SDP}})
    for _ in range(BATCHES):
        host.say({"type": "candidates", "to": other, "body": candidates})
        guest.say({"type": "candidates", "to": own, "body": candidates})
    for line in (host, guest):
        for _ in range(BATCHES):
            await line.hear("candidates")
