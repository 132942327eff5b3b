"""Names, ages and which keys go with which data: decided without a file."""

from datetime import UTC, datetime, timedelta

import pytest

from telehealth.backups import rules

NOW = datetime(2026, 11, 28, 4, 45, 12, tzinfo=UTC)


def files_from(days: float) -> list[str]:
    name = rules.name_at(NOW - timedelta(days=days))
    return [f"{name}.data.age", f"{name}.keys.age", f"{name}.note"]


def left(days: float, *, data_days: int = 90, key_days: int = 28) -> list[str]:
    files = files_from(days)
    gone = rules.expired(files, NOW, data_days=data_days, key_days=key_days)
    return [file.partition(".")[2] for file in files if file not in gone]


def test_a_name_says_when_in_utc() -> None:
    assert rules.name_at(NOW) == "backup-20261128T044512Z"
    assert rules.time_of("backup-20261128T044512Z.note") == NOW


@pytest.mark.parametrize(
    "file",
    ["backup-20261128T044512Z.data.age.part", "notes.txt", "backup-20261328T044512Z.note", "x.keys.age"],
)
def test_other_files_belong_to_no_backup(file: str) -> None:
    assert rules.time_of(file) is None
    assert rules.expired([file], NOW, data_days=1, key_days=1) == []


def test_keys_go_after_their_days_and_data_after_theirs() -> None:
    assert left(27.9) == ["data.age", "keys.age", "note"]
    assert left(28) == ["data.age", "note"]
    assert left(90) == []


def test_data_that_is_kept_for_ever_keeps_no_keys() -> None:
    assert left(5000, data_days=0) == ["data.age", "note"]


def test_keys_never_outlive_their_data() -> None:
    assert left(8, data_days=7) == []


def test_newer_keys_open_older_data_and_not_the_other_way() -> None:
    later = NOW + timedelta(seconds=1)
    assert rules.may_go_with(NOW, NOW)
    assert rules.may_go_with(later, NOW)
    assert not rules.may_go_with(NOW, later)


def test_a_day_without_a_backup_is_late() -> None:
    assert rules.is_late(None, NOW)
    assert rules.is_late(NOW - timedelta(hours=27), NOW)
    assert not rules.is_late(NOW - timedelta(hours=25), NOW)


def test_the_log_and_its_bases_go_as_early_as_the_keys() -> None:
    def names(days: float) -> list[str]:
        at = NOW - timedelta(days=days)
        segment, base = rules.segment_name("0" * 24, at), rules.base_name(at, at + timedelta(minutes=1))
        return [base, segment, f"{base}.part", f"{segment}.part"]

    assert rules.log_expired(names(28), NOW, 28) == sorted(names(28))
    assert rules.log_expired(names(27.9), NOW, 28) == [each for each in sorted(names(27.9)) if "part" in each]
    assert rules.log_expired([*names(0.9), *files_from(90), "wal-20261328T044512Z-x.age"], NOW, 28) == []


def test_the_base_is_the_newest_that_was_whole_and_the_log_what_came_since() -> None:
    def base(hours: int) -> str:
        began = NOW + timedelta(hours=hours)
        return rules.base_name(began, began + timedelta(minutes=10))

    names = [base(0), base(5), f"{base(6)}.part", "notes.txt"]
    assert rules.base_before(names, None) == base(5)
    assert rules.base_before(names, NOW + timedelta(hours=5, minutes=9)) == base(0)
    assert rules.base_before(names, NOW) is None
    first, second, old = ("0" * 23 + end for end in "123")
    log = [
        rules.segment_name(old, NOW - timedelta(seconds=1)),
        rules.segment_name(first, NOW + timedelta(hours=1)),
        rules.segment_name(first, NOW + timedelta(hours=2)),
        rules.segment_name(second, NOW + timedelta(hours=3)) + ".part",
    ]
    assert rules.log_after([*log, *names], base(0)) == {first: log[1]}
    back = rules.segment_name("00000002.history", NOW + timedelta(hours=2))
    assert rules.log_after([*log, back], base(0), NOW + timedelta(minutes=119)) == {first: log[1]}
    assert rules.log_after([*log, back], base(0), NOW + timedelta(hours=3))["00000002.history"] == back
    assert rules.newest_log([*log, *names]) == NOW + timedelta(hours=2)
    assert rules.newest_base([*log, *names]) == NOW + timedelta(hours=5)
    assert rules.newest_log(names) is rules.newest_base(log) is rules.newest_note(names) is None


@pytest.mark.parametrize(
    ("file", "so"),
    [
        ("000000010000000000000001", True),
        ("000000010000000000000001.partial", True),
        ("000000010000000000000001.00000028.backup", True),
        ("00000002.history", True),
        ("000000010000000000000001.part", False),
        ("notes.txt", False),
    ],
)
def test_the_names_that_postgresql_gives(file: str, so: bool) -> None:
    assert rules.is_logged(file) is so
