"""How often somebody may ask: so many requests a minute, which may come all at once.

Of each caller it is kept when nothing of his will count any more; a request that is let in moves
that moment by its share of a minute, and one that would move it beyond a minute from now is not
(the generic cell rate algorithm: a bucket of tokens that fills up steadily, in one number). Where
several processes let callers in, they share the numbers: in a file, or in the queue's database.
"""

from __future__ import annotations

import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Protocol

from narrator.errors import QueueError

MINUTE = 60.0

REMEMBERED = 20_000
"""Callers whose numbers are kept by a process; who was longest not heard of is forgotten."""

TIDY = 60.0
"""Seconds between two looks for callers of whom nothing counts any more."""

LOCKED = 0.25
"""Seconds to wait for another process that writes into the file."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What counts of a caller, after a request."""

    let_in: bool
    """Whether the request was; it counts only then."""
    seconds: float
    """Until nothing counts any more, 0 to 60."""


class Allowance(Protocol):
    """Counts requests of callers."""

    def spend(self, caller: str, quota: int) -> Spent:
        """Count one request of a caller who has so many a minute. QueueError where those who
        share the count cannot be asked."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class OwnAllowance:
    """Of one process; any thread may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def spend(self, caller: str, quota: int) -> Spent:
        """See Allowance."""
        with self._lock:
            now = self._clock()
            before = max(self._due.pop(caller, now), now)
            after = before + MINUTE / quota
            let_in = after <= now + MINUTE
            due = after if let_in else before
            self._due[caller] = due
            if len(self._due) > REMEMBERED:
                self._due.popitem(last=False)
        return Spent(let_in, due - now)

    def close(self) -> None:
        """See Allowance."""


class FileAllowance:
    """Of the processes of one machine that share a file, which need not outlive them."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self._clock = clock
        self._open: sqlite3.Connection | None = None
        self._lock = Lock()
        self._tidied = 0.0

    def spend(self, caller: str, quota: int) -> Spent:
        """See Allowance."""
        now = self._clock()
        given = {"caller": caller, "now": now, "gap": MINUTE / quota, "until": now + MINUTE}
        try:
            with self._lock:
                known = self._connection()
                if now - self._tidied > TIDY:
                    known.execute("DELETE FROM allowance WHERE due < :now", {"now": now})
                    self._tidied = now
                due, let_in = known.execute(
                    "INSERT INTO allowance (caller, due, let_in)"
                    " VALUES (:caller, :now + :gap, 1) ON CONFLICT (caller) DO UPDATE SET"
                    " let_in = max(due, :now) + :gap <= :until,"
                    " due = max(due, :now)"
                    " + (CASE WHEN max(due, :now) + :gap <= :until THEN :gap ELSE 0 END)"
                    " RETURNING due, let_in",
                    given,
                ).fetchone()
        except sqlite3.Error as error:
            raise QueueError(f"The counts of requests in {self.path}: {error}") from error
        return Spent(bool(let_in), due - now)

    def close(self) -> None:
        """See Allowance."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = sqlite3.connect(
                self.path, timeout=LOCKED, isolation_level=None, check_same_thread=False
            )
            self._open.execute("PRAGMA journal_mode = WAL")
            self._open.execute("PRAGMA synchronous = OFF")
            self._open.execute(
                "CREATE TABLE IF NOT EXISTS allowance"
                " (caller TEXT PRIMARY KEY, due REAL NOT NULL, let_in INTEGER NOT NULL)"
            )
        return self._open
