"""What an archive holds, before it is sealed: frames of u32be length || MessagePack.

The first frame says what it is of and how many rows follow of each table; each other one is [number of the table,
rows], a row being its columns' values in the order of the first frame. Times are aware UTC, a date is extension 1 (its
ISO text). So an archive of one kind of database can be restored into the other.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import IO, Any

import msgspec

from telehealth.backups.rules import Kind

FORMAT = 1
BATCH = 500
LARGEST_FRAME = 256 * 2**20
_DATE = 1
_LENGTH = 4


class BadArchive(Exception):
    """This is not a whole archive that can be restored here; the message says why."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table: how many rows of it there are, and what stands in each."""

    name: str
    columns: list[str]
    rows: int


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an archive is of. `revision` is the schema's; parts are in an order in which they can be put back."""

    format: int
    kind: Kind
    name: str
    clinic: str
    revision: str
    parts: list[Part]

    @property
    def rows(self) -> int:
        """How many in all."""
        return sum(part.rows for part in self.parts)


class Writer:
    """Writes one archive to a stream."""

    def __init__(self, out: IO[bytes], header: Header) -> None:
        self._out = out
        self._encoder = msgspec.msgpack.Encoder()
        self._frame(header)

    def rows(self, number: int, rows: Sequence[Sequence[object]]) -> None:
        """Some rows of the table of that number."""
        self._frame((number, [[_told(value) for value in row] for row in rows]))

    def _frame(self, content: object) -> None:
        encoded = self._encoder.encode(content)
        self._out.write(len(encoded).to_bytes(_LENGTH, "big") + encoded)


class Reader:
    """Reads one archive. BadArchive for what is none; whether it is whole is known at the end of `rows`."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        first = self._frame()
        try:
            self.header = msgspec.msgpack.decode(first or b"", type=Header)
        except msgspec.DecodeError as error:
            raise BadArchive("it does not begin as an archive does") from error
        if self.header.format != FORMAT:
            raise BadArchive(f"it has the format {self.header.format}, which this version cannot read")

    def rows(self) -> Iterator[tuple[Part, list[list[Any]]]]:
        """Every batch of rows, to the end; BadArchive when there are more or fewer than the first frame says."""
        left = [part.rows for part in self.header.parts]
        decoder = msgspec.msgpack.Decoder(tuple[int, list[list[Any]]], ext_hook=_extension)
        while (frame := self._frame()) is not None:
            try:
                number, rows = decoder.decode(frame)
                part = self.header.parts[number]
            except (msgspec.DecodeError, IndexError, ValueError) as error:
                raise BadArchive("it holds something that is no row of a table") from error
            if any(len(row) != len(part.columns) for row in rows):
                raise BadArchive(f"a row of {part.name} does not have its columns")
            left[number] -= len(rows)
            yield part, rows
        if any(left):
            raise BadArchive("it does not have as many rows as it says")

    def _frame(self) -> bytes | None:
        """The next one; None at the end."""
        prefix = self._source.read(_LENGTH)
        if not prefix:
            return None
        length = int.from_bytes(prefix, "big")
        content = self._source.read(length) if length <= LARGEST_FRAME else b""
        if len(prefix) != _LENGTH or len(content) != length:
            raise BadArchive("it ends in the middle of something")
        return content


def _told(value: object) -> object:
    """A value as MessagePack has it. SQLite gives times without their zone, which is UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return msgspec.msgpack.Ext(_DATE, value.isoformat().encode()) if isinstance(value, date) else value


def _extension(code: int, content: memoryview) -> date:
    if code != _DATE:
        raise ValueError("an unknown extension")
    return date.fromisoformat(bytes(content).decode("ascii"))
