"""Settings of backups alone: the service needs none of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from telehealth.settings import BadSetting
from telehealth.settings.declared import KEY_BACKUP_DAYS
from telehealth.settings.kinds import MOST_DAYS, Number, path_or_none, several
from telehealth.settings.reading import Setting, read, told

GROUP = "backups"
RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")  # a public half
NO_FOLDER = "BACKUP_FOLDER is missing. Set it to a folder on another volume than the database. docs/backup.md"
NO_DAYS = (
    "KEY_BACKUP_DAYS is 0, which says that no backup of keys is ever kept. Set for how long: docs/keys.md."
)
NO_RECIPIENTS = "BACKUP_RECIPIENTS is missing. Set it to what telehealth backup key shows. docs/backup.md"


def recipients(value: str) -> tuple[str, ...]:
    found = several(value)
    if not all(RECIPIENT.fullmatch(each) for each in found):
        raise ValueError("holds something else than recipients such as telehealth backup key shows: age1…")
    return found


BACKUP_FOLDER = Setting(
    "BACKUP_FOLDER",
    GROUP,
    path_or_none,
    "where `telehealth backup` puts what it makes: another volume than the database ([backup.md](backup.md)); `serve` "
    "and `doctor` look there how old the newest is",
    unless="",
)
BACKUP_RECIPIENTS = Setting(
    "BACKUP_RECIPIENTS",
    GROUP,
    recipients,
    "who may open backups: public keys (`age1…`) separated by spaces, of which `telehealth backup key` makes one",
    unless="",
)
BACKUP_DAYS = Setting(
    "BACKUP_DAYS",
    GROUP,
    Number(0, MOST_DAYS, 90),
    "how many days a backup is kept, but for its keys, which go after `KEY_BACKUP_DAYS`; 0 is for ever",
    unless="90",
)
IDENTITY_DATABASE = Setting(
    "IDENTITY_DATABASE",
    "identity",
    path_or_none,
    "its own file, which it needs, apart from every other; where `telehealth backup` and `restore` are told of it too, "
    "accounts are in the backups ([backup.md](backup.md))",
    unless="",
)


@dataclass(frozen=True)
class Plan:
    """Where backups go, who may open them, and for how many days what is not the keys is kept; 0 for ever.
    `accounts`: the database of the identity provider that comes with the service, where the practice runs that.
    `key_days`: for how long keys are kept, and what no key erases."""

    folder: Path | None = told(BACKUP_FOLDER)
    recipients: tuple[str, ...] = told(BACKUP_RECIPIENTS)
    days: int = told(BACKUP_DAYS)
    accounts: Path | None = told(IDENTITY_DATABASE)
    key_days: int = told(KEY_BACKUP_DAYS)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Plan":
        """Read and check them. Raises BadSetting."""
        return read(cls, environment)

    def must_have_folder(self) -> Path:
        """The folder. Raises BadSetting."""
        if self.folder is None:
            raise BadSetting(NO_FOLDER)
        return self.folder

    def must_have_recipients(self) -> tuple[str, ...]:
        """Who may open them. Raises BadSetting."""
        if not self.recipients:
            raise BadSetting(NO_RECIPIENTS)
        return self.recipients

    def must_have_key_days(self) -> int:
        """For how many days keys are kept. Raises BadSetting."""
        if not self.key_days:
            raise BadSetting(NO_DAYS)
        return self.key_days
