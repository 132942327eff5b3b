"""Verification: what was changed, taken out, exchanged or cut off, and where it begins."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from telehealth.audit import checkpoint, rows
from telehealth.audit.chain import SIGN_EVERY_ENTRIES
from telehealth.audit.checkpoint import Checkpoint
from telehealth.audit.rows import Hung
from telehealth.audit.rules import START, link
from telehealth.audit.signed import Settled, SignedFile
from telehealth.audit.store import Head
from telehealth.crypto.note import PublicKeys
from telehealth.db.engine import Database

Flaw = Literal[
    "edited", "deleted", "swapped", "forked", "truncated", "unchained", "unsigned", "bad_checkpoint"
]
MOST_FINDINGS = 100
UNKNOWN = b""  # the hash of an entry that cannot be read


@dataclass(frozen=True)
class Finding:
    """One flaw. `seq` is the entry it was found at; None for what has no place in the chain."""

    seq: int | None
    flaw: Flaw
    sentence: str


@dataclass
class Report:
    """What verification saw. `findings` stop at a hundred; `head` is where the chain ends, 0 when it is empty.

    `first_bad` is the lowest number at which something is wrong; None when all is well or nothing has a number.

    `last_checkpoint` is the newest that counts, `newest_in_file` also one that a restored backup took back.
    `lost` are the entries, from and to, that went with a backup that was restored, and whose end was put on record.
    """

    head: Head = field(default_factory=lambda: Head(0, START))
    pending: int = 0
    checkpoints: int = 0
    last_checkpoint: int = 0
    newest_in_file: int = 0
    signed: list[Checkpoint] = field(default_factory=list)
    lost: list[tuple[int, int]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    first_bad: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def settle(self, settled: Settled) -> None:
        """Take over what the checkpoint file is worth."""
        self.checkpoints, self.newest_in_file = settled.valid, settled.newest
        self.signed, self.lost = list(settled.kept), list(settled.lost)
        self.last_checkpoint = max((note.seq for note in settled.kept), default=0)

    def found(self, seq: int | None, flaw: Flaw, sentence: str) -> None:
        """Note a flaw."""
        if seq is not None:
            self.first_bad = seq if self.first_bad is None else min(seq, self.first_bad)
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(seq, flaw, sentence))


async def verify(
    database: Database,
    checkpoints: Path,
    keys: PublicKeys,
    *,
    tell: Callable[[int, int], None] | None = None,
) -> Report:
    """Read the whole record and hold it against its checkpoints. `keys`: who may have signed, the oldest first.

    `tell` hears (entries seen, entries there) now and then.
    """
    report = Report()
    # In this order, for a service that goes on meanwhile: what is noted here was in the file before, and what the
    # file says was in the chain before.
    async with database.reading() as connection:
        noted = await rows.noted(connection)
    signed = SignedFile(keys, checkpoint.notes_in(checkpoints))
    walk = ChainWalk(report, signed)
    async with database.reading() as connection:
        count = await rows.count(connection)
        async for part in rows.hung(connection):
            for row in part:
                walk.step(row)
            if tell is not None:
                tell(report.head.seq, count)
        report.pending, loose = await rows.loose(connection)
    walk.end()
    _compare_with_what_was_noted(report, noted)
    for entry_id in loose:
        report.found(None, "unchained", f"The entry {entry_id} was taken out of the chain.")
    return report


def _compare_with_what_was_noted(report: Report, noted: object) -> None:
    """What is noted in the database was in the file first, so a file that ends before it has lost its end."""
    if noted is not None and not isinstance(noted, int):
        report.found(None, "bad_checkpoint", "What the database says was signed cannot be read.")
        return
    is_told = any(finding.flaw == "bad_checkpoint" for finding in report.findings)
    if noted is not None and noted > report.newest_in_file and not is_told:
        sentence = (
            f"Entry {noted} was signed, but the checkpoint file does not say so: it was cut off or exchanged."
        )
        report.found(None, "bad_checkpoint", sentence)


class ChainWalk:
    """Goes along the chain from its first entry. After a flaw it goes on from what is written, to find the next."""

    def __init__(self, report: Report, signed: SignedFile) -> None:
        self._report = report
        self._signed = signed

    def step(self, row: Hung | None) -> None:
        """One row of the chain; None for one that cannot be read any more."""
        expected = self._report.head.seq + 1
        if row is None:
            self._report.found(
                expected, "edited", f"Entry {expected} cannot be read: something else was put there."
            )
            self._report.head = Head(expected, UNKNOWN)
            return
        if row.seq != expected:
            self._report.found(expected, "deleted", f"Entry {expected} is missing from the chain.")
        elif self._report.head.hash not in (row.prev, UNKNOWN) or row.hash != link(row.prev, row.leaf):
            self._report.found(row.seq, "swapped", f"Entry {row.seq} does not hang on the entry before it.")
        if row.made is None:
            self._report.found(row.seq, "deleted", f"What entry {row.seq} said is gone.")
        elif row.made != row.leaf:
            self._report.found(row.seq, "edited", f"Entry {row.seq} was changed after it was written.")
        self._report.head = Head(row.seq, row.hash)
        self._signed.passes(row.seq, row.hash)

    def end(self) -> None:
        """After the last row: what was signed and is not there or another, and what is there but was never signed."""
        settled, last = self._signed.settle(), self._report.head.seq
        self._report.settle(settled)
        for sentence in settled.wrong:
            self._report.found(None, "bad_checkpoint", sentence)
        for seq, is_another in sorted({(note.seq, is_another) for note, is_another in settled.parted}):
            if is_another:
                sentence = f"Entry {seq} is not the one that was signed: the chain was rewritten."
                self._report.found(seq, "forked", sentence)
                continue
            flaw: Flaw = "truncated" if seq > last else "deleted"
            sentence = f"Entry {seq} was signed and is gone; the chain ends at {last}."
            self._report.found(min(seq, last + 1), flaw, sentence)
        unsigned = last - self._report.last_checkpoint
        if unsigned >= 2 * SIGN_EVERY_ENTRIES:
            sentence = (
                f"The last {unsigned} entries were never signed: checkpoints stopped or were taken away."
            )
            self._report.found(self._report.last_checkpoint + 1, "unsigned", sentence)
