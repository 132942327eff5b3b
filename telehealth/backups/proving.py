"""What must hold in a restored database before it serves: erased people are erased, the record is whole, keys open."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from telehealth.audit import checkpoint
from telehealth.audit.reading import last_seq
from telehealth.audit.verify import verify as verify_record
from telehealth.backups.making import Tell
from telehealth.crypto.note import PublicKeys
from telehealth.keys import erasing as keys
from telehealth.keys.indexes import INDEXES
from telehealth.keys.verification import verify as verify_keys
from telehealth.privacy import replaying
from telehealth.privacy.acts import Registry

Counted = Callable[[str], AbstractContextManager[Tell]]
NOBODY = "Nobody had to be erased again."
NO_TOMBSTONES = (
    "There was no tombstone to replay. If anybody was ever erased, put TOMBSTONE_FILE back and run: telehealth person "
    "replay"
)


@dataclass
class Proof:
    """What was seen. `tombstones` were replayed; `entries` are those of the record that are there, `lost` how many more
    were signed since the backup; `opened` is how many sealed values opened; `wrong` are sentences, none where all is
    well."""

    tombstones: int = 0
    erased_again: int = 0
    entries: int = 0
    lost: int = 0
    opened: int = 0
    keyless: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Nothing is wrong."""
        return not self.wrong

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        return {"whole": self.is_whole, **asdict(self)}

    def words(self) -> list[str]:
        """As sentences: what was seen, or what is wrong."""
        if not self.is_whole:
            return self.wrong
        erased = f"Erased once more: {self.erased_again}." if self.erased_again else NOBODY
        return [
            erased if self.tombstones else NO_TOMBSTONES,
            f"The record has {self.entries} entries, as they were signed."
            + (f" {self.lost} more were signed since and are not in this backup." if self.lost else ""),
            f"{self.opened} sealed values opened; {self.keyless} belong to people who were erased.",
        ]


async def prove(registry: Registry, checkpoints: Path, signers: PublicKeys, counted: Counted) -> Proof:
    """Replay the tombstones, then look at everything. `counted` opens a bar of a name.

    Raises BadTombstones, and nothing was touched.
    """
    proof = Proof()
    database = registry.office.database
    async with database.reading() as c:
        head = await last_seq(c)  # replaying adds entries, which wait for the service to be chained
    proof.tombstones = len(registry.tombstones.read())
    proof.erased_again = len(await replaying.replay(registry))
    proof.wrong += await _not_erased(registry)
    await _look_at_record(proof, registry, checkpoints, signers, head, counted)
    with counted("Keys and fields") as tell:
        found = await verify_keys(database, registry.office.ring, registry.tables, INDEXES, tell)
    proof.opened, proof.keyless = found.values - found.keyless, found.keyless
    proof.wrong += found.findings
    return proof


async def _not_erased(registry: Registry) -> list[str]:
    """Whoever a tombstone speaks of has no key of those classes any more."""
    wrong = []
    async with registry.office.database.reading() as c:
        for stone in registry.tombstones.read():
            left = set(stone.erased) & await keys.classes_of(c, stone.subject_id)
            if left:
                wrong.append(
                    f"{stone.subject_id.hex()} was erased, and has keys of {', '.join(sorted(left))}."
                )
    return wrong


async def _look_at_record(
    proof: Proof, registry: Registry, checkpoints: Path, signers: PublicKeys, head: int, counted: Counted
) -> None:
    """The record is held against what was signed up to its end; what was signed since is lost, and counted."""
    notes = checkpoint.notes_in(checkpoints)
    until = [note for note in notes if not _is_after(note, head)]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file, counted("Entries of the record") as tell:
        file.write("".join(until))
        file.flush()
        report = await verify_record(registry.office.database, Path(file.name), signers, tell=tell)
    proof.entries = head
    proof.lost = max((_seq_of(note) for note in notes), default=0) - head if len(until) < len(notes) else 0
    proof.wrong += [finding.sentence for finding in report.findings]


def _is_after(note: str, head: int) -> bool:
    return _seq_of(note) > head


def _seq_of(note: str) -> int:
    """The number of the entry that a note speaks of; 0 where it cannot be read, which verifying then says."""
    lines: Sequence[str] = note.split("\n")
    number = lines[1] if len(lines) > 1 else ""
    return int(number) if checkpoint.NUMBER.fullmatch(number) else 0
