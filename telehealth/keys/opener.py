"""Unwrapping for the length of one call: from an epoch to a person's key to a record's key."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Protocol

from telehealth.crypto.sealed import Place, unwrap
from telehealth.errors import Unavailable
from telehealth.keys.record_key import RecordKey
from telehealth.keys.store import Kek, RecordWrap, SubjectKey


class Ring(Protocol):
    """What it asks of a keyring."""

    async def kek_key(self, kek: Kek) -> bytes: ...
    def subject_place(self, subject_id: bytes, cls: str) -> Place: ...
    def record_place(self, record_id: bytes, subject_id: bytes) -> Place: ...
    def record_key_of(self, record_id: bytes, keys: Mapping[int, bytes]) -> RecordKey: ...


class Opener:
    """Unwraps each epoch's and each person's key at most once, and is gone when the call is."""

    def __init__(self, ring: Ring) -> None:
        self._ring = ring
        self._keks: dict[int, bytes] = {}
        self._subjects: dict[tuple[bytes, str, int], bytes] = {}

    async def record(self, wraps: Sequence[RecordWrap]) -> RecordKey:
        """Open a record's key: the newest version must open, older ones where their epoch can be had."""
        versions = [list(of_version) for _, of_version in groupby(wraps, key=lambda wrap: wrap.version)]
        keys = {versions[0][0].version: await self._through_any(versions[0])}
        for older in versions[1:]:
            with suppress(Unavailable):
                keys[older[0].version] = await self._through_any(older)
        return self._ring.record_key_of(wraps[0].record_id, keys)

    async def _through_any(self, wraps: Sequence[RecordWrap]) -> bytes:
        """The key of one version through the first wrap whose epoch can be had."""
        for candidate in wraps[:-1]:
            with suppress(Unavailable):
                return await self.unwrapped(candidate)
        return await self.unwrapped(wraps[-1])

    async def subject(self, key: SubjectKey) -> bytes:
        """One person's key of one class."""
        name = (key.subject_id, key.cls, key.version)
        if name not in self._subjects:
            if key.kek.number not in self._keks:
                self._keks[key.kek.number] = await self._ring.kek_key(key.kek)
            place = self._ring.subject_place(key.subject_id, key.cls)
            self._subjects[name] = unwrap(self._keks[key.kek.number], key.kek.number, place, key.wrapped)
        return self._subjects[name]

    async def unwrapped(self, found: RecordWrap) -> bytes:
        """A record's key through one person's wrap."""
        subject = found.subject
        place = self._ring.record_place(found.record_id, subject.subject_id)
        return unwrap(await self.subject(subject), subject.version, place, found.wrapped)
