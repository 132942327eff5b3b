"""Rate limits, kept in this process: token buckets by person or by address (security.md, section 4)."""

import hmac
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from telehealth.errors import TooMany

MAX_BUCKETS = 20_000
SENTENCE = "That was a little too often. Please wait half a minute and go on; nothing is lost."


@dataclass
class Limit:
    """`burst` at once, refilled at `per_minute`; the least recently seen buckets are forgotten first."""

    burst: int
    per_minute: float
    clock: Callable[[], float] = time.monotonic
    _buckets: OrderedDict[bytes, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)

    def take(self, connection: HTTPConnection) -> None:
        """Count one request of this person or address; refused when there were too many."""
        person = getattr(connection.state, "person", None)
        self.take_for(person.id if person is not None else address_of(connection))

    def take_for(self, who: bytes) -> None:
        """Count one request of `who`."""
        now = self.clock()
        tokens, at = self._buckets.pop(who, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - at) * self.per_minute / 60)
        self._buckets[who] = (max(tokens - 1, 0.0) if tokens >= 1 else tokens, now)
        if len(self._buckets) > MAX_BUCKETS:
            self._buckets.popitem(last=False)
        if tokens < 1:
            raise TooMany("too_many", SENTENCE)


@dataclass
class Limits:
    """Every limit of the pages, written down once."""

    sign_in: Limit = field(default_factory=lambda: Limit(burst=20, per_minute=20))
    booking: Limit = field(default_factory=lambda: Limit(burst=30, per_minute=20))
    tickets: Limit = field(default_factory=lambda: Limit(burst=30, per_minute=20))


def address_of(connection: HTTPConnection) -> bytes:
    """A keyed hash of the client's address: it counts requests without keeping the address (32 bytes)."""
    host = connection.client.host if connection.client else "unknown"
    key: bytes = connection.app.state.settings.cookie_key
    return hmac.new(key, b"address\x00" + host.encode(), "sha256").digest()
