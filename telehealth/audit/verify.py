"""Verification: what was changed, taken out, exchanged or cut off, and where it begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from telehealth.audit import checkpoint, rows
from telehealth.audit.chain import SIGN_EVERY_ENTRIES
from telehealth.audit.checkpoint import BadCheckpoint, Checkpoint
from telehealth.audit.rows import Hung
from telehealth.audit.rules import START, link
from telehealth.audit.store import Head
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

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def first_bad(self) -> int | None:
        """The lowest sequence number at which something is wrong; None when all is well or nothing has a number."""
        return min((finding.seq for finding in self.findings if finding.seq is not None), default=None)

    def found(self, seq: int | None, flaw: Flaw, sentence: str) -> None:
        """Note a flaw."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(seq, flaw, sentence))


async def verify(
    database: Database,
    checkpoints: Path,
    public_key: Ed25519PublicKey | bytes,
    *,
    tell: Callable[[int, int], None] | None = None,
) -> Report:
    """Read the whole record and hold it against its checkpoints. `public_key` may be the 32 raw bytes.

    `tell` hears (entries seen, entries there) now and then.
    """
    key = Ed25519PublicKey.from_public_bytes(public_key) if isinstance(public_key, bytes) else public_key
    report = Report()
    # In this order, for a service that goes on meanwhile: what is noted here was in the file before, and what the
    # file says was in the chain before.
    async with database.reading() as connection:
        noted = await rows.noted(connection)
    signed = _signed_heads(report, key, checkpoint.notes_in(checkpoints))
    _compare_with_what_was_noted(report, noted)
    walk = ChainWalk(report, signed)
    async with database.reading() as connection:
        count = await rows.count(connection)
        async for part in rows.hung(connection):
            for row in part:
                walk.step(row)
            if tell is not None:
                tell(report.head.seq, count)
        walk.end()
        report.pending, loose = await rows.loose(connection)
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

    def __init__(self, report: Report, signed: Sequence[Checkpoint]) -> None:
        self._report = report
        self._signed: dict[int, list[Checkpoint]] = {}
        for note in signed:
            self._signed.setdefault(note.seq, []).append(note)

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
        for note in self._signed.pop(row.seq, ()):
            if note.head != row.hash:
                sentence = f"Entry {row.seq} is not the one that was signed: the chain was rewritten."
                self._report.found(row.seq, "forked", sentence)

    def end(self) -> None:
        """After the last row: what was signed but is not there, and what is there but was never signed."""
        last = self._report.head.seq
        for seq in sorted(self._signed):
            flaw: Flaw = "truncated" if seq > last else "deleted"
            sentence = f"Entry {seq} was signed and is gone; the chain ends at {last}."
            self._report.found(min(seq, last + 1), flaw, sentence)
        unsigned = last - self._report.last_checkpoint
        if unsigned >= 2 * SIGN_EVERY_ENTRIES:
            sentence = (
                f"The last {unsigned} entries were never signed: checkpoints stopped or were taken away."
            )
            self._report.found(self._report.last_checkpoint + 1, "unsigned", sentence)


def _signed_heads(report: Report, key: Ed25519PublicKey, notes: Sequence[str]) -> list[Checkpoint]:
    signed = []
    for number, note in enumerate(notes, start=1):
        try:
            signed.append(checkpoint.read(key, note))
        except BadCheckpoint as error:
            report.found(
                None, "bad_checkpoint", f"Checkpoint {number} of the file cannot be trusted: {error}."
            )
    report.checkpoints = len(signed)
    report.newest_in_file = max((note.seq for note in signed), default=0)
    report.signed = _without_lost(report, signed)
    report.last_checkpoint = max((note.seq for note in report.signed), default=0)
    return report.signed


def _without_lost(report: Report, signed: Sequence[Checkpoint]) -> list[Checkpoint]:
    """What still counts: a note of a resumption takes back those before it that it says are lost.

    They are numbered, so that one that is copied to a later place does not take back what was signed since.
    """
    kept: list[Checkpoint] = []
    for note in signed:
        if note.resumption:
            if note.resumption != len(report.lost) + 1:
                report.found(None, "bad_checkpoint", f"The resumption {note.origin} stands in a wrong place.")
                continue
            lost_to = max((each.seq for each in kept), default=0)
            report.lost.append((note.seq + 1, max(lost_to, note.seq + 1)))
            kept = [each for each in kept if each.seq <= note.seq]
        kept.append(note)
    return kept
