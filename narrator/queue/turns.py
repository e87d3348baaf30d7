"""Who may work next, when more want to than there are cores: the most urgent first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock

from narrator.errors import Abandoned

Urgency = Callable[[], float | None]
"""When its work is needed, on a clock that all who wait share: the lower, the sooner its turn. It
is asked whenever somebody's turn ends, for what was urgent may no longer be. None: not at all any
more."""


def always() -> float:
    """The urgency of what is needed at once."""
    return 0.0


Due = Callable[[int], float | None]
"""The same for the sentence of that number, from 0, of a narration."""


def at_once(number: int) -> float:
    """Due of a narration that is alone: its sentences in their order."""
    return float(number)


@dataclass(slots=True)
class _Waiting:
    """Somebody whose turn has not come."""

    number: int
    """In the order of coming."""
    urgency: Urgency
    called: Event = field(default_factory=Event)
    wanted: bool = True


class Turns:
    """So many places for threads that want to work; nobody who works is interrupted."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._numbers = count()
        self._waiting: list[_Waiting] = []
        self._lock = Lock()

    @contextmanager
    def taken(self, urgency: Urgency) -> Iterator[None]:
        """A place for the block, as soon as one is free and nobody's work is needed sooner;
        Abandoned where the work stopped being wanted."""
        waiting = _Waiting(next(self._numbers), urgency)
        with self._lock:
            self._waiting.append(waiting)
            self._call()
        waiting.called.wait()
        if not waiting.wanted:
            raise Abandoned("This narration is no longer wanted.")
        try:
            yield
        finally:
            with self._lock:
                self._free += 1
                self._call()

    def _call(self) -> None:
        """Give the free places to the most urgent, and send the unwanted away."""
        due = {id(waiting): waiting.urgency() for waiting in self._waiting}
        staying = []
        for waiting in sorted(
            self._waiting, key=lambda w: (due[id(w)] is not None, due[id(w)] or 0.0, w.number)
        ):
            waiting.wanted = due[id(waiting)] is not None
            if waiting.wanted and not self._free:
                staying.append(waiting)
                continue
            self._free -= waiting.wanted
            waiting.called.set()
        self._waiting = staying
