"""Reading an address, and never one that is nearer than the open internet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telehealth.calendars import reaching
from telehealth.calendars.reaching import CannotRead, Known, Reader
from tests.unit.calendars.scene import Elsewhere, elsewhere

NOTHING = Known()


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Elsewhere]:
    with elsewhere(tmp_path / "tls") as made:
        yield made


async def code_of(reader: Reader, address: str) -> str:
    with pytest.raises(CannotRead) as refused:
        await reader.read(address, NOTHING)
    return refused.value.code


async def test_a_calendar_is_read_and_not_again_while_it_is_the_same(there: Elsewhere) -> None:
    there.headers = {"ETag": '"1"', "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT"}
    first = await there.reader().read(there.address, NOTHING)
    assert first.body == there.body
    there.status = 304
    again = await there.reader().read(there.address, first.known)
    assert (again.body, again.known) == (None, first.known)
    assert there.asked[1]["if-none-match"] == '"1"'
    assert there.asked[1]["if-modified-since"] == "Mon, 23 Nov 2026 08:00:00 GMT"
    assert "cookie" not in there.asked[0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_this_computer_is_not_asked_by_whatever_name(there: Elsewhere, host: str) -> None:
    assert await code_of(Reader(tls=there.tls), f"https://{host}:{there.port}/") == "not_public"
    assert there.asked == []


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("https://127.0.0.2:1/", "not_public"),
        ("http://127.0.0.1:1/", "not_safe"),
        ("file:///etc/passwd", "not_safe"),
    ],
)
async def test_a_redirect_is_looked_at_like_the_address_itself(there: Elsewhere, to: str, code: str) -> None:
    there.status, there.headers = 302, {"Location": to}
    assert await code_of(there.reader(), there.address) == code


async def test_redirects_end(there: Elsewhere) -> None:
    there.status, there.headers = 302, {"Location": there.address}
    assert await code_of(there.reader(), there.address) == "not_reached"
    assert len(there.asked) == reaching.MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("status", "code"), [(403, "refused"), (404, "not_found"), (410, "not_found"), (500, "not_reached")]
)
async def test_an_answer_that_is_none_has_its_code(there: Elsewhere, status: int, code: str) -> None:
    there.status = status
    assert await code_of(there.reader(), there.address) == code


async def test_a_calendar_that_is_too_large_is_not_read_to_its_end(there: Elsewhere) -> None:
    """Ten megabytes, and one byte more than there may be."""
    for size in (10 * 2**20, reaching.MAX_BYTES + 1):
        there.body = b"x" * size
        assert await code_of(there.reader(), there.address) == "too_large"


async def test_a_calendar_that_never_ends_is_not_waited_for(there: Elsewhere) -> None:
    there.endless = True
    assert await code_of(there.reader(), there.address) == "too_large"


async def test_a_small_answer_that_would_become_large_is_not_unpacked(there: Elsewhere) -> None:
    there.headers = {"Content-Encoding": "gzip"}
    assert await code_of(there.reader(), there.address) == "no_calendar"


async def test_who_takes_too_long_is_given_up(there: Elsewhere) -> None:
    assert await code_of(there.reader(seconds=0.0001), there.address) == "too_slow"


async def test_a_certificate_that_is_not_good_is_no_answer(there: Elsewhere) -> None:
    stranger = Reader(is_allowed=lambda _address: True)
    assert await code_of(stranger, there.address) == "not_reached"
    assert there.asked == []
