"""Safety words: the vectors, the order of the messages, and attackers in the middle."""

import random
from collections.abc import Callable

import pytest

from signaling.words import (
    RUN_SECONDS,
    Facts,
    Page,
    commitment_of,
    digits_of,
    indexes_of,
    okm_of,
    read,
    write,
)
from tests.vectors.make import words as made
from tests.vectors.make.folders import on_disk

VECTORS = on_disk("words")
DERIVED = {name: vector for name, vector in VECTORS.items() if "okm" in vector}
FRAMES = {name: vector["frame"] for name, vector in VECTORS.items() if "frame" in vector}
VALUE = bytes(range(32))
CUT = 8  # bits that an attack is tried on


def facts(vector: dict[str, str]) -> Facts:
    names = ("appointment", "call", "id_i", "id_r", "fp_i", "fp_r")
    return Facts(*(bytes.fromhex(vector[name]) for name in names))


def okm(vector: dict[str, str]) -> tuple[bytes, bytes]:
    context, r_i, r_r = facts(vector).context(), bytes.fromhex(vector["r_i"]), bytes.fromhex(vector["r_r"])
    commitment = commitment_of(context, r_i)
    return commitment, okm_of(context, commitment, r_i, r_r)


@pytest.mark.parametrize("name", [name for name in DERIVED if name.startswith("good")])
def test_words_follow_from_the_formulas(name: str) -> None:
    vector = DERIVED[name]
    commitment, made_okm = okm(vector)
    assert (commitment.hex(), made_okm.hex()) == (vector["c"], vector["okm"])
    assert digits_of(made_okm) == vector["digits"]
    assert [made.words()[at] for at in indexes_of(made_okm)] == vector["words"]


@pytest.mark.parametrize("name", [name for name in DERIVED if name.startswith("refused")])
def test_whatever_differs_makes_other_words(name: str) -> None:
    vector = DERIVED[name]
    assert [made.words()[at] for at in indexes_of(okm(vector)[1])] != vector["words"]


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_is_exactly_as_agreed_or_refused(name: str) -> None:
    assert (read(FRAMES[name]) is not None) == name.startswith("good")


