"""Token buckets: in this process, or in Valkey, where every replica counts into the same ones."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger()

MAX_BUCKETS = 20_000
ANSWER_SECONDS = 0.25  # longer than this nobody waits for a counter
AWAY_SECONDS = 5.0  # how long it is left alone after it did not answer

# One step for all replicas, by the server's own clock. KEYS[1]: the bucket; ARGV: burst, tokens a second.
TAKE = """
local now = redis.call('TIME')
local seconds = now[1] + now[2] / 1000000
local burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or burst, tonumber(kept[2]) or seconds
tokens = math.min(burst, tokens + math.max(0, seconds - at) * rate)
local taken = tokens >= 1
if taken then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', seconds))
redis.call('EXPIRE', KEYS[1], math.ceil((burst - tokens) / rate) + 1)
return taken and 1 or 0
"""


class Buckets(Protocol):
    """Buckets by key; each begins full."""

    async def take(self, key: bytes, burst: int, per_minute: float) -> bool:
        """Take one token; False when there is none."""
        ...

    async def close(self) -> None:
        """Let go of what is held."""
        ...


@dataclass
class OwnBuckets:
    """The buckets of this process; the least recently seen are forgotten first."""

    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[bytes, tuple[float, float]] = field(default_factory=OrderedDict, repr=False)

    async def take(self, key: bytes, burst: int, per_minute: float) -> bool:
        """Take one token; False when there is none."""
        now = self.clock()
        tokens, at = self._kept.pop(key, (float(burst), now))
        tokens = min(float(burst), tokens + (now - at) * per_minute / 60)
        taken = tokens >= 1
        self._kept[key] = (tokens - 1 if taken else tokens, now)
        if len(self._kept) > MAX_BUCKETS:
            self._kept.popitem(last=False)
        return taken

    async def close(self) -> None:
        """There is nothing to let go of."""


class SharedBuckets:
    """Buckets in Valkey or Redis. While it is away this process counts by itself, which the log says once."""

    def __init__(
        self, url: str, *, clock: Callable[[], float] = time.monotonic, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=answer_seconds, socket_connect_timeout=answer_seconds, retry=None
        )
        self._script = self._redis.register_script(TAKE)
        self._own = OwnBuckets(clock)
        self._clock = clock
        self._away_until = 0.0
        self._is_away = False

    async def take(self, key: bytes, burst: int, per_minute: float) -> bool:
        """Take one token; False when there is none. It never fails and never waits long."""
        if self._is_away and self._clock() < self._away_until:
            return await self._own.take(key, burst, per_minute)
        try:
            taken = await self._script(keys=[b"limit:" + key.hex().encode()], args=[burst, per_minute / 60])
        except (RedisError, OSError) as error:
            self._gone(error)
            return await self._own.take(key, burst, per_minute)
        self._back()
        return bool(taken)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()

    def _gone(self, error: Exception) -> None:
        self._away_until = self._clock() + AWAY_SECONDS
        if not self._is_away:
            self._is_away = True
            log.warning("rate limits are counted in this process alone", error=type(error).__name__)

    def _back(self) -> None:
        if self._is_away:
            self._is_away = False
            log.info("rate limits are shared again")
