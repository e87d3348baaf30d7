"""What the machine has too little of, where an error says so: files, memory, threads, room."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from typing import Any

from narrator.errors import Busy, NarratorError, StorageFull

log = logging.getLogger("narrator.service")

AGAIN_SECONDS = 5.0
"""When to ask again."""

TOLD_SECONDS = 10.0
"""Time between two lines in the log about the same shortage."""

FILES = {errno.EMFILE, errno.ENFILE}
MEMORY = {errno.ENOMEM, errno.EAGAIN}
ROOM = {errno.ENOSPC, errno.EDQUOT}

_told: dict[str, float] = {}
"""What is short -> when that was last told."""


def shortage(error: BaseException | None) -> NarratorError | None:
    """What is to be answered instead, where an error or what it came from is that something is
    short; None where it is not."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        found = _shortage(error)
        if found is not None:
            return found
        error = error.__cause__ or error.__context__
    return None


def _shortage(error: BaseException) -> NarratorError | None:
    number = error.errno if isinstance(error, OSError) else None
    if number in FILES:
        return Busy("The service has as many files open as it may. Try again soon.", AGAIN_SECONDS)
    if isinstance(error, MemoryError) or number in MEMORY or _no_thread(error):
        return Busy("The service has no memory left for this. Try again soon.", AGAIN_SECONDS)
    if number in ROOM:
        return StorageFull("No space is left on the disk of the service. Try again later.")
    return None


def _no_thread(error: BaseException) -> bool:
    """Whether it says, as Python does, that the system gave no thread."""
    return isinstance(error, RuntimeError) and "start new thread" in str(error)


def tell(short: NarratorError) -> None:
    """A line in the log, unless there was one a moment ago."""
    now = time.monotonic()
    if now - _told.get(str(short), -TOLD_SECONDS) >= TOLD_SECONDS:
        _told[str(short)] = now
        log.error("%s", short)


def in_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What the event loop does with an error that nobody awaits: a shortage is told once in a
    while, all else as usual."""
    short = shortage(context.get("exception"))
    if short is not None:
        tell(short)
    else:
        loop.default_exception_handler(context)
