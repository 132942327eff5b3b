"""The demo's data folder: what is in it, who may read it, and that nothing else is ever removed."""

import stat
from pathlib import Path

import pytest

from telehealth.demo import folder as folders
from telehealth.demo.folder import FolderInUse, NotADemoFolder, held, open_folder, read_folder, start_over
from telehealth.settings import Settings


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_gives_settings_that_pass_their_own_checks(tmp_path: Path) -> None:
    made = open_folder(tmp_path / "data")
    settings = Settings.from_environment(made.environment("http://localhost:9000"))
    assert settings.demo
    assert settings.providers[0].issuer == f"http://127.0.0.1:{made.provider_port}"
    assert settings.providers[0].registers
    assert len({settings.index_root, settings.audit_key, settings.pseudonym_key, settings.cookie_key}) == 4


def test_secrets_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    data = open_folder(tmp_path / "data").path
    assert mode_of(data) == 0o700
    assert mode_of(data / "demo.json") == 0o600
    assert {mode_of(key) for key in [*(data / "keys").iterdir(), *(data / "keks").iterdir()]} == {0o400}


def test_it_stays_the_same_when_opened_again(tmp_path: Path) -> None:
    assert open_folder(tmp_path / "data") == open_folder(tmp_path / "data")


def test_two_folders_share_no_secret(tmp_path: Path) -> None:
    one, two = open_folder(tmp_path / "one"), open_folder(tmp_path / "two")
    assert one.client_secret != two.client_secret
    assert one.provider_key["n"] != two.provider_key["n"]
    assert (one.path / "keys/index_root").read_text() != (two.path / "keys/index_root").read_text()


def test_reading_a_folder_that_no_demo_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_folder(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_starting_over_removes_what_the_demo_made(tmp_path: Path) -> None:
    before = open_folder(tmp_path / "data")
    start_over(before.path)
    assert list(before.path.iterdir()) == []
    assert open_folder(before.path).client_secret != before.client_secret


def test_starting_over_leaves_other_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(NotADemoFolder):
        start_over(tmp_path)
    with pytest.raises(NotADemoFolder), held(tmp_path):
        pass
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_one_demo_at_a_time(tmp_path: Path) -> None:
    with held(tmp_path / "data"), pytest.raises(FolderInUse), held(tmp_path / "data"):
        pass
    with held(tmp_path / "data"):
        pass


def test_the_providers_port_is_none_that_outgoing_connections_get() -> None:
    assert folders.free_port() in range(20000, 30000)
