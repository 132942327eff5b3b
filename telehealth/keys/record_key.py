"""The key of one record, as long as a request lasts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from telehealth.crypto.aead import CannotOpen
from telehealth.crypto.sealed import Chance, Place, Sealed, seal, unseal, version_of


@dataclass(frozen=True)
class NewRecord:
    """A record to be: its id, its class, and whom it is about."""

    id: bytes
    cls: str
    subjects: Sequence[bytes]


@dataclass(frozen=True)
class RecordKey:
    """Seals under the newest version. While a rotation is under way an older one still opens what names it."""

    record_id: bytes
    version: int
    _keys: Mapping[int, bytes] = field(repr=False)
    _clinic: str = field(repr=False)
    _chance: Chance = field(repr=False, compare=False)

    @property
    def material(self) -> bytes:
        """The 32 bytes of the newest version."""
        return self._keys[self.version]

    def joined_by(self, version: int, key: bytes) -> "RecordKey":
        """The same with one more version."""
        return replace(self, version=max(self.version, version), _keys={**self._keys, version: key})

    def seal(self, table: str, column: str, revision: int, text: str) -> Sealed:
        """Seal a text for one column of this record at one revision of its row."""
        return seal(
            self.material, self.version, self._place(table, column, revision), text.encode(), self._chance
        )

    def open(self, table: str, column: str, revision: int, sealed: Sealed) -> str:
        """Open it again; CannotOpen when it was sealed for another place, revision or key version.

        The sealed value names exactly one key; no other is tried.
        """
        version = version_of(sealed)
        if version not in self._keys:
            raise CannotOpen("the value names another key version")
        return unseal(self._keys[version], version, self._place(table, column, revision), sealed).decode()

    def _place(self, table: str, column: str, revision: int) -> Place:
        return Place("field", self._clinic, table, f"{column}#{revision}", self.record_id)
