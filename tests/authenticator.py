"""An authenticator without a device: makes and proves passkeys (W3C Web Authentication), or lies as it is told."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def plain(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass(frozen=True)
class Habit:
    """What the authenticator and its browser say; each default is honest."""

    origin: str = "http://localhost:8000"
    rp_id: str = "localhost"
    flags: int = PRESENT | VERIFIED
    type: str = ""
    challenge: str = ""
    cross_origin: bool = False
    user_handle: bytes | None = None
    key: ec.EllipticCurvePrivateKey | None = None


@dataclass
class Authenticator:
    """One device with at most one passkey; `counts` False for those that never count, as synced ones do."""

    habit: Habit = field(default_factory=Habit)
    counts: bool = True
    credential_id: bytes = b""
    user: bytes = b""
    counter: int = 0
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def cheating(self, **changes: Any) -> "Authenticator":
        """The same device, which says something else about one thing."""
        return replace(self, habit=replace(self.habit, **changes))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """navigator.credentials.create, as JSON."""
        self.credential_id = self.credential_id or secrets.token_bytes(32)
        self.user = plain(options["user"]["id"])
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._cose()
        data = self._data(self.habit.flags | ATTESTED) + attested
        statement = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": text(self._client_data(options, "webauthn.create")),
            "attestationObject": text(statement),
            "transports": ["internal", "hybrid", "carrier-pigeon"],
        }
        return self._answer(response)

    def prove(self, options: dict[str, Any]) -> dict[str, Any]:
        """navigator.credentials.get, as JSON."""
        if self.counts:
            self.counter += 1
        data = self._data(self.habit.flags)
        client_data = self._client_data(options, "webauthn.get")
        signer = self.habit.key or self.key
        signature = signer.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        handle = self.user if self.habit.user_handle is None else self.habit.user_handle
        response = {
            "clientDataJSON": text(client_data),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": text(handle) if handle else None,
        }
        return self._answer(response)

    def _answer(self, response: dict[str, Any]) -> dict[str, Any]:
        name = text(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def _data(self, flags: int) -> bytes:
        return (
            hashlib.sha256(self.habit.rp_id.encode()).digest()
            + bytes([flags])
            + self.counter.to_bytes(4, "big")
        )

    def _client_data(self, options: dict[str, Any], type_: str) -> bytes:
        said = {
            "type": self.habit.type or type_,
            "challenge": self.habit.challenge or options["challenge"],
            "origin": self.habit.origin,
            "crossOrigin": self.habit.cross_origin,
        }
        return json.dumps(said).encode()

    def _cose(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
