"""How far articles are heard: sums only, of nobody in particular.

A process keeps its sums in memory, and every minute in the library, in one file of its own; what
the files of all processes hold together is what was counted. A crash loses a minute.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from threading import Lock
from typing import Annotated

from pydantic import Field, NonNegativeInt, TypeAdapter

from narrator.library import Library
from narrator.service.records import Records

COUNTS = "counts/"
"""Prefix of the names of files in the library."""

TENTHS = 11
"""What is counted of an article: listens that began, and those that came to each tenth of it."""

PERIOD = 60.0
"""Seconds after which sums are kept."""


SUMS = TypeAdapter(
    dict[str, Annotated[list[NonNegativeInt], Field(min_length=TENTHS, max_length=TENTHS)]],
)
"""What a file holds: sums by article."""


class Counts:
    """The sums of one process; from any thread."""

    def __init__(self, library: Library, clock: Callable[[], float] = time.monotonic) -> None:
        self._library = library
        self._clock = clock
        self._records = Records(library)
        self._process = secrets.token_hex(8)
        self._sums: dict[str, list[int]] = {}
        self._lock = Lock()
        self._kept = ""
        self._kept_at = clock()
        self._fresh = False

    def add(self, article: str, tenth: int) -> None:
        """One more listen came to the tenth, 0 to 10. LibraryError and StorageFull from `keep`."""
        with self._lock:
            self._sums.setdefault(article, [0] * TENTHS)[tenth] += 1
            self._fresh = True
        if self._clock() - self._kept_at >= PERIOD:
            self.keep()

    def keep(self) -> None:
        """Write the sums down, if there are new ones; the file before is removed."""
        with self._lock:
            if not self._fresh:
                return
            before, self._kept = self._kept, f"{COUNTS}{self._process}-{time.time_ns()}.json"
            self._library.write(self._kept, json.dumps(self._sums).encode())
            self._kept_at, self._fresh = self._clock(), False
        if before:
            self._library.remove(before)

    def all(self) -> dict[str, list[int]]:
        """Article -> its sums, of all processes."""
        total: dict[str, list[int]] = {}
        newest: dict[str, str] = {}
        for entry in self._library.entries(COUNTS):
            process = entry.name.removeprefix(COUNTS).partition("-")[0]
            newest[process] = max(entry.name, newest.get(process, ""))
        newest.pop(self._process, None)
        parts = [self._records.sound(name, SUMS) or {} for name in newest.values()]
        with self._lock:
            for part in [*parts, self._sums]:
                for article, sums in part.items():
                    known = total.get(article, [0] * TENTHS)
                    total[article] = [a + b for a, b in zip(known, sums, strict=True)]
        return total
