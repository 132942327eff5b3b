"""The frames of an archive: every kind of value comes back as it was, and a flaw is found."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO

import pytest

from telehealth.backups.archive import BadArchive, Header, Part, Reader, Writer

AT = datetime(2026, 11, 28, 4, 45, 12, 345678, tzinfo=UTC)
ROW = (b"\x00\xff", "Straße", 2**62, True, None, AT, date(2026, 3, 29))
PART = Part("things", ["id", "name", "number", "yes", "nothing", "at", "day"], 2)
HEADER = Header(1, "data", "backup-20261128T044512Z", "test-clinic", "0006", [PART])


def written(header: Header = HEADER, *batches: tuple[int, list[tuple[object, ...]]]) -> bytes:
    out = BytesIO()
    writer = Writer(out, header)
    for number, rows in batches:
        writer.rows(number, rows)
    return out.getvalue()


def rows_in(content: bytes) -> list[list[object]]:
    return [row for _, rows in Reader(BytesIO(content)).rows() for row in rows]


def test_every_kind_of_value_comes_back_as_it_was() -> None:
    content = written(HEADER, (0, [ROW]), (0, [ROW]))
    assert Reader(BytesIO(content)).header == HEADER
    assert rows_in(content) == [list(ROW), list(ROW)]


def test_a_time_without_a_zone_and_one_of_another_are_the_same_in_utc() -> None:
    part = Part("things", ["at"], 2)
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    content = written(Header(1, "data", "n", "c", "r", [part]), (0, [(AT.replace(tzinfo=None),), (there,)]))
    assert rows_in(content) == [[AT], [AT]]


FLAWS: dict[str, Callable[[], bytes]] = {
    "cut off in a frame": lambda: written(HEADER, (0, [ROW, ROW]))[:-1],
    "cut off in a length": lambda: written(HEADER, (0, [ROW, ROW])) + b"\x00\x00",
    "a frame too large": lambda: written(HEADER, (0, [ROW, ROW])) + b"\xff\xff\xff\xff",
    "too few rows": lambda: written(HEADER, (0, [ROW])),
    "too many rows": lambda: written(HEADER, (0, [ROW, ROW, ROW])),
    "a table that is not there": lambda: written(HEADER, (1, [ROW, ROW])),
    "a row that is too short": lambda: written(HEADER, (0, [ROW[:-1], ROW])),
    "no header": lambda: b"",
    "another thing": lambda: b"\x00\x00\x00\x02\x92\x01",
    "another format": lambda: written(Header(2, "data", "n", "c", "r", [])),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_found(flaw: str) -> None:
    with pytest.raises(BadArchive):
        rows_in(FLAWS[flaw]())
