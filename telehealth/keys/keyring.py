"""The keyring: from a key-encryption key to a subject's key to a record's key. It keeps none beyond a call."""

import logging
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import Literal, get_args

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.framing import KEY_BYTES
from telehealth.crypto.index import blind_index, index_key
from telehealth.crypto.kek import KekProvider, KekUnavailable
from telehealth.crypto.sealed import Chance, Place, wrap
from telehealth.errors import NotFound, Unavailable
from telehealth.keys import store
from telehealth.keys.opener import Opener
from telehealth.keys.record_key import NewRecord, RecordKey
from telehealth.keys.store import Kek, SubjectKey

SubjectClass = Literal["account", "booking", "clinical", "correspondence"]
SubjectKeys = Mapping[tuple[bytes, str], SubjectKey]  # by person and class
SUBJECT_CLASSES: tuple[SubjectClass, ...] = get_args(SubjectClass)
PLANNED_PEOPLE = 1000
KEYS_AWAY = "Records cannot be opened at the moment. Nothing was changed; please try again in a few minutes."
_log = logging.getLogger(__name__)
_SAMPLES = 5  # one damaged row must not look like a wrong key
_REGISTRATIONS = 5  # each lost race means somebody else registered an epoch


class Keyring:
    """Makes and finds keys. `index_root` is 32 bytes; `clinic` is a constant of the deployment, part of every place;
    `planned_people` is how many the blind indexes are made for."""

    def __init__(
        self,
        keks: KekProvider,
        *,
        clinic: str,
        index_root: bytes,
        planned_people: int = PLANNED_PEOPLE,
        chance: Chance = os.urandom,
    ) -> None:
        if len(index_root) != KEY_BYTES:
            raise ValueError("the index root has 32 bytes")
        self.clinic = clinic
        self.planned_people = planned_people
        self._keks = keks
        self._index_root = index_root
        self.chance = chance

    async def new_subject(self, c: AsyncConnection, subject_id: bytes, now: datetime) -> None:
        """Give a person a key of each class, wrapped by the current epoch."""
        kek = await self.current_kek(c, now)
        kek_key = await self.kek_key(kek)
        rows: list[dict[str, object]] = []
        for cls in SUBJECT_CLASSES:
            place = self.subject_place(subject_id, cls)
            wrapped = wrap(kek_key, kek.number, place, self.chance(KEY_BYTES), self.chance)
            row = {"subject_id": subject_id, "cls": cls, "version": 1, "kek": kek.number}
            rows.append(row | {"wrapped": wrapped, "created_at": now})
        await store.add_subject_keys(c, rows)

    async def new_record(
        self, c: AsyncConnection, record_id: bytes, cls: SubjectClass, subjects: Sequence[bytes]
    ) -> RecordKey:
        """A fresh key for a new record, wrapped for each person it is about. NotFound when one has no keys."""
        return (await self.new_records(c, [NewRecord(record_id, cls, subjects)]))[record_id]

    async def new_records(self, c: AsyncConnection, wanted: Sequence[NewRecord]) -> dict[bytes, RecordKey]:
        """The same for several records at once, in as many statements as for one."""
        if not all(each.subjects for each in wanted):
            raise ValueError("a record is about somebody")
        version, keys = await self._keys_for(c, wanted)
        made = {each.id: self.record_key(each.id, version, self.chance(KEY_BYTES)) for each in wanted}
        await self._wrap(c, made, wanted, keys)
        return made

    async def ensure_record(
        self, c: AsyncConnection, record_id: bytes, cls: SubjectClass, subjects: Sequence[bytes]
    ) -> RecordKey:
        """The record's key, made now if this is its first use; two transactions at once agree on one key."""
        known = await self.records(c, [record_id])
        if record_id in known:
            return known[record_id]
        try:
            async with c.begin_nested():
                return await self.new_record(c, record_id, cls, subjects)
        except IntegrityError:
            return await self.record(c, record_id)

    async def add_subject(self, c: AsyncConnection, record_id: bytes, subject_id: bytes) -> None:
        """Wrap an existing record's key for one more person."""
        wraps = await store.wraps_of(c, [record_id])
        record = await self.record(c, record_id)
        classes = {wrap.subject.cls for wrap in wraps}
        cls = next(cls for cls in SUBJECT_CLASSES if cls in classes)
        wanted = [NewRecord(record_id, cls, [subject_id])]
        _, keys = await self._keys_for(c, wanted)
        await self._wrap(c, {record_id: record}, wanted, keys)

    async def record(self, c: AsyncConnection, record_id: bytes) -> RecordKey:
        """The key of one record. NotFound when no live wrap is left; Unavailable when its epoch is missing."""
        found = await self.records(c, [record_id])
        if record_id not in found:
            raise NotFound("record_not_found", "There is nothing here that can be opened.")
        return found[record_id]

    async def records(self, c: AsyncConnection, record_ids: Sequence[bytes]) -> dict[bytes, RecordKey]:
        """The keys of several records, to seal or open something with; a record without a live wrap is left out.

        A transaction that writes keeps them as they are until it ends: what it seals under a key is there when the
        key's rotation looks for it.
        """
        if record_ids:
            await store.hold_records(c, record_ids)
        return await self.readable(c, record_ids)

    async def readable(self, c: AsyncConnection, record_ids: Sequence[bytes]) -> dict[bytes, RecordKey]:
        """The same in one statement, for what only opens something: nobody waits for that, and nothing waits for it."""
        if not record_ids:
            return {}
        wraps = await store.wraps_of(c, list(dict.fromkeys(record_ids)))
        opener = Opener(self)
        found = {}
        for record_id, of_record in groupby(wraps, key=lambda wrap: wrap.record_id):
            found[record_id] = await opener.record(list(of_record))
        return found

    async def complaints(self, c: AsyncConnection, now: datetime, *, but_for: str = "") -> list[str]:
        """What is wrong with the key-encryption keys that this database needs, a sentence each; asked at the start.

        `but_for` is the epoch that is about to go, and need not be there any more.
        """
        wrong, current = [], set()
        try:
            current = {await self._keks.current(now)}
        except KekUnavailable as error:
            wrong.append(str(error))
        return wrong + await self.complaints_of(c, current.union(await store.keks_in_use(c)) - {but_for})

    async def complaints_of(self, c: AsyncConnection, kek_ids: Collection[str]) -> list[str]:
        """What is wrong with these epochs: not to be had, or not the key that wrapped what it should open here."""
        wrong = []
        for kek_id in sorted(kek_ids):
            try:
                await self._keks.key(kek_id)
            except KekUnavailable as error:
                wrong.append(str(error))
                continue
            samples = await store.wrapped_by(c, kek_id, _SAMPLES)
            if samples and not any([await self._opens(sample) for sample in samples]):
                wrong.append(
                    f"{kek_id} does not open what it wrapped in this database. Put the right file back, and see that "
                    "KEK_DIR, CLINIC_ID and DATABASE_URL belong together."
                )
        return wrong

    async def _opens(self, key: SubjectKey) -> bool:
        try:
            await Opener(self).subject(key)
        except CannotOpen:
            return False
        return True

    def blind_index(
        self, table: str, column: str, value: str, *, transform: str, bits: int, version: int = 1
    ) -> bytes:
        """The tag under which a value is found; NotIndexable when it has no normal form."""
        key = index_key(
            self._index_root,
            clinic=self.clinic,
            table=table,
            column=column,
            transform=transform,
            version=version,
        )
        return blind_index(key, value, transform=transform, bits=bits)

    async def current_kek(self, c: AsyncConnection, now: datetime) -> Kek:
        """The row of the provider's current epoch, written at its first use.

        Where another computer already uses a newer one that can be read here as well, that one.
        """
        try:
            kek_id = await self._keks.current(now)
        except KekUnavailable as error:
            raise _keys_unavailable(error) from error
        kek = await store.kek_of(c, kek_id)
        for _ in range(_REGISTRATIONS):
            if kek is not None:
                break
            await store.register_kek(c, kek_id, now)
            kek = await store.kek_of(c, kek_id)
        if kek is not None and kek.state == "decrypt_only":
            kek = await self._newer(c, kek) or kek
        if kek is None or kek.state != "active":
            _log.error("%s may no longer seal anything; a newer key must be supplied", kek_id)
            raise Unavailable("kek_not_active", KEYS_AWAY)
        return kek

    async def _newer(self, c: AsyncConnection, kek: Kek) -> Kek | None:
        newest = await store.active_kek(c)
        if newest is None or newest.number < kek.number:
            return None
        with suppress(KekUnavailable):
            await self._keks.key(newest.kek_id)
            return newest
        return None

    async def kek_key(self, kek: Kek) -> bytes:
        try:
            return await self._keks.key(kek.kek_id)
        except KekUnavailable as error:
            raise _keys_unavailable(error) from error

    async def _keys_for(self, c: AsyncConnection, wanted: Sequence[NewRecord]) -> tuple[int, SubjectKeys]:
        """The version of what is new, and the subjects' keys, which stay as they are until the transaction ends."""
        subjects = list(dict.fromkeys(subject for each in wanted for subject in each.subjects))
        classes = list(dict.fromkeys(each.cls for each in wanted))
        await store.hold_subject_keys(c, classes, subjects)
        version, keys = await store.keys_for_new_records(c, classes, subjects)
        return version, {(key.subject_id, key.cls): key for key in keys}

    async def _wrap(
        self,
        c: AsyncConnection,
        records: Mapping[bytes, RecordKey],
        wanted: Sequence[NewRecord],
        keys: SubjectKeys,
    ) -> None:
        """Each record's key for each of its subjects; NotFound when one has no key of that class."""
        opener = Opener(self)
        rows: list[dict[str, object]] = []
        for each in wanted:
            record = {"record_id": each.id, "version": records[each.id].version, "cls": each.cls}
            for subject_id in dict.fromkeys(each.subjects):
                key = keys.get((subject_id, each.cls))
                if key is None:
                    raise NotFound("person_not_found", "This person is not known here.")
                place, material = self.record_place(each.id, subject_id), records[each.id].material
                wrapped = wrap(await opener.subject(key), key.version, place, material, self.chance)
                of = {"subject_id": subject_id, "subject_version": key.version, "wrapped": wrapped}
                rows.append(record | of)
        await store.add_wraps(c, rows)

    def record_key(self, record_id: bytes, version: int, key: bytes) -> RecordKey:
        """A record's key with one version."""
        return self.record_key_of(record_id, {version: key})

    def record_key_of(self, record_id: bytes, keys: Mapping[int, bytes]) -> RecordKey:
        """A record's key with all its live versions."""
        return RecordKey(record_id, max(keys), keys, self.clinic, self.chance)

    def subject_place(self, subject_id: bytes, cls: str) -> Place:
        return Place("kek", self.clinic, "subject_keys", f"wrapped#{cls}", subject_id, subject_id)

    def record_place(self, record_id: bytes, subject_id: bytes) -> Place:
        return Place("sk", self.clinic, "record_keys", "wrapped", record_id, subject_id)


def _keys_unavailable(error: KekUnavailable) -> Unavailable:
    """The operator reads in the log which key is wrong and why; the person at the page reads what it means to them."""
    _log.error("%s", error)
    return Unavailable("keys_unavailable", KEYS_AWAY)
