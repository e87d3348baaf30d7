"""Waiting for what will happen, however slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 300.0
"""Seconds after which a test takes something for hung. No test may expect less of a machine."""


def until(condition: Callable[[], T], what: object = "", every: float = 0.02) -> T:
    """What the condition gives once that is true. It fails with `what` after PATIENCE; if that can
    be called, with what it then gives."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(every)
    return found
