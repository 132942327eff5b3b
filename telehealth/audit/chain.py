"""The chainer: hangs new entries on the chain within a second, and has the head signed onto another volume."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit import checkpoint, store
from telehealth.audit.checkpoint import Checkpoint
from telehealth.audit.office import Office
from telehealth.audit.rules import link
from telehealth.audit.store import Head
from telehealth.crypto.framing import ID_BYTES

BATCH = 256  # short transactions: SQLite's other writers wait for this one
LOOK_EVERY_SECONDS = 0.5  # with the time to append, within the second that security.md states
SIGN_EVERY_SECONDS = 60
SIGN_EVERY_ENTRIES = 256

_log = logging.getLogger(__name__)


async def append_once(connection: AsyncConnection, limit: int = BATCH) -> int:
    """Hang up to `limit` pending entries on the chain, the oldest first; returns how many. Safe beside other chainers.

    The caller's transaction must be one that may write.
    """
    await store.lock_chain(connection)
    leaves = await store.pending(connection, limit)
    if not leaves:
        return 0
    end = await store.head(connection)
    rows: list[dict[str, object]] = []
    for leaf in leaves:
        end_hash = link(end.hash, leaf)
        rows.append({"seq": end.seq + 1, "leaf": leaf, "prev": end.hash, "hash": end_hash})
        end = Head(end.seq + 1, end_hash)
    await store.append(connection, rows)
    return len(rows)


async def run(office: Office, checkpoints: Path, signing_key: bytes, stop: asyncio.Event) -> None:
    """Append and sign until `stop` is set, then once more. `signing_key` is a 32-byte Ed25519 seed.

    A database or volume that is away for a while is logged and tried again; entries wait in the database meanwhile.
    """
    chainer = Chainer(office, checkpoints, signing_key)
    while not stop.is_set():
        await _turn(chainer)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY_SECONDS)
    await _turn(chainer, last=True)


async def _turn(chainer: "Chainer", *, last: bool = False) -> None:
    try:
        await chainer.turn(sign_now=last)
    except (
        Exception
    ) as error:  # drivers raise their own while a database starts; to stop would be worse than any
        _log.error("The audit chain could not be continued and will be tried again: %s", type(error).__name__)


class Chainer:
    """One process's share of the chaining: what it signed last, and when."""

    def __init__(self, office: Office, checkpoints: Path, signing_key: bytes) -> None:
        self._office = office
        self._file = checkpoints
        self._key = checkpoint.signing_key(signing_key)
        self._origin = checkpoint.origin_of(office.ring.clinic)
        self._signed: Head | None = None
        self._signed_at = float("-inf")

    async def turn(self, *, sign_now: bool = False) -> None:
        """Append all that is pending, signing on the way whenever it is time."""
        while await self._append():
            await self._sign_if_due()
        await self._sign_if_due(now=sign_now)

    async def _append(self) -> int:
        async with self._office.database.reading() as connection:
            if not await store.is_pending(connection):
                return 0
        async with self._office.database.transaction() as connection:
            return await append_once(connection)

    async def _sign_if_due(self, *, now: bool = False) -> None:
        async with self._office.database.reading() as connection:
            end = await store.head(connection)
        signed_seq = self._signed.seq if self._signed else 0
        waited = asyncio.get_running_loop().time() - self._signed_at
        due = now or waited >= SIGN_EVERY_SECONDS or end.seq - signed_seq >= SIGN_EVERY_ENTRIES
        if end.seq == 0 or end == self._signed or not due:
            return
        point = Checkpoint(self._origin, end.seq, end.hash)
        # Nothing new since a start of the service, or another process was quicker: one note is enough.
        if not await asyncio.to_thread(checkpoint.is_last_in, self._file, self._key.public_key(), point):
            await asyncio.to_thread(checkpoint.append_to, self._file, checkpoint.sign(self._key, point))
            async with self._office.database.transaction() as connection:
                await store.note_checkpoint(
                    connection, self._office.chance(ID_BYTES), end, self._office.clock()
                )
        self._signed, self._signed_at = end, asyncio.get_running_loop().time()
