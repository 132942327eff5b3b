"""An OpenID provider of our own on a port of its own, that lies as it is told; without being told it is honest.

It speaks real HTTP, so that whatever our client believes of an answer it believes here as well.
"""

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from telehealth.providers import Provider

CLIENT_ID: Final = "telehealth"
CLIENT_SECRET: Final = "a secret of fair length"
SUBJECT: Final = "248289761001"


class LeftOut(Enum):
    """As the value of a field: the field is missing."""

    LEFT_OUT = "left out"

    def __str__(self) -> str:
        return self.value


LEFT_OUT: Final = LeftOut.LEFT_OUT


@cache
def key_named(kid: str, algorithm: str = "RS256") -> Key:
    """A private key for each name and algorithm, made once a run: RSA takes its time."""
    kind = algorithm if algorithm in ("ES256", "EdDSA") else "RSA"
    if kind == "ES256":
        return ECKey.generate_key("P-256", {"kid": kid})
    if kind == "EdDSA":
        return OKPKey.generate_key("Ed25519", {"kid": kid})
    return RSAKey.generate_key(2048, {"kid": kid})


def changed(honest: dict[str, Any], lies: dict[str, Any]) -> dict[str, Any]:
    """What is said, with the lies in it."""
    return {name: value for name, value in {**honest, **lies}.items() if value is not LEFT_OUT}


def part(value: object) -> str:
    """One part of a compact token."""
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class HostileProvider:
    """What it says is honest but for the lies; each is a dictionary of fields that are changed, added or left out."""

    clock: Callable[[], datetime]
    issuer: str = ""
    algorithm: str = "RS256"
    kid: str = "first"
    published: list[Key] | None = None  # None: the one it signs with
    subject: str = SUBJECT
    metadata: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)  # of the authorization endpoint
    tokens: dict[str, Any] = field(default_factory=dict)  # of the token endpoint
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    signed: Callable[[dict[str, Any], dict[str, Any]], str] | None = None  # in place of an honest signature
    before_signing: Callable[[], None] = lambda: None
    forgets_codes: bool = False  # a code works again
    asked: list[str] = field(default_factory=list)  # "GET /path" of every request
    questions: list[dict[str, str]] = field(default_factory=list)  # of the authorization endpoint
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def settings(self, **more: Any) -> Provider:
        """This provider as the service knows it."""
        return Provider("practice", "Practice account", self.issuer, CLIENT_ID, CLIENT_SECRET, **more)

    @property
    def key(self) -> Key:
        return key_named(self.kid, self.algorithm)

    def sign(self, header: dict[str, Any], claims: dict[str, Any], key: Key | None = None) -> str:
        """A compact token as an honest provider makes it."""
        registry = JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        return jwt.encode(header, claims, key or self.key, registry=registry)

    def said_metadata(self) -> dict[str, Any]:
        honest = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
            "authorization_response_iss_parameter_supported": True,
        }
        return changed(honest, self.metadata)

    def said_keys(self) -> dict[str, Any]:
        keys = [self.key] if self.published is None else self.published
        return {"keys": [key.as_dict(private=False) for key in keys]}

    def authorize(self, question: dict[str, str]) -> str:
        """Where the browser goes next: back, with a code."""
        self.questions.append(question)
        code = secrets.token_urlsafe(16)
        self.codes[code] = question
        said = changed({"code": code, "state": question["state"], "iss": self.issuer}, self.answer)
        return f"{question['redirect_uri']}?{urlencode(said)}"

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint: client, code, redirect URI and PKCE verifier must all fit."""
        question = (
            self.codes.get(form.get("code", "")) if self.forgets_codes else self.codes.pop(form["code"], None)
        )
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        fits = (
            question is not None
            and authorization == f"Basic {basic}"
            and question["redirect_uri"] == form.get("redirect_uri")
            and question["code_challenge_method"] == "S256"
            and question["code_challenge"] == part(verifier)
        )
        if question is None or not fits:
            return 400, {"error": "invalid_grant"}
        self.before_signing()
        access_token = secrets.token_urlsafe(16)
        honest = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": self.id_token(question["nonce"], access_token),
        }
        return 200, changed(honest, self.tokens)

    def id_token(self, nonce: str, access_token: str) -> str:
        now = int(self.clock().timestamp())
        hashed = (hashlib.sha512 if self.algorithm == "EdDSA" else hashlib.sha256)(
            access_token.encode()
        ).digest()
        honest = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": nonce,
            "at_hash": part(hashed[: len(hashed) // 2]),
        }
        claims = changed(honest, self.claims)
        header = changed({"alg": self.algorithm, "kid": self.kid}, self.header)
        return (self.signed or self.sign)(header, claims)

    def logout_token(
        self,
        claims: dict[str, Any] | None = None,
        header: dict[str, Any] | None = None,
        key: Key | None = None,
    ) -> str:
        """A logout token (Back-Channel Logout 1.0, section 2.4), with lies in it."""
        now = int(self.clock().timestamp())
        honest = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(16),
            "sub": self.subject,
            "sid": "session-at-provider",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        }
        said = changed({"alg": self.algorithm, "kid": self.kid, "typ": "logout+jwt"}, header or {})
        return self.sign(said, changed(honest, claims or {}), key)


def by_hand(provider: HostileProvider, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A valid RS256 signature over whatever header, which a library would not write."""
    key = provider.key.private_key
    assert isinstance(key, rsa.RSAPrivateKey)
    body = f"{part(header)}.{part(claims)}"
    signature = key.sign(body.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{body}.{part(signature)}"


class _Handler(BaseHTTPRequestHandler):
    """Moves bytes between the socket and the provider."""

    provider: HostileProvider

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        self.provider.asked.append(f"GET {path}")
        if path == "/authorize":
            self._send(302, b"", Location=self.provider.authorize(query))
        elif path == "/.well-known/openid-configuration":
            self._json(200, self.provider.said_metadata())
        elif path == "/keys":
            self._json(200, self.provider.said_keys())
        elif path == "/userinfo":
            self._json(200, changed({"sub": self.provider.subject}, self.provider.userinfo))
        else:
            self._send(404, b"")

    def do_POST(self) -> None:
        self.provider.asked.append(f"POST {self.path}")
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._json(*self.provider.exchange(dict(parse_qsl(body)), self.headers.get("Authorization", "")))

    def _json(self, status: int, said: object) -> None:
        self._send(status, json.dumps(said).encode(), **{"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it has in the library
        """Tests have nothing to read on standard error."""


@contextmanager
def running(clock: Callable[[], datetime]) -> Iterator[HostileProvider]:
    """A provider that listens until the end; its clock is the test's own."""
    provider = HostileProvider(clock)
    handler = type("Handler", (_Handler,), {"provider": provider})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
