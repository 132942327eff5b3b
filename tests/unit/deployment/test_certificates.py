"""The relay is handed its own pair and nothing else, and again when it is renewed."""

import os
from pathlib import Path

import pytest

from telehealth.deployment.certificates import hand_on

HOST = "relay.clinic.example"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    made = (tmp_path / "data", tmp_path / "authority", tmp_path / "relay")
    for folder in made:
        folder.mkdir()
    return made


def issue(data: Path, issuer: str, host: str, content: str, at: int) -> None:
    folder = data / "caddy" / "certificates" / issuer / host
    folder.mkdir(parents=True, exist_ok=True)
    for ending in ("crt", "key"):
        file = folder / f"{host}.{ending}"
        file.write_text(f"{content} {ending}")
        os.utime(file, (at, at))


def test_nothing_is_there_until_it_was_issued(folders: tuple[Path, Path, Path]) -> None:
    assert hand_on(*folders, HOST) == []


def test_the_newest_pair_is_handed_on_once_and_no_other_name(folders: tuple[Path, Path, Path]) -> None:
    issue(folders[0], "one", HOST, "old", at=1)
    issue(folders[0], "one", "clinic.example", "not the relay's", at=3)
    assert hand_on(*folders, HOST) == ["relay.key", "relay.crt"]
    issue(folders[0], "two", HOST, "new", at=2)
    assert hand_on(*folders, HOST) == ["relay.key", "relay.crt"]
    assert hand_on(*folders, HOST) == []
    assert {file.name: file.read_text() for file in folders[2].iterdir()} == {
        "relay.crt": "new crt",
        "relay.key": "new key",
    }
    assert (folders[2] / "relay.key").stat().st_mode & 0o777 == 0o640


def test_a_certificate_waits_for_its_key(folders: tuple[Path, Path, Path]) -> None:
    issue(folders[0], "one", HOST, "whole", at=1)
    (folders[0] / f"caddy/certificates/one/{HOST}/{HOST}.key").unlink()
    assert hand_on(*folders, HOST) == []


def test_an_authority_of_its_own_is_handed_to_the_service(folders: tuple[Path, Path, Path]) -> None:
    root = folders[0] / "caddy/pki/authorities/local/root.crt"
    root.parent.mkdir(parents=True)
    root.write_text("root")
    assert hand_on(*folders, "") == ["authority.pem"]
    assert (folders[1] / "authority.pem").read_text() == "root"