def chance(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


def pages(seed: int = 0) -> tuple[Page, Page]:
    """Two honest ends of one connection: I and R."""
    shared = facts(DERIVED["good"])
    return Page(True, shared, chance(2 * seed)), Page(False, shared, chance(2 * seed + 1))


def run(i: Page, r: Page, starter: Page) -> None:
    """Until nobody has anything to say."""
    to = {id(i): r, id(r): i}
    sending = [(to[id(starter)], frame) for frame in starter.start(0)]
    while sending:
        receiver, frame = sending.pop(0)
        sending += [(to[id(receiver)], answer) for answer in receiver.receive(frame, 0)]


def test_ten_thousand_honest_runs_agree_and_no_two_alike() -> None:
    seen = set()
    for seed in range(10_000):
        i, r = pages(seed)
        run(i, r, (i, r)[seed % 2])
        assert i.state == r.state == "agreed"
        assert i.okm == r.okm
        seen.add(i.okm)
    assert len(seen) == 10_000


def test_two_who_begin_at_once_agree() -> None:
    i, r = pages()
    (commit,), (ask,) = i.start(0), r.start(0)
    assert i.receive(ask, 0) == []
    (nonce,) = r.receive(commit, 0)
    (reveal,) = i.receive(nonce, 0)
    assert r.receive(reveal, 0) == []
    assert i.okm == r.okm != b""


COMMIT, NONCE, REVEAL = write("commit", VALUE), write("nonce", VALUE), write("reveal", VALUE)
OUT_OF_ORDER = {
    "committed": (True, [], [COMMIT, REVEAL, write("heard"), "{", NONCE.replace("nonce", "Nonce")]),
    "asked": (False, [], [NONCE, REVEAL, write("ask"), write("heard"), "{"]),
    "answered": (False, [COMMIT], [COMMIT, NONCE, REVEAL, write("ask"), write("heard"), "{"]),
}


@pytest.mark.parametrize(
    ("state", "frame"), [(state, frame) for state, (_, _, frames) in OUT_OF_ORDER.items() for frame in frames]
)
def test_anything_out_of_order_ends_the_run(state: str, frame: str) -> None:
    initiator, before, _ = OUT_OF_ORDER[state]
    page = pages()[0 if initiator else 1]
    page.start(0)
    for earlier in before:
        page.receive(earlier, 0)
    assert page.state == state
    assert page.receive(frame, 0) == [write("cancel")]
    assert (page.state, page.okm) == ("idle", b"")


def test_a_second_ask_ends_the_run_too() -> None:
    i, _ = pages()
    i.start(0)
    assert [i.receive(write("ask"), 0), i.receive(write("ask"), 0)] == [[], [write("cancel")]]


@pytest.mark.parametrize("frame", [NONCE, REVEAL, write("heard"), write("cancel"), "{", write("ask")])
def test_who_answers_gives_no_nonce_before_a_commitment(frame: str) -> None:
    _, r = pages()
    assert r.receive(frame, 0) == []
    assert (r.state, r.runs) == ("idle", 0)


def test_a_run_that_takes_too_long_ends() -> None:
    i, _ = pages()
    i.start(0)
    assert i.receive(NONCE, RUN_SECONDS + 1) == [write("cancel")]


def test_there_are_three_runs_whoever_begins_them() -> None:
    i, _ = pages()
    assert i.start(0) != []
    assert i.start(0) == [], "one at a time"
    for _ in range(2):
        i.receive(write("cancel"), 0)
        assert i.receive(write("ask"), 0) != []
    i.receive(write("cancel"), 0)
    assert i.start(0) == []
    assert i.receive(write("ask"), 0) == [write("cancel")]
    assert i.runs == 3


class Hasty(Page):
    """The mistake that the order is there against: its nonce goes out before it has a commitment."""

    def hurry(self) -> bytes:
        """Its nonce, for the asking."""
        self._begin(0, starter=True)
        self.state = "asked"
        return self._own


def bridged(seed: int, r_type: type[Page]) -> tuple[Page, Page, Facts]:
    """I and R with somebody between them who has two connections; and what R believes."""
    honest = DERIVED["good"]
    to_i = facts(honest | {"fp_r": "aa" * 32})
    to_r = facts(honest | {"fp_i": "bb" * 32})
    return Page(True, to_i, chance(2 * seed)), r_type(False, to_r, chance(2 * seed + 1)), to_r


def cut(words: bytes) -> int:
    return words[0] >> (8 - CUT)


def in_order(seed: int) -> bool:
    """The attacker learns I's words as early as can be, and must have committed to R by then."""
    i, r, _ = bridged(seed, Page)
    guess = random.Random(-1 - seed).randbytes
    (_commit,) = i.start(0)
    own = guess(32)
    (_nonce,) = r.receive(write("commit", commitment_of(r.context, own)), 0)
    (_reveal,) = i.receive(write("nonce", guess(32)), 0)
    assert r.receive(write("reveal", own), 0) == []
    return cut(i.okm) == cut(r.okm)


def with_a_nonce_in_hand(seed: int, tries: int = 1000) -> bool:
    """The attacker knows R's nonce before it commits, so it looks for a commitment that fits I's words."""
    i, r, to_r = bridged(seed, Hasty)
    assert isinstance(r, Hasty)
    theirs, guess = r.hurry(), random.Random(-1 - seed).randbytes
    i.start(0)
    i.receive(write("nonce", guess(32)), 0)
    for _ in range(tries):
        own = guess(32)
        commitment = commitment_of(to_r.context(), own)
        if cut(okm_of(to_r.context(), commitment, own, theirs)) == cut(i.okm):
            break
    r.receive(write("commit", commitment), 0)
    r.receive(write("reveal", own), 0)
    return r.state == "agreed" and cut(i.okm) == cut(r.okm)


def test_an_attacker_in_order_wins_as_often_as_by_chance() -> None:
    runs = 20_000
    wins = sum(in_order(seed) for seed in range(runs))
    assert 40 <= wins <= 125, f"{wins} of {runs}; by chance 78, with a deviation of 9"


def test_a_nonce_before_the_commitment_would_be_found() -> None:
    runs = 100
    assert sum(with_a_nonce_in_hand(seed) for seed in range(runs)) >= 90
