"""All connections of a process together: how many there may be, whose they are, and which have to
go when there are too many.

Two lists tell which connections only hold a place: those from which something has to come (a head,
a body), and those whose peers have to read. The longest waiting comes first in each.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import time
from collections import Counter, deque
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from itertools import islice, takewhile
from typing import Protocol

from narrator.service.hosts import is_loopback
from narrator.service.rates import neighbourhood

log = logging.getLogger("narrator.service")

PROBE_PLACES = 64
"""Connections beyond the limit, in which only probes are answered."""

LOOK_SECONDS = 1.0
"""Time between two looks for connections whose peers do not read."""

CUT_AT_ONCE = 50
"""Connections that a look ends at most: if all came back at the same time, they would be heard
before anybody else."""

BEGUN_AT_ONCE = 16
"""Requests that are begun in one step of the loop at most; others are begun in the next ones, so
that between them it comes to probes."""

ARRIVALS = 4
"""Steps of the loop in which one request is begun while connections arrive: uvloop accepts one a
step, so a probe behind a thousand others is heard only when these are let in."""

PRESSED_SECONDS = 5.0
"""Time after which a peer that does not read loses its place while all places are taken."""

SILENT_SECONDS = 1.0
"""Time without a byte after which a connection loses its place to another that comes."""

KEPT_FILES = 32
"""Files that are left for what is not a connection, and for probes: with none, a connection could
not even be told that there are too many."""

TOLD_SECONDS = 60.0
"""Time between two lines in the log that all places are taken."""


class Guest(Protocol):
    """A connection, as far as the crowd knows it."""

    def leave(self) -> None:
        """End it, with an answer where one can be given: nothing came from it for too long."""

    def cut(self) -> None:
        """End it at once: its peer does not read."""


class Crowd:
    """The connections of one process; used from its loop only."""

    def __init__(
        self, most: int, most_of_one: int, send_seconds: float, proxies: Iterable[str] = ()
    ) -> None:
        self.most = most
        """Connections at a time, besides those of probes."""
        self.most_of_one = most_of_one
        """Connections of one address at a time; 0: no limit."""
        self.send_seconds = send_seconds
        self._proxies = tuple(ip_network(proxy) for proxy in proxies)
        self._open: dict[Guest, str] = {}
        """Each connection, and by what it is counted; empty: by nothing."""
        self._counts: Counter[str] = Counter()
        self._spare: dict[Guest, None] = {}
        self._silent: dict[Guest, float] = {}
        self._unread: dict[Guest, float] = {}
        self._looking: asyncio.TimerHandle | None = None
        self._told = -TOLD_SECONDS
        self._begun = 0
        """Requests that were begun in this step of the loop."""
        self._steps = 0
        self._stepping = False
        """Whether the next step is counted."""
        self._arrived = 0
        """Steps left in which few requests are begun, for connections arrive."""
        self._turns: deque[asyncio.Future[None]] = deque()

    def enter(self, guest: Guest, address: str, file: int = 0) -> bool:
        """Count a connection; False where its address has as many as it may. `file` is its number
        among the files that the process has open, of which the lowest that is free is taken."""
        self._arrived = ARRIVALS
        counted = "" if self._exempt(address) else neighbourhood(address)
        if counted and self.most_of_one and self._counts[counted] >= self.most_of_one:
            return False
        scarce = _is_last(file)
        if scarce or len(self._open) >= self.most:
            self._make_room()
        if scarce or len(self._open) >= self.most:
            self._tell(scarce)
            if len(self._spare) >= PROBE_PLACES:
                self._send_away(next(iter(self._spare)))
            self._spare[guest] = None
            return True
        self._open[guest] = counted
        if counted:
            self._counts[counted] += 1
        return True

    def is_spare(self, guest: Guest) -> bool:
        """Whether a connection has one of the places for probes."""
        return guest in self._spare

    def leave(self, guest: Guest) -> None:
        """A connection is over."""
        self._free(guest)
        self._unread.pop(guest, None)

    def await_more(self, guest: Guest) -> None:
        """Something has to come from a connection, and nothing did until now."""
        self._silent.pop(guest, None)
        self._silent[guest] = time.monotonic()

    def await_nothing(self, guest: Guest) -> None:
        """All that has to come from a connection has come."""
        self._silent.pop(guest, None)

    def await_reader(self, guest: Guest) -> None:
        """What was written to a connection waits for its peer to read."""
        self._unread[guest] = time.monotonic()
        if self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(min(LOOK_SECONDS, self.send_seconds), self._look)

    def was_read(self, guest: Guest) -> None:
        """All that was written to a connection is on its way."""
        self._unread.pop(guest, None)

    async def turn(self) -> None:
        """Until a request may be begun: at once, unless many are, or many come in."""
        if not self._stepping:
            self._stepping = True
            asyncio.get_running_loop().call_soon(self._step)
        if self._begun < BEGUN_AT_ONCE and not self._arrived and not self._turns:
            self._begun += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        await turn

    def _step(self) -> None:
        """Another step of the loop begins."""
        self._begun = 0
        self._steps += 1
        most = BEGUN_AT_ONCE
        if self._arrived:
            self._arrived -= 1
            most = 0 if self._steps % ARRIVALS else 1
        while self._turns and self._begun < most:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                self._begun += 1
        self._stepping = bool(self._turns or self._begun or self._arrived)
        if self._stepping:
            asyncio.get_running_loop().call_soon(self._step)

    def _exempt(self, address: str) -> bool:
        """Whether connections of an address are not counted: this machine's, and those of proxies,
        which stand for many."""
        if not address or is_loopback(address):
            return True
        try:
            parsed = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None)
        if mapped is not None and mapped.is_loopback:
            return True
        return any((mapped or parsed) in network for network in self._proxies)

    def _make_room(self) -> None:
        """End the connection that has been silent longest, else one whose peer does not read."""
        now = time.monotonic()
        for guest, since in self._silent.items():
            if guest in self._spare:
                continue
            if now - since >= SILENT_SECONDS:
                self._send_away(guest)
                return
            break
        for guest, since in self._unread.items():
            if now - since < PRESSED_SECONDS:
                return
            if guest in self._open:
                self._unread.pop(guest)
                self._free(guest)
                guest.cut()
                return

    def _send_away(self, guest: Guest) -> None:
        """Give the place of a connection to another; it ends when its peer has read why."""
        guest.leave()
        self._free(guest)

    def _free(self, guest: Guest) -> None:
        """The place of a connection can be another's."""
        counted = self._open.pop(guest, "")
        if counted:
            self._counts[counted] -= 1
            if not self._counts[counted]:
                del self._counts[counted]
        self._spare.pop(guest, None)
        self._silent.pop(guest, None)

    def _look(self) -> None:
        """End the connections whose peers have not read for too long."""
        self._looking = None
        until = time.monotonic() - self.send_seconds
        late = list(
            takewhile(lambda guest: self._unread[guest] <= until, islice(self._unread, CUT_AT_ONCE))
        )
        for guest in late:
            self._unread.pop(guest, None)
            guest.cut()
        if late:
            log.info("cut %d connections that read nothing for %g s", len(late), self.send_seconds)
        if self._unread:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(min(LOOK_SECONDS, self.send_seconds), self._look)

    def _tell(self, scarce: bool) -> None:
        now = time.monotonic()
        if now - self._told >= TOLD_SECONDS:
            self._told = now
            which = (
                "as many files are open as may be (ulimit -n)"
                if scarce
                else f"all {self.most} connections are taken"
            )
            log.warning("%s: only probes get through", which)


def _is_last(file: int) -> bool:
    """Whether few files can be opened besides the one of that number."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most != resource.RLIM_INFINITY and file >= most - min(KEPT_FILES, most // 4)
