"""Key-encryption keys in files: read anew each time, and refused when others could have read them."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telehealth.crypto.kek import FileKeks, KekUnavailable

NOVEMBER = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 0, 0, tzinfo=UTC)


def put(folder: Path, name: str, content: bytes | None = None, mode: int = 0o400) -> bytes:
    """Lay a key file into the folder; returns the key in it."""
    key = secrets.token_bytes(32)
    file = folder / name
    file.write_bytes(key.hex().encode() if content is None else content)
    file.chmod(mode)
    return key


async def test_a_created_key_is_current_random_and_its_owners_alone(tmp_path: Path) -> None:
    keks = FileKeks(tmp_path)
    kek_id = keks.create(NOVEMBER)
    assert kek_id == "kek-202611-1"
    assert (tmp_path / kek_id).stat().st_mode & 0o777 == 0o400
    assert await keks.current(NOVEMBER) == kek_id
    assert len(await keks.key(kek_id)) == 32
    assert keks.create(NOVEMBER) == "kek-202611-2"
    assert await keks.key("kek-202611-2") != await keks.key(kek_id)


async def test_a_key_has_no_name_before_all_of_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keks = FileKeks(tmp_path)
    first = keks.create(NOVEMBER)
    seen: list[list[str]] = []

    def cut_off(_descriptor: int) -> None:
        seen.append(keks.ids())
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", cut_off)
    with pytest.raises(KeyboardInterrupt):
        keks.create(NOVEMBER)
    assert seen == [[first]]
    assert await keks.current(NOVEMBER) == first
    assert os.listdir(tmp_path) == [first]


def test_a_name_that_was_given_meanwhile_is_not_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keks, names = FileKeks(tmp_path), os.listdir(tmp_path)
    key = put(tmp_path, "kek-202611-1")
    monkeypatch.setattr(os, "listdir", lambda _folder: names)  # as it was a moment ago
    with pytest.raises(KekUnavailable, match="File exists"):
        keks.create(NOVEMBER)
    assert (tmp_path / "kek-202611-1").read_text() == key.hex()


async def test_the_newest_epoch_that_has_begun_is_current(tmp_path: Path) -> None:
    for name in (
        "kek-202609-1",
        "kek-202611-2",
        "kek-202611-10",
        "kek-202612-1",
        "notes.txt",
        "kek-202613-1",
    ):
        put(tmp_path, name)
    keks = FileKeks(tmp_path)
    assert await keks.current(NOVEMBER) == "kek-202611-10"
    assert await keks.current(DECEMBER) == "kek-202612-1"


async def test_files_are_read_again_without_a_restart(tmp_path: Path) -> None:
    keks = FileKeks(tmp_path)
    with pytest.raises(KekUnavailable, match="No key-encryption key of 2026-11 or earlier"):
        await keks.current(NOVEMBER)
    key = put(tmp_path, "kek-202611-1")
    assert await keks.current(NOVEMBER) == "kek-202611-1"
    assert await keks.key("kek-202611-1") == key
    (tmp_path / "kek-202611-1").unlink()
    with pytest.raises(KekUnavailable, match=r"kek-202611-1 .* cannot be read: No such file"):
        await keks.key("kek-202611-1")


async def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(KekUnavailable, match="cannot be read: No such file"):
        await FileKeks(tmp_path / "away").current(NOVEMBER)


@pytest.mark.parametrize("mode", [0o404, 0o440, 0o444, 0o420, 0o402, 0o401])
async def test_a_file_that_others_can_use_is_refused(tmp_path: Path, mode: int) -> None:
    put(tmp_path, "kek-202611-1", mode=mode)
    with pytest.raises(KekUnavailable, match="used by others: make it a file of mode 0400"):
        await FileKeks(tmp_path).key("kek-202611-1")


async def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "kek-202611-1", 0o400)
    with pytest.raises(KekUnavailable, match="mode 0400"):
        await FileKeks(tmp_path).key("kek-202611-1")


@pytest.mark.parametrize("content", [b"", b"not hex", b"ab" * 31, b"ab" * 33, bytes(range(32)), b"\xff" * 64])
async def test_a_file_without_a_key_is_refused(tmp_path: Path, content: bytes) -> None:
    put(tmp_path, "kek-202611-1", content)
    with pytest.raises(KekUnavailable, match="64 hex digits"):
        await FileKeks(tmp_path).key("kek-202611-1")


@pytest.mark.parametrize("key", [bytes(32), b"\x41" * 32, b"password" * 4])
async def test_a_weak_key_is_refused(tmp_path: Path, key: bytes) -> None:
    put(tmp_path, "kek-202611-1", key.hex().encode() + b"\n")
    with pytest.raises(KekUnavailable, match="weak key"):
        await FileKeks(tmp_path).key("kek-202611-1")


@pytest.mark.parametrize("name", ["../kek-202611-1", "kek-202611-0", "kek-202600-1", "kek-202611-1\n", ""])
async def test_what_is_no_name_of_a_key_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KekUnavailable, match="not the name"):
        await FileKeks(tmp_path).key(name)


async def test_a_key_of_a_later_month_is_not_used_before_it_begins(tmp_path: Path) -> None:
    keks = FileKeks(tmp_path)
    now = datetime(2026, 11, 25, tzinfo=UTC)
    keks.create(now)
    keks.create(datetime(2026, 12, 1, tzinfo=UTC))
    assert keks.ids() == ["kek-202611-1", "kek-202612-1"]
    assert await keks.current(now) == "kek-202611-1"
    assert await keks.current(datetime(2026, 12, 1, tzinfo=UTC)) == "kek-202612-1"


def test_a_destroyed_key_is_overwritten_before_its_file_goes(tmp_path: Path) -> None:
    keks = FileKeks(tmp_path)
    kek_id = keks.create(datetime(2026, 11, 25, tzinfo=UTC))
    with (tmp_path / kek_id).open("rb") as still_open:
        assert keks.destroy(kek_id)
        assert still_open.read() == b"0" * 65
    assert not (tmp_path / kek_id).exists()
    assert not keks.destroy(kek_id)


def test_what_is_no_key_is_not_destroyed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("kept")
    with pytest.raises(KekUnavailable, match="not the name"):
        FileKeks(tmp_path).destroy("other")
    (tmp_path / "kek-202611-1").mkdir()
    with pytest.raises(KekUnavailable, match="cannot be removed"):
        FileKeks(tmp_path).destroy("kek-202611-1")
    assert (tmp_path / "other").read_text() == "kept"


def test_a_folder_that_is_not_there_takes_no_key(tmp_path: Path) -> None:
    keks = FileKeks(tmp_path / "away")
    with pytest.raises(KekUnavailable, match="cannot be read"):
        keks.create(datetime(2026, 11, 25, tzinfo=UTC))
    with pytest.raises(KekUnavailable, match="cannot be written to"):
        keks.must_be_writable()
    FileKeks(tmp_path).must_be_writable()


def test_a_folder_that_refuses_a_new_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(KekUnavailable, match=r"No key can be made in .*: Permission denied"):
        FileKeks(tmp_path).create(datetime(2026, 11, 25, tzinfo=UTC))


def test_whether_this_process_could_write_keys_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keks = FileKeks(tmp_path)
    assert keks.could_write()
    may, flags = [False], os.statvfs(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: may[0])
    assert keks.could_write()  # its owner could give itself the right
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(tmp_path).st_uid + 1)
    assert not keks.could_write()
    may[0] = True
    assert keks.could_write()
    read_only = os.statvfs_result((*flags[:8], flags.f_flag | os.ST_RDONLY, flags.f_namemax))
    monkeypatch.setattr(os, "statvfs", lambda _folder: read_only)
    assert not keks.could_write()
