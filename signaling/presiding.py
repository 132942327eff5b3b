"""What only a host may do: the room is asked, then the database, then everybody is told."""

from typing import TYPE_CHECKING

from signaling import bus as says
from signaling import protocol
from signaling.admission import Entry, Unanswered
from signaling.errors import Refused
from signaling.live import Live

if TYPE_CHECKING:
    from signaling.hub import Hub


class Presiding:
    """The powers of a host in one process, over those whom it serves and those whom others serve."""

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub

    async def preside(self, live: Live, host: Entry, message: protocol.Incoming) -> None:
        """Raises Refused, with `unavailable` where the database does not answer."""
        live.room.check_host(host.seat)
        try:
            match message:
                case protocol.Admit(seat=seat, reason=reason):
                    await self._admit(live, host, seat, reason)
                case protocol.AdmitAll(reason=reason):
                    await self._admit_all(live, host, reason)
                case protocol.Refuse(seat=seat, text=text):
                    self._refuse(live, host, seat, text)
                case protocol.Back(seat=seat):
                    await self._back(live, host, seat)
                case protocol.Remove(seat=seat):
                    await self._remove(live, host, seat)
                case protocol.Groups(apart=apart):
                    await self._part(live, host, apart)
                case protocol.Lock(locked=locked):
                    await self._lock(live, host, locked)
                case _:
                    await self._end(live, host)
        except Unanswered as error:
            raise Refused("unavailable") from error

    async def _admit(self, live: Live, host: Entry, seat: str, reason: str) -> None:
        live.room.check_admit(host.seat, seat, reason)
        self._check_reach(live, seat)
        if not await self.hub.admission.admit(host, seat, reason):
            raise Refused("no_such_seat")
        live.room.check_host(host.seat)
        live.room.check_let_in(seat)
        home = live.room.occupants[seat].home
        if home:
            self.hub.tell(says.Deed(self.hub.own, live.id, seat, "let_in"), home)
        else:
            await self.hub.note(self.hub.let_in(live, seat))

    async def _admit_all(self, live: Live, host: Entry, reason: str) -> None:
        """One after the other, the first to knock first, as far as there are places."""
        for seat in live.room.waiting_seats():
            if seat in live.room.waiting_seats():  # who waited a moment ago may be gone
                await self._admit(live, host, seat, reason)

    def _refuse(self, live: Live, host: Entry, seat: str, text: str) -> None:
        live.room.check_waits(seat)
        self._check_reach(live, seat)
        home = live.room.occupants[seat].home
        if home:
            self.hub.tell(says.Deed(self.hub.own, live.id, seat, "turned_away", text), home)
        else:
            self.hub.turn_away(live, seat, text)

    async def _back(self, live: Live, host: Entry, seat: str) -> None:
        live.room.check_guest_inside(host.seat, seat)
        self._check_reach(live, seat)
        if not await self.hub.admission.send_back(host, seat):
            raise Refused("no_such_seat")
        self.hub.tell(says.SentBack(self.hub.own, live.id, seat))
        await self.hub.note(self.hub.send_back(live, seat))

    async def _remove(self, live: Live, host: Entry, seat: str) -> None:
        live.room.check_remove(host.seat, seat)
        if not await self.hub.admission.remove(host, seat):
            raise Refused("no_such_seat")
        self.hub.tell(says.Removed(self.hub.own, live.id, seat))
        await self.hub.note(self.hub.remove(live, seat))

    async def _part(self, live: Live, host: Entry, apart: list[list[str]]) -> None:
        groups = {seat: number for number, seats in enumerate(apart, 1) for seat in seats}
        live.room.check_groups(host.seat, groups)
        self._check_others(live)
        grouping = await self.hub.admission.part(host, groups)
        self.hub.tell(says.Grouped(self.hub.own, live.id, groups, grouping))
        live.send(live.room.grouped(groups, grouping))

    async def _lock(self, live: Live, host: Entry, locked: bool) -> None:
        self._check_others(live)
        await self.hub.admission.lock(host, locked)
        self.hub.tell(says.Locked(self.hub.own, live.id, locked))
        live.send(live.room.lock(locked))

    async def _end(self, live: Live, host: Entry) -> None:
        await self.hub.admission.end(host)
        self.hub.tell(says.Ended(self.hub.own, live.id))
        await self.hub.note(self.hub.end(live.id))

    def _check_reach(self, live: Live, seat: str) -> None:
        if not live.room.is_within_reach(seat):
            raise Refused("divided")

    def _check_others(self, live: Live) -> None:
        """What all must know at once is not done while some cannot be told."""
        if live.room.divided and live.has_others():
            raise Refused("divided")
