"""docs/settings.md names every setting that is read, and none that is not."""

import re

from telehealth.providers import FIELDS
from tests.rules.tree import ROOT

PAGE = (ROOT / "docs" / "settings.md").read_text()
SOURCES = ("settings.py", "backups/plan.py", "identity/settings.py", "watching/plan.py")
SOURCE = "".join((ROOT / "telehealth" / name).read_text() for name in SOURCES)
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)
READ = re.compile(
    r"""(?:text|key|public_keys|zone|several|number|secret|_object)\(\s*(?:read, )?"([A-Z_]+)\""""
)


def told() -> set[str]:
    return {name for cell in ROW.findall(PAGE) for name in re.findall(r"\w+", cell)}


def test_every_setting_is_told_and_none_that_is_not_read() -> None:
    assert {name for name in told() if name.isupper()} == set(READ.findall(SOURCE))


def test_every_field_of_a_provider_is_told() -> None:
    assert {name for name in told() if not name.isupper()} == FIELDS


def test_what_holds_unless_set_is_what_the_page_says() -> None:
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (\S.*?) \|", PAGE, re.MULTILINE))
    numbers = re.findall(r'number\(\s*"([A-Z_]+)",\s*(\d+)', SOURCE)
    texts = re.findall(r'text\(\s*"([A-Z_]+)",\s*"([^"]+)"', SOURCE)
    assert len(numbers) > 5
    for name, default in [*numbers, *texts]:
        assert rows[name].strip("`") == default, name
