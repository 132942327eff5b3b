"""Settings of backups alone: the service needs none of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from telehealth.settings import MOST_DAYS, BadSetting, Reader

RECIPIENT = re.compile(r"age1[02-9ac-hj-np-z]{58}")  # a public half
NO_FOLDER = "BACKUP_FOLDER is missing. Set it to a folder on another volume than the database. docs/backup.md"
NO_DAYS = (
    "KEY_BACKUP_DAYS is 0, which says that no backup of keys is ever kept. Set for how long: docs/keys.md."
)
NO_RECIPIENTS = "BACKUP_RECIPIENTS is missing. Set it to what telehealth backup key shows. docs/backup.md"


@dataclass(frozen=True)
class Plan:
    """Where backups go, who may open them, and for how many days what is not the keys is kept; 0 for ever.
    `accounts`: the database of the identity provider that comes with the service, where the practice runs that.
    `key_days`: for how long keys are kept, and what no key erases."""

    folder: Path | None
    recipients: tuple[str, ...]
    days: int
    accounts: Path | None
    key_days: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Plan":
        """Read and check them. Raises BadSetting."""
        read = Reader(environment)
        folder = read.text("BACKUP_FOLDER", "")
        recipients = read.several("BACKUP_RECIPIENTS")
        if not all(RECIPIENT.fullmatch(each) for each in recipients):
            raise BadSetting(
                "BACKUP_RECIPIENTS holds something else than recipients such as telehealth backup key shows: age1…"
            )
        days = read.number("BACKUP_DAYS", 90, 0, MOST_DAYS)
        accounts = read.text("IDENTITY_DATABASE", "")
        return cls(
            folder=Path(folder) if folder else None,
            recipients=recipients,
            days=days,
            accounts=Path(accounts) if accounts else None,
            key_days=read.number("KEY_BACKUP_DAYS", 28, 0, MOST_DAYS),
        )

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
