"""What restoring and trying to restore have in common: a backup chosen, put back, and looked at."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from telehealth.audit.office import Office
from telehealth.backups.accounts import count_in
from telehealth.backups.note import BadBackup
from telehealth.backups.proving import Proof, prove
from telehealth.backups.restoring import Source, restore
from telehealth.backups.sealing import identities_in
from telehealth.cli.backup_desk import Desk
from telehealth.crypto.note import public_keys
from telehealth.keys import indexes
from telehealth.office import build_registry
from telehealth.settings import Settings

Identity = Annotated[
    Path,
    typer.Option(
        "--identity",
        "-i",
        help="The file with the key that opens backups (telehealth backup key); - reads it from standard input.",
    ),
]
Name = Annotated[
    str | None, typer.Argument(help="Which backup; the newest unless given.", show_default=False)
]
Keys = Annotated[
    str | None,
    typer.Option("--keys", help="The backup whose keys are put back, where not its own.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@dataclass(frozen=True)
class PutBack:
    """What was put back in how long, and what was seen then; `accounts` is the provider's database."""

    source: Source
    rows: int
    seconds: float
    proof: Proof
    accounts: bytes | None = field(default=None, repr=False)

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "data": self.source.data.name,
            "keys": self.source.keys.name,
            "rows": self.rows,
            "seconds": round(self.seconds, 1),
            "accounts": None if self.accounts is None else count_in(self.accounts),
            **self.proof.plain(),
        }

    def words(self) -> list[str]:
        """As sentences."""
        return (
            [
                f"{self.source.data.name}: {self.rows} rows put back and looked at in {self.seconds:.1f} s.",
                *self.proof.words(),
                *([] if self.accounts is None else [f"{count_in(self.accounts)} accounts at the provider."]),
            ]
            if self.proof.is_whole
            else self.proof.words()
        )


def source_of(desk: Desk, name: str | None, keys: str | None, identity: Path) -> Source:
    """The backup of that name, or the newest. BadBackup, BadKey, OSError."""
    shelf = desk.shelf
    newest = next(iter(shelf.names()), None)
    if newest is None:
        raise BadBackup(f"There is no backup in {shelf.folder}.")
    data = shelf.made(name or newest)
    return Source(shelf, data, shelf.made(keys) if keys else data, identities_in(identity))


async def put_back(desk: Desk, settings: Settings, office: Office, source: Source) -> PutBack:
    """Into the empty database of this office, whose settings these are. BadBackup; BadTombstones before anything."""
    began = time.monotonic()
    registry = build_registry(settings, office)
    registry.tombstones.read()
    accounts = source.accounts() if source.has_accounts else None

    async def check(c: AsyncConnection) -> Sequence[str]:
        wrong = await office.ring.complaints(c, office.clock())
        return wrong + await indexes.complaints(c, office.ring, indexes.INDEXES)

    with desk.steps.count("Rows put back") as tell:
        rows = await restore(settings.database_url, source, check, tell)
    signers = public_keys(settings.audit_key, settings.audit_keys_former)
    proof = await prove(registry, settings.checkpoint_file, signers, desk.steps.count)
    return PutBack(source, rows, time.monotonic() - began, proof, accounts)
