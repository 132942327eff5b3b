"""A key folder that the service could write to is warned of at the start, outside the demo."""

from dataclasses import replace
from pathlib import Path

import pytest

from telehealth.app import create_app
from telehealth.audit.office import Office
from telehealth.crypto.kek import FileKeks
from telehealth.keys import standing
from tests.people import Clinic
from tests.web.conftest import settings_for


def test_a_folder_that_can_be_written_to_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    standing.warn(tmp_path)
    assert [
        message.startswith("The service could write to the key folder") for message in caplog.messages
    ] == [True]
    assert str(tmp_path) in caplog.messages[0]
    caplog.clear()
    monkeypatch.setattr(FileKeks, "could_write", lambda _keks: False)
    standing.warn(tmp_path)
    assert caplog.messages == []


@pytest.mark.parametrize("demo", [True, False])
async def test_it_is_asked_once_at_the_start_but_not_in_the_demo(
    office: Office, clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo: bool
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr(standing, "warn", asked.append)
    settings = replace(settings_for(tmp_path), demo=demo)
    service = create_app(settings, office=office)
    async with service.router.lifespan_context(service):
        assert asked == ([] if demo else [settings.kek_dir])
