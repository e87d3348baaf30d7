"""Leases by file: of several threads and processes that want to make the same thing, one makes it.

A lease is a lock (flock) on a file of its own, which the system gives back when its holder ends,
however it ends: nothing has to expire, and no server is asked.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from narrator.nameless import make_folder

PATIENCE = 60.0
"""Seconds to wait for a holder, who may be frozen; then the thing is made a second time."""

_POLL = 0.01
"""Seconds between two looks at first; they become five times as many at most."""


_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
"""Of a lease's file: through a link one would be made elsewhere."""


@contextmanager
def leased(path: Path, patience: float = PATIENCE) -> Iterator[bool]:
    """Hold the lease at `path` for the block, waiting for another holder first; whether it was had
    within `patience` seconds. OSError where the file cannot be made."""
    deadline = time.monotonic() + patience
    descriptor = _acquired(path, deadline)
    if descriptor is None:
        yield False
        return
    try:
        yield True
    finally:
        path.unlink(missing_ok=True)  # While it is held: who opened it meanwhile looks again.
        os.close(descriptor)


def _acquired(path: Path, deadline: float) -> int | None:
    """The locked file, or None where the deadline passed."""
    wait = _POLL
    make_folder(path.parent)  # The library itself may be made here.
    while True:
        descriptor = os.open(path, _FLAGS, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is(path, descriptor):
                return descriptor
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(wait)
            wait = min(wait * 1.5, 5 * _POLL)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _is(path: Path, descriptor: int) -> bool:
    """Whether the file still has its name: a holder unlinks it when it is done."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
