"""The checkpoint file held against the chain: which of its notes count, and which of them the chain does not bear out.

A signature is proven where it can make a difference: of a note that says something else than the chain, of one that
takes others back, and of the newest that says what the chain says. Every other note says of an earlier entry what the
chain says itself, and the newest vouches for that, because each hash is made of all before it: whether such a note is
signed well can neither hide nor show anything. (A proof takes 0.1 ms, and a quiet practice has a note for every few
entries.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from telehealth.audit import checkpoint
from telehealth.audit.checkpoint import BadCheckpoint, Checkpoint, Unproven
from telehealth.crypto.note import PublicKeys


@dataclass(frozen=True)
class Settled:
    """What the file is worth. `valid` counts its good notes and `newest` is the highest number in them.

    `kept` are those that still count, `parted` those of them that the chain does not bear out, with whether it has
    another entry of that number; `lost` are the entries, from and to, that were taken back; `wrong` are sentences.
    """

    valid: int
    newest: int
    kept: Sequence[Checkpoint]
    parted: Sequence[tuple[Checkpoint, bool]]
    lost: Sequence[tuple[int, int]]
    wrong: Sequence[str]


@dataclass
class _Note:
    number: int
    unproven: Unproven
    fits: bool | None = None  # none: the chain has no such entry
    is_good: bool = True

    @property
    def point(self) -> Checkpoint:
        return self.unproven.point


@dataclass
class SignedFile:
    """The notes of a file, while the chain goes past them. `keys`: who may have signed, the oldest first."""

    keys: PublicKeys
    texts: Sequence[str]
    _notes: list[_Note] = field(default_factory=list)
    _at: dict[int, list[_Note]] = field(default_factory=dict)
    _wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        newest = 0  # of the keys: once a new one signs, whoever has an older one adds nothing
        for number, text in enumerate(self.texts, start=1):
            try:
                note = _Note(number, checkpoint.take(self.keys, text))
                if note.unproven.taken.by < newest:
                    raise BadCheckpoint("it is signed by a key that was replaced before")
                newest = note.unproven.taken.by
            except BadCheckpoint as error:
                self._distrust(number, error)
                continue
            self._notes.append(note)
            self._at.setdefault(note.point.seq, []).append(note)

    def passes(self, seq: int, head: bytes) -> None:
        """The chain has this hash at this number."""
        for note in self._at.get(seq, ()):
            note.fits = note.point.head == head

    def settle(self) -> Settled:
        """After the last entry."""
        self._prove()
        good = [note for note in self._notes if note.is_good]
        kept, lost = self._without_lost(good)
        return Settled(
            valid=len(good),
            newest=max((note.point.seq for note in good), default=0),
            kept=[note.point for note in kept],
            parted=[(note.point, note.fits is False) for note in kept if not note.fits],
            lost=lost,
            wrong=self._wrong,
        )

    def _prove(self) -> None:
        fitting = [note for note in self._notes if note.fits and not note.point.resumption]
        for note in sorted(fitting, key=lambda note: note.point.seq, reverse=True):
            if self._is_proven(note):
                break
        for note in self._notes:
            if not note.fits or note.point.resumption:
                self._is_proven(note)

    def _is_proven(self, note: _Note) -> bool:
        try:
            note.unproven.prove()
        except BadCheckpoint as error:
            note.is_good = False
            self._distrust(note.number, error)
        return note.is_good

    def _distrust(self, number: int, error: BadCheckpoint) -> None:
        self._wrong.append(f"Checkpoint {number} of the file cannot be trusted: {error}.")

    def _without_lost(self, good: Sequence[_Note]) -> tuple[list[_Note], list[tuple[int, int]]]:
        """What still counts: a note of a resumption takes back those before it that it says are lost.

        They are numbered, so that one that is copied to a later place does not take back what was signed since.
        """
        kept: list[_Note] = []
        lost: list[tuple[int, int]] = []
        for note in good:
            point = note.point
            if point.resumption:
                if point.resumption != len(lost) + 1:
                    self._wrong.append(f"The resumption {point.origin} stands in a wrong place.")
                    continue
                lost_to = max((each.point.seq for each in kept), default=0)
                lost.append((point.seq + 1, max(lost_to, point.seq + 1)))
                kept = [each for each in kept if each.point.seq <= point.seq]
            kept.append(note)
        return kept, lost
