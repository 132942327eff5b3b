"""The table of docs/retention.md says what the service does, and the settings' own numbers are the same."""

import re
from dataclasses import fields

from telehealth.privacy.rules import CLASSES, RETENTIONS
from telehealth.settings import Settings
from tests.rules.tree import ROOT

DOCUMENT = (ROOT / "docs" / "retention.md").read_text()
ROW = re.compile(r"^\| ([a-z]+) \| `(\w+)` \| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def test_the_table_says_what_the_job_does() -> None:
    rows = ROW.findall(DOCUMENT)
    assert rows == [
        (each.cls, each.setting, str(each.days), each.from_when, each.what, each.basis) for each in RETENTIONS
    ]


def test_every_class_has_its_time() -> None:
    assert [each.cls for each in RETENTIONS] == list(CLASSES)


def test_what_holds_unless_set_is_the_same_in_the_settings() -> None:
    defaults = {field.name: field.default for field in fields(Settings)}
    for each in RETENTIONS:
        assert defaults[each.setting.lower()] == each.days, each.setting
