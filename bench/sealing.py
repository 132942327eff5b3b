"""Sealing and opening texts in their place, beside bare AES-256-GCM over the same bytes.

A thousand texts as they really are: names, addresses, reasons and pages of notes, each under a record key of its own.
Bare means the least that the library needs: the key set up, a fresh nonce, the text; no place, no padding, no header.
"""

import os
import random
import time
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.row import Row
from telehealth.crypto.sealed import Sealed
from telehealth.keys.record_key import RecordKey

RUNS = 20
TEXTS = 1000
GOAL = 3.0
BESIDE = "bare AES-256-GCM of the same bytes under the same keys"
SIZES = (
    (0.4, 8, 40),
    (0.3, 60, 500),
    (0.3, 1000, 6000),
)  # share, fewest and most letters: names, reasons, notes

Texts = Sequence[tuple[RecordKey, bytes, str]]  # a record, the same key bare, and what is said


async def measure_sealing() -> Row:
    """Microseconds for each text."""
    texts = written()

    def bare() -> None:
        for _, key, text in texts:
            AESGCM(key).encrypt(os.urandom(12), text.encode(), None)

    def ours() -> None:
        for record, _, text in texts:
            record.seal("appointment_clients", "reason", 1, text)

    return _row("seal a text in its place", ours, bare)


async def measure_opening() -> Row:
    """Microseconds for each text."""
    texts = written()
    sealed = [(record, record.seal("appointment_clients", "reason", 1, text)) for record, _, text in texts]
    nonce = os.urandom(12)
    hidden = [(key, AESGCM(key).encrypt(nonce, text.encode(), None)) for _, key, text in texts]

    def bare() -> None:
        for key, value in hidden:
            AESGCM(key).decrypt(nonce, value, None).decode()

    def ours() -> None:
        for record, value in sealed:
            record.open("appointment_clients", "reason", 1, Sealed(value))

    return _row("open a text in its place", ours, bare)


def written() -> Texts:
    """The same texts in every run of the bench."""
    chance = random.Random(20261123)
    texts = []
    for _ in range(TEXTS):
        _, fewest, most = chance.choices(SIZES, [share for share, _, _ in SIZES])[0]
        text = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz      ", k=chance.randint(fewest, most)))
        key = chance.randbytes(32)
        record = RecordKey(chance.randbytes(16), 1, {1: key}, "practice-1", os.urandom)
        texts.append((record, key, text))
    return texts


def _row(what: str, ours: Callable[[], None], bare: Callable[[], None]) -> Row:
    ours()
    bare()  # once each to warm up
    times: dict[Callable[[], None], list[float]] = {ours: [], bare: []}
    for _ in range(RUNS):  # in turns: a slow moment of the machine strikes both
        for side, taken in times.items():
            taken.append(_microseconds_each(side))
    return Row(what=what, beside=BESIDE, unit="µs", ours=times[ours], theirs=times[bare], goal=GOAL)


def _microseconds_each(side: Callable[[], None]) -> float:
    started = time.perf_counter()
    side()
    return (time.perf_counter() - started) / TEXTS * 1e6
