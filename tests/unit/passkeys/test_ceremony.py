"""The two ceremonies: an honest answer is taken, and each lie in it is refused."""

import copy
import json
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from telehealth.errors import Forbidden, Invalid, Refusal
from telehealth.passkeys import ceremony
from telehealth.passkeys.ceremony import Site
from telehealth.passkeys.credentials import Credential
from tests.authenticator import PRESENT, VERIFIED, Authenticator, plain, text

SITE = Site("Linden Practice", "http://localhost:8000")
CHALLENGE = b"c" * 32
USER = b"rosa............"


def making(known: tuple[Credential, ...] = ()) -> dict[str, Any]:
    return ceremony.options_to_add(SITE, challenge=CHALLENGE, user_id=USER, user_name="Rosa", known=known)


def using() -> dict[str, Any]:
    return ceremony.options_to_use(SITE, challenge=CHALLENGE, allowed=[])


def kept(device: Authenticator) -> Credential:
    return ceremony.made(SITE, device.make(making()), CHALLENGE)[0]


def test_options_ask_for_a_discoverable_credential_a_verified_person_and_no_attestation() -> None:
    options = making((Credential(b"old", b"", ("usb", "internal")),))
    assert options["rp"] == {"id": "localhost", "name": "Linden Practice"}
    chosen = options["authenticatorSelection"]
    assert chosen["residentKey"] == "required"
    assert chosen["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert options["excludeCredentials"][0]["transports"] == ["usb", "internal"]
    assert options["timeout"] == 300_000
    assert using()["userVerification"] == "required"
    assert using()["allowCredentials"] == []


def test_the_relying_party_is_a_domain_without_its_port() -> None:
    assert Site("x", "https://clinic.example:8443").rp_id == "clinic.example"


def test_an_honest_passkey_is_made_and_proven() -> None:
    device = Authenticator(counter=7)
    credential, count = ceremony.made(SITE, device.make(making()), CHALLENGE)
    assert credential.id == device.credential_id
    assert credential.transports == ("internal", "hybrid")
    assert count == 7
    answer = device.prove(using())
    assert ceremony.challenge_of(answer) == CHALLENGE
    assert ceremony.credential_id_of(answer) == device.credential_id
    assert ceremony.user_of(answer) == USER
    assert ceremony.proven(SITE, answer, CHALLENGE, credential) == 8


LIES: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://elsewhere.example"},
    "another port": {"origin": "http://localhost:8001"},
    "another relying party": {"rp_id": "elsewhere.example"},
    "nobody was there": {"flags": VERIFIED},
    "nobody was verified": {"flags": PRESENT},
    "another challenge": {"challenge": text(b"d" * 32)},
    "inside another site's frame": {"cross_origin": True},
    "another ceremony": {"type": "payment.get"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_in_a_new_passkey_is_refused(lie: str) -> None:
    device = Authenticator().cheating(**LIES[lie])
    with pytest.raises(Refusal):
        ceremony.made(SITE, device.make(making()), CHALLENGE)


@pytest.mark.parametrize("lie", [*LIES, "another key"])
def test_a_lie_in_a_proof_is_refused(lie: str) -> None:
    device = Authenticator()
    credential = kept(device)
    cheat = device.cheating(**LIES.get(lie, {"key": ec.generate_private_key(ec.SECP256R1())}))
    with pytest.raises(Refusal):
        ceremony.proven(SITE, cheat.prove(using()), CHALLENGE, credential)


def test_a_proof_is_no_new_passkey_and_a_new_passkey_no_proof() -> None:
    device = Authenticator()
    made = device.make(making())
    credential = ceremony.made(SITE, made, CHALLENGE)[0]
    with pytest.raises(Refusal):
        ceremony.made(SITE, device.prove(using()), CHALLENGE)
    with pytest.raises(Refusal):
        ceremony.proven(SITE, made, CHALLENGE, credential)


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
def test_every_flipped_bit_of_a_proof_is_refused(part: str) -> None:
    device = Authenticator()
    credential = kept(device)
    honest = device.prove(using())
    assert ceremony.proven(SITE, honest, CHALLENGE, credential) == 1
    whole = plain(honest["response"][part])
    for bit in range(0, len(whole) * 8, 3):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        answer = copy.deepcopy(honest)
        answer["response"][part] = text(bytes(changed))
        with pytest.raises(Refusal):
            ceremony.proven(SITE, answer, CHALLENGE, credential)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(name=st.sampled_from(["id", "rawId", "type", "response"]), value=JSON)
def test_whatever_stands_in_an_answer_is_a_refusal_and_never_a_crash(name: str, value: object) -> None:
    answer = {**Authenticator(credential_id=b"c").prove(using()), name: value}
    for ask in (ceremony.challenge_of, ceremony.credential_id_of, ceremony.user_of):
        with suppress(Invalid):
            ask(answer)
    with pytest.raises((Invalid, Forbidden)):
        ceremony.proven(SITE, answer, CHALLENGE, Credential(b"c", b"", ()))


@given(part=st.sampled_from(["clientDataJSON", "attestationObject", "transports"]), value=JSON)
def test_whatever_stands_in_a_new_passkey_is_a_refusal_and_never_a_crash(part: str, value: object) -> None:
    answer = Authenticator().make(making())
    answer["response"][part] = value
    try:
        credential, _ = ceremony.made(SITE, answer, CHALLENGE)
    except Refusal:
        return
    assert part == "transports"
    assert set(credential.transports) <= {"usb", "nfc", "ble", "internal", "cable", "hybrid", "smart-card"}


@given(st.binary(max_size=80))
def test_a_broken_statement_is_a_refusal_and_never_a_crash(statement: bytes) -> None:
    answer = Authenticator().make(making())
    answer["response"]["attestationObject"] = text(statement)
    with pytest.raises(Refusal):
        ceremony.made(SITE, answer, CHALLENGE)


def test_a_missing_user_handle_is_said_so() -> None:
    answer = Authenticator(credential_id=b"c").prove(using())
    assert ceremony.user_of(answer) is None
    assert json.loads(plain(answer["response"]["clientDataJSON"]))["type"] == "webauthn.get"
