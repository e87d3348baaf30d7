"""Who works on what.

In one process, threads share the work (`local`, `turns`). To add a queue that several machines
share: write `narrator/queue/<name>.py` with an `open_at(url) -> Queue` and an `allowance_at(url) ->
Allowance`, and add one line to QUEUES.

A job is a Run: speak these sentences, unless the library holds them. It may be done twice without
harm, and it is done when the library holds them, whatever the queue says: any queue that forgets
nothing will do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from threading import Event
from typing import Any, Literal, Protocol

from narrator.errors import UsageError
from narrator.model import Sentence
from narrator.queue.allowance import Allowance

Lane = Literal["interactive", "batch"]
"""Work that somebody waits for goes before work that may wait."""

LANES: tuple[Lane, ...] = ("interactive", "batch")

ATTEMPTS = 3
"""How often a run is begun before it is given up."""


@dataclass(frozen=True, slots=True)
class Run:
    """Some sentences of a narration, in one voice, for one worker."""

    narration: str
    """Id of the narration that asks for them."""
    number: int
    """Place among the runs of the narration, from 0."""
    voice: str
    """Voice id."""
    speed: float
    sentences: tuple[Sentence, ...]
    keys: tuple[str, ...]
    """Keys of the segments, by sentence: a worker whose voice or versions differ finds others."""
    request: str = ""
    """Id of the HTTP request that first asked for the narration, for logs; empty: none did."""

    @property
    def id(self) -> str:
        """The same for whoever asks for the same; it begins with the id of the narration, by which
        logs lead from a request to its jobs."""
        return f"{self.narration}-{self.number}"


State = Literal["waiting", "running", "failed", "gone"]
"""What became of a run that was asked for; "gone" when it was done, or dropped."""


@dataclass(frozen=True, slots=True)
class Count:
    """How much there is of a lane."""

    lane: str
    waiting: int
    running: int
    failed: int
    oldest: float
    """Seconds that the oldest run has waited; 0 if none does."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run that is in the queue."""

    ticket: int
    run: str
    request: str
    """See Run."""
    lane: str
    attempts: int
    """How often it was begun and not finished."""
    reason: str
    """Why it was given up, else empty."""


class Queue(Protocol):
    """Runs of sentences on their way from those who narrate to those who speak. QueueError where
    it does not answer."""

    def ask(self, run: Run, lane: Lane, priority: int) -> int:
        """Put a run in, unless it waits there already: its ticket. Higher priorities go first."""
        ...

    def state(self, ticket: int) -> State:
        """What became of it."""
        ...

    def reason(self, run_id: str) -> str:
        """Why a run was given up; empty where nobody said."""
        ...

    def wait(self, names: Sequence[str], seconds: float) -> bool:
        """Until a worker tells one of the names, or the time is over; whether one did."""
        ...

    def work(
        self,
        speak: Callable[[Run, Callable[[str], None]], None],
        *,
        lanes: Sequence[Lane],
        threads: int,
        stop: Event,
    ) -> None:
        """Speak runs until told to stop, the most urgent first. `speak` calls what it is given
        with the key of each segment as it is stored, and with what else is to be told. What
        somebody else began and did not go on with, because he was killed, frozen or cut off, is
        begun again. A MemoryError ends the process at once (exit code 71): it would fail the next
        run, too."""
        ...

    def counts(self) -> list[Count]:
        """How much there is, by lane."""
        ...

    def workers(self) -> int:
        """How many workers have shown that they live."""
        ...

    def jobs(self, state: State, most: int = 1000) -> list[Job]:
        """The runs that are in a state, the first of them first."""
        ...

    def retry(self, tickets: Sequence[int]) -> int:
        """Try what was given up once more; how many there were."""
        ...

    def drop(self, narration: str = "") -> int:
        """Forget the runs of a narration that nobody has begun, or all that were given up; how
        many there were."""
        ...

    def migrate(self) -> str:
        """Make the queue ready, or bring it up to date; what was done. Does no harm when it is
        done twice, or while others work."""
        ...

    def close(self) -> None:
        """Let go of the connections."""
        ...


QUEUES = {"postgresql": "narrator.queue.postgres", "postgres": "narrator.queue.postgres"}
"""URL scheme -> module that holds open_at(url) and allowance_at(url), imported at use."""


def open_queue(where: str) -> Queue:
    """The queue at a URL; UsageError for a scheme that is not known. Connects to nothing yet."""
    queue: Queue = _module(where).open_at(where)
    return queue


def open_allowance(where: str) -> Allowance:
    """The counts of requests that all share who share the queue at a URL; see `open_queue`."""
    allowance: Allowance = _module(where).allowance_at(where)
    return allowance


def _module(where: str) -> Any:
    scheme = where.partition("://")[0]
    if scheme not in QUEUES:
        known = ", ".join(f"{name}://" for name in sorted(QUEUES))
        raise UsageError(f"No queue at {where!r}: known are {known}.")
    return import_module(QUEUES[scheme])
