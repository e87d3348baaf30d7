"""How often somebody may ask: a bucket of tokens for each, which fills up steadily."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

MINUTE = 60

REMEMBERED = 20_000
"""Callers whose buckets are kept; who was longest not heard of is forgotten, and has a full one."""


@dataclass(slots=True)
class Bucket:
    """Requests that may be made at once."""

    tokens: float
    at: float
    """When that was so."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left to a caller."""

    quota: int
    """Requests a minute."""
    left: int
    """Requests that may be made at once."""
    wait: float
    """Seconds until one may be made; 0: now."""

    def headers(self, name: str) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers has it."""
        refill = -(-(self.quota - self.left) * MINUTE // self.quota)
        return {
            "RateLimit-Policy": f'"{name}";q={self.quota};w={MINUTE}',
            "RateLimit": f'"{name}";r={self.left};t={refill}',
        }


class Rates:
    """A limit of so many requests a minute for each caller. Used from the loop only."""

    def __init__(self, quota: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.quota = quota
        """0: no limit."""
        self._clock = clock
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def spend(self, caller: str) -> Standing:
        """Count one request of a caller; `wait` is above 0 where it is one too many, and then it
        does not count."""
        now = self._clock()
        bucket = self._buckets.pop(caller, None) or Bucket(self.quota, now)
        filled = bucket.tokens + (now - bucket.at) * self.quota / MINUTE
        bucket.tokens, bucket.at = min(float(self.quota), filled), now
        self._buckets[caller] = bucket
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if bucket.tokens < 1:
            return Standing(self.quota, 0, (1 - bucket.tokens) * MINUTE / self.quota)
        bucket.tokens -= 1
        return Standing(self.quota, int(bucket.tokens), 0.0)


def neighbourhood(address: str) -> str:
    """What an address is limited by: itself, or for IPv6 its network of 64 bits, all of which one
    customer has."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> 64 << 64)}/64"
    return address
