"""How often somebody may ask, as all processes of the service agree on it."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from narrator.errors import QueueError
from narrator.queue.allowance import MINUTE, Allowance, OwnAllowance, Spent

log = logging.getLogger("narrator.service")

PATIENCE = 0.5
"""Seconds that a request waits to be counted among those of other processes."""

AGAIN = 5.0
"""Seconds after which the others are asked again when that failed; meanwhile each process counts
for itself."""

THREADS = 4
"""Requests that are counted at the same time."""


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
        refill = -(-(self.quota - self.left) * int(MINUTE) // self.quota)
        return {
            "RateLimit-Policy": f'"{name}";q={self.quota};w={int(MINUTE)}',
            "RateLimit": f'"{name}";r={self.left};t={refill}',
        }


def standing(quota: int, spent: Spent) -> Standing:
    """What a request left to a caller of so many a minute; `wait` is above 0 where it was one too
    many."""
    if not spent.let_in:
        return Standing(quota, 0, max(spent.seconds + MINUTE / quota - MINUTE, 0.001))
    return Standing(quota, int(quota - spent.seconds * quota / MINUTE + 1e-6), 0.0)


class Rates:
    """Limits of so many requests a minute for each caller. Used from the loop only."""

    def __init__(self, shared: Allowance | None = None) -> None:
        self._shared = shared
        """What other processes count, too; None: there are none."""
        self._own = OwnAllowance()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="rates")
        self._away = 0.0
        """Until when the others are not asked (monotonic)."""

    async def spend(self, name: str, quota: int, caller: str) -> Standing:
        """Count one request of a caller against the limit of that name; one too many does not
        count."""
        counted = f"{name} {caller}"
        spent = await self._among_all(counted, quota)
        if spent is None:
            spent = self._own.spend(counted, quota)
        return standing(quota, spent)

    async def _among_all(self, counted: str, quota: int) -> Spent | None:
        """None where this process counts alone."""
        if self._shared is None or time.monotonic() < self._away:
            return None
        asking = asyncio.get_running_loop().run_in_executor(
            self._threads, self._shared.spend, counted, quota
        )
        try:
            spent = await asyncio.wait_for(asking, PATIENCE)
        except (QueueError, TimeoutError) as error:
            if time.monotonic() >= self._away:
                log.warning(
                    "requests are limited by each process for itself, for %.0f s: %s",
                    AGAIN, str(error) or "no answer in time",
                )  # fmt: skip
            self._away = time.monotonic() + AGAIN
            return None
        return spent


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
