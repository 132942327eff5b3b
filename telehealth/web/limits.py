"""Rate limits by person or by address (security.md, section 4): token buckets, shared by every replica through Valkey.

Where no VALKEY_URL is set, and while Valkey is away, each process counts by itself.
"""

import hmac
import ipaddress
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from telehealth.errors import TooMany
from telehealth.web.buckets import Buckets, OwnBuckets, SharedBuckets

SENTENCE = "That was a little too often. Please wait half a minute and go on; nothing is lost."
IPV6_NETWORK = 64  # what one household is given: whoever has it could come from any address in it


@dataclass(frozen=True)
class Limit:
    """`burst` at once, refilled at `per_minute`, counted under `name` for each person or address."""

    name: str
    burst: int
    per_minute: float
    buckets: Buckets

    async def take(self, connection: HTTPConnection) -> None:
        """Count one request of this person or address; TooMany when there were too many."""
        if not await self.buckets.take(_key(connection, self.name), self.burst, self.per_minute):
            raise TooMany("too_many", SENTENCE)


class Limits:
    """Every limit of the pages, written down once. `url` is Valkey's or Redis's; empty for this process alone."""

    def __init__(self, url: str = "") -> None:
        self._buckets: Buckets = SharedBuckets(url) if url else OwnBuckets()
        self.sign_in = self._limit("sign_in", burst=20, per_minute=20)
        self.booking = self._limit("booking", burst=30, per_minute=20)
        self.invitations = self._limit("invitations", burst=20, per_minute=10)
        self.search = self._limit("search", burst=30, per_minute=20)
        self.hours = self._limit("hours", burst=60, per_minute=60)
        self.staff = self._limit("staff", burst=30, per_minute=20)
        self.notes = self._limit("notes", burst=60, per_minute=60)
        self.tickets = self._limit("tickets", burst=30, per_minute=20)

    def _limit(self, name: str, *, burst: int, per_minute: float) -> Limit:
        return Limit(name, burst, per_minute, self._buckets)

    async def close(self) -> None:
        """Let go of the connections to Valkey."""
        await self._buckets.close()


def address_of(connection: HTTPConnection) -> bytes:
    """A keyed hash of where a request comes from: it counts requests without keeping the address (32 bytes)."""
    return _hashed(connection, b"address", network_of(connection.client.host if connection.client else ""))


def _key(connection: HTTPConnection, name: str) -> bytes:
    person = getattr(connection.state, "person", None)
    who: bytes = address_of(connection) if person is None else person.id
    return _hashed(connection, b"limit", f"{name}:{who.hex()}")


def _hashed(connection: HTTPConnection, purpose: bytes, value: str) -> bytes:
    key: bytes = connection.app.state.settings.cookie_key
    return hmac.digest(key, purpose + b"\x00" + value.encode(), "sha256")


def network_of(host: str) -> str:
    """An IPv4 address as it is, an IPv6 address by its network; what is neither stays what it is."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address.packed, IPV6_NETWORK), strict=False))
