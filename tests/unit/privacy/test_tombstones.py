"""The file of tombstones: every note checked and counted, a torn one left out, nothing accepted that is not ours."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telehealth.crypto import note
from telehealth.crypto.note import public_keys
from telehealth.privacy import certificate
from telehealth.privacy.certificate import BadCertificate, Certificate, in_words
from telehealth.privacy.tombstones import BadTombstones, Tombstones

SEED, OTHER_SEED = bytes(range(32)), bytes(range(1, 33))
CLINIC = "practice-1"
AT = datetime(2026, 11, 23, 8, 0, 0, 250_000, tzinfo=UTC)
ANN = Certificate(
    subject_id=b"A" * 16,
    asked_at=AT,
    done_at=AT,
    basis="request",
    erased=("account", "clinical", "correspondence"),
    kept=("booking",),
    counts={"keys": 3, "messages": 2, "passkeys": 0},
    audit_seq=17,
)
BEN = replace(ANN, subject_id=b"B" * 16, basis="retention", kept=())
FIRST, SECOND = replace(ANN, number=1), replace(BEN, number=2)


@pytest.fixture
def stones(tmp_path: Path) -> Tombstones:
    return Tombstones(tmp_path / "new" / "tombstones", CLINIC, SEED)


def put(stones: Tombstones, text: str) -> None:
    """Write to the file past the service."""
    stones.file.parent.mkdir(exist_ok=True)
    with stones.file.open("a") as file:
        file.write(text)


def signed(stones: Tombstones, made: Certificate, number: int) -> str:
    return certificate.sign(stones.seed, stones.clinic, replace(made, number=number))


def test_what_is_appended_is_numbered_and_read_in_order(stones: Tombstones) -> None:
    assert stones.read() == []
    assert stones.append(ANN) == (FIRST, signed(stones, ANN, 1))
    assert stones.append(BEN) == (SECOND, signed(stones, BEN, 2))
    assert stones.read() == [FIRST, SECOND]


def test_only_its_owner_may_change_the_file(stones: Tombstones) -> None:
    stones.append(ANN)
    assert stones.file.stat().st_mode & 0o027 == 0


@pytest.mark.parametrize("length", [1, 20, 200, -40, -3])
def test_a_torn_note_was_never_acknowledged_and_the_next_takes_its_place(
    stones: Tombstones, length: int
) -> None:
    stones.append(ANN)
    whole = stones.file.read_bytes()
    stones.file.write_bytes(whole + signed(stones, BEN, 2).encode()[:length])
    assert stones.read() == [FIRST]
    stones.append(BEN)
    assert stones.file.read_bytes() == whole + signed(stones, BEN, 2).encode()
    assert stones.read() == [FIRST, SECOND]


@pytest.mark.parametrize("newlines", [1, 2])
def test_a_note_that_lost_only_its_last_newlines_is_whole_and_stays(
    stones: Tombstones, newlines: int
) -> None:
    stones.append(ANN)
    stones.append(BEN)
    stones.file.write_bytes(stones.file.read_bytes()[:-newlines])
    assert stones.read() == [FIRST, SECOND]
    stones.append(ANN)
    assert stones.read() == [FIRST, SECOND, replace(ANN, number=3)]


@pytest.mark.parametrize("numbers", [[2], [1, 3], [1, 1], [2, 1]])
def test_a_note_that_was_taken_out_or_put_in_is_noticed(stones: Tombstones, numbers: list[int]) -> None:
    put(stones, "".join(signed(stones, ANN, number) for number in numbers))
    with pytest.raises(BadTombstones, match=r"was written as number \d, so others were taken out or put in"):
        stones.read()


def test_notes_of_an_older_release_have_no_number_and_are_counted(stones: Tombstones) -> None:
    plain = {name: value for name, value in ANN.plain().items() if name != "number"} | {"format": 1}
    put(stones, note.sign(note.signing_key(SEED), [certificate.origin(CLINIC), json.dumps(plain)]))
    stones.append(BEN)
    assert stones.read() == [FIRST, SECOND]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("practice-1/erasures\n{", "practice-2/erasures\n{"),
        (b"A".hex() * 16, b"C".hex() * 16),
        ('"audit_seq":17', '"audit_seq":18'),
        ('"kept":["booking"]', '"kept":[]'),
        ("— practice-1/erasures ", "- practice-1/erasures "),
        ('"request"', '"retention"'),
    ],
)
def test_every_change_is_found(stones: Tombstones, before: str, after: str) -> None:
    stones.append(ANN)
    stones.append(BEN)
    text = stones.file.read_text()
    assert before in text
    stones.file.write_text(text.replace(before, after, 1))
    with pytest.raises(BadTombstones, match=r"Tombstone 1 in .*tombstones is not as it was signed"):
        stones.read()


def test_a_line_too_many_is_found(stones: Tombstones) -> None:
    stones.append(ANN)
    stones.file.write_text("\n" + stones.file.read_text() + "\n\n\n\n")
    with pytest.raises(BadTombstones):
        stones.read()


def test_nobody_else_can_sign_an_erasure(stones: Tombstones) -> None:
    put(stones, signed(replace(stones, seed=OTHER_SEED), ANN, 1))
    with pytest.raises(BadTombstones, match="not signed by this key"):
        stones.read()


def test_a_new_key_believes_what_the_former_one_signed_before_it(stones: Tombstones) -> None:
    stones.append(ANN)
    (public,) = public_keys(SEED)
    renewed = replace(stones, seed=OTHER_SEED, former=(public.public_bytes_raw(),))
    assert renewed.read() == [FIRST]
    renewed.append(BEN)
    assert renewed.read() == [FIRST, SECOND]
    stones.append(BEN)
    with pytest.raises(BadTombstones, match="signed by a key that was replaced before"):
        renewed.read()


def test_another_practices_erasure_is_not_ours(stones: Tombstones) -> None:
    put(stones, signed(replace(stones, clinic="practice-2"), ANN, 1))
    with pytest.raises(BadTombstones, match="another practice"):
        stones.read()


def test_a_checkpoint_of_the_same_key_is_no_tombstone(stones: Tombstones) -> None:
    from telehealth.audit import checkpoint

    point = checkpoint.Checkpoint(checkpoint.origin_of(CLINIC), 1, bytes(32))
    put(stones, checkpoint.sign(checkpoint.signing_key(SEED), point))
    stones.append(ANN)
    with pytest.raises(BadTombstones):
        stones.read()


@pytest.mark.parametrize(
    "changed",
    [
        {"format": 3},
        {"format": 1},
        {"number": "first"},
        {"subject": "00"},
        {"subject": "not hex"},
        {"erased": ["everything"]},
        {"basis": "no reason"},
        {"done_at": "yesterday"},
        {"counts": {"keys": "many"}},
        {"counts": []},
        {"more": 1},
    ],
)
def test_even_under_our_key_a_note_must_say_what_a_certificate_says(changed: dict[str, object]) -> None:
    line = json.dumps(ANN.plain() | changed)
    text = note.sign(note.signing_key(SEED), [certificate.origin(CLINIC), line])
    with pytest.raises(BadCertificate, match="does not say what a certificate says"):
        certificate.read(SEED, CLINIC, text)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    stones = Tombstones(tmp_path / "there", CLINIC, SEED)
    with pytest.raises(OSError, match=os.strerror(21)):
        stones.append(ANN)


def test_a_certificate_can_be_read_by_a_person() -> None:
    assert in_words(ANN) == [
        "On 2026-11-23 08:00 UTC the keys of 41414141414141414141414141414141 were destroyed: "
        "account, clinical, correspondence.",
        "The reason: the person asked for it (GDPR, Article 17).",
        "What went, and how much of it: keys: 3, messages: 2.",
        "A legal hold still keeps: booking.",
        "It stands in the audit record as entry 17.",
    ]


def test_a_certificate_of_nothing_says_so() -> None:
    words = in_words(replace(BEN, counts={}, erased=()))
    assert "nothing that was still there" in words[0]
    assert words[2] == "Nothing else was there."
    assert not [sentence for sentence in words if "legal hold" in sentence]
