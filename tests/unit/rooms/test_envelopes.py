"""Messages between servers: opened by those who have the secret, and by nobody else."""

import pytest

from telehealth.rooms.envelopes import Envelopes

ONE, SAME, OTHER = (Envelopes.of(secret) for secret in (b"a" * 32, b"a" * 32, b"b" * 32))


def test_a_message_is_opened_by_another_server_of_the_same_service() -> None:
    sealed = ONE.seal(b"Rosa knocks")
    assert b"Rosa" not in sealed
    assert SAME.unseal(sealed) == b"Rosa knocks"
    assert ONE.seal(b"Rosa knocks") != sealed


def test_nobody_else_reads_or_makes_one() -> None:
    sealed = ONE.seal(b"Rosa knocks")
    for strange in (
        OTHER.seal(b"Rosa knocks"),
        sealed[:-1],
        sealed[:5],
        b"",
        sealed[:-1] + bytes([sealed[-1] ^ 1]),
    ):
        with pytest.raises(ValueError, match=r"sealed|nonce"):
            ONE.unseal(strange)
