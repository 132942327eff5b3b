"""The file of tombstones: every note checked, a torn one left out, nothing accepted that we did not sign."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

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


@pytest.fixture
def stones(tmp_path: Path) -> Tombstones:
    return Tombstones(tmp_path / "new" / "tombstones", CLINIC, SEED)


def test_what_is_appended_is_read_in_order(stones: Tombstones) -> None:
    assert stones.read() == []
    for made in (ANN, BEN):
        stones.append(stones.sign(made))
    assert stones.read() == [ANN, BEN]


def test_only_its_owner_may_change_the_file(stones: Tombstones) -> None:
    stones.append(stones.sign(ANN))
    assert stones.file.stat().st_mode & 0o027 == 0


@pytest.mark.parametrize("length", [1, 20, 200, -40, -2, -1])
def test_a_torn_note_was_never_acknowledged_and_the_next_takes_its_place(
    stones: Tombstones, length: int
) -> None:
    stones.append(stones.sign(ANN))
    whole = stones.file.read_bytes()
    stones.file.write_bytes(whole + stones.sign(BEN).encode()[:length])
    assert stones.read() == [ANN]
    stones.append(stones.sign(BEN))
    assert stones.file.read_bytes() == whole + stones.sign(BEN).encode()
    assert stones.read() == [ANN, BEN]


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
    stones.append(stones.sign(ANN))
    stones.append(stones.sign(BEN))
    text = stones.file.read_text()
    assert before in text
    stones.file.write_text(text.replace(before, after, 1))
    with pytest.raises(BadTombstones, match=r"Tombstone 1 in .*tombstones is not as it was signed"):
        stones.read()


def test_a_line_too_many_is_found(stones: Tombstones) -> None:
    stones.append(stones.sign(ANN))
    stones.file.write_text("\n" + stones.file.read_text() + "\n\n\n\n")
    with pytest.raises(BadTombstones):
        stones.read()


def test_nobody_else_can_sign_an_erasure(stones: Tombstones) -> None:
    stones.append(replace(stones, seed=OTHER_SEED).sign(ANN))
    with pytest.raises(BadTombstones, match="not signed by this key"):
        stones.read()


def test_a_new_key_believes_what_the_former_one_signed_before_it(stones: Tombstones) -> None:
    stones.append(stones.sign(ANN))
    (public,) = public_keys(SEED)
    renewed = replace(stones, seed=OTHER_SEED, former=(public.public_bytes_raw(),))
    assert renewed.read() == [ANN]
    renewed.append(renewed.sign(BEN))
    assert renewed.read() == [ANN, BEN]
    stones.append(stones.sign(BEN))
    with pytest.raises(BadTombstones, match="signed by a key that was replaced before"):
        renewed.read()


def test_another_practices_erasure_is_not_ours(stones: Tombstones) -> None:
    stones.append(replace(stones, clinic="practice-2").sign(ANN))
    with pytest.raises(BadTombstones, match="another practice"):
        stones.read()


def test_a_checkpoint_of_the_same_key_is_no_tombstone(stones: Tombstones) -> None:
    from telehealth.audit import checkpoint

    point = checkpoint.Checkpoint(checkpoint.origin_of(CLINIC), 1, bytes(32))
    stones.append(checkpoint.sign(checkpoint.signing_key(SEED), point))
    stones.append(stones.sign(ANN))
    with pytest.raises(BadTombstones):
        stones.read()


@pytest.mark.parametrize(
    "changed",
    [
        {"format": 2},
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
    import json

    from telehealth.crypto import note

    line = json.dumps(ANN.plain() | changed)
    signed = note.sign(note.signing_key(SEED), [certificate.origin(CLINIC), line])
    with pytest.raises(BadCertificate, match="does not say what a certificate says"):
        certificate.read(SEED, CLINIC, signed)


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    stones = Tombstones(tmp_path / "there", CLINIC, SEED)
    with pytest.raises(OSError, match=os.strerror(21)):
        stones.append(stones.sign(ANN))


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
