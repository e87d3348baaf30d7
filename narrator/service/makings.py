"""A narration that is being made, and those who listen meanwhile.

One making feeds any number of listeners: what the encoder appends goes into a spool, a temporary
file that each of them reads at a pace of their own, from the start, however late they come.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from array import array
from collections.abc import AsyncIterator, Callable
from itertools import accumulate
from threading import Lock
from typing import Literal

from narrator.errors import NarratorError
from narrator.model import Cue, Plan, Progress
from narrator.roll import Roll
from narrator.service.requests import Request
from narrator.service.shelf import Manifest
from narrator.service.takedowns import Claim

PIECE = 1 << 16
"""Bytes that a listener is sent at once, at most."""

RANK = 1e9
"""Seconds by which a first sentence is more urgent than any later one, and these than work that may
wait."""

RATE = 15.0
"""Characters of text a second of speech, for estimates."""

State = Literal["queued", "working", "ready", "failed"]


class Bell:
    """Rung by threads, heard by coroutines."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._rung: asyncio.Future[None] = loop.create_future()

    def ring(self) -> None:
        """Wake all who wait; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring)

    def _ring(self) -> None:
        rung, self._rung = self._rung, self._loop.create_future()
        rung.set_result(None)

    async def wait(self, seconds: float | None = None) -> bool:
        """Until it is rung next, or the seconds are over; whether it was rung. Nothing is missed
        by who looks first and then waits: the bell rings between two steps of the loop."""
        done, _ = await asyncio.wait([self._rung], timeout=seconds)
        return bool(done)


class Spool:
    """Bytes that grow at the end, in a file that is gone when nobody holds it."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  (closed by `release`)
        self._holders = 1
        self._lock = Lock()
        self.size = 0

    def append(self, data: bytes) -> None:
        """Add to the end; OSError where the disk is full."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file.fileno(), rest) :]
        self.size += len(data)

    def read(self, start: int, count: int = PIECE) -> bytes:
        """At most `count` bytes from `start` on; none where the end is."""
        return os.pread(self._file.fileno(), count, start)

    def hold(self) -> bool:
        """Keep it for one more; False where it is gone."""
        with self._lock:
            if not self._holders:
                return False
            self._holders += 1
            return True

    def release(self) -> None:
        """One needs it no longer."""
        with self._lock:
            self._holders -= 1
            if not self._holders:
                self._file.close()


class Making:
    """A narration on its way. Written by the thread that makes it, read by the loop."""

    def __init__(self, request: Request, planned: Plan, bell: Bell) -> None:
        self.id = planned.id
        self.request = request
        self.planned = planned
        self.bell = bell
        self.spool = Spool()
        self.state: State = "queued"
        self.cues: Roll[Cue] = Roll()
        self.seconds = 0.0
        """Of audio so far."""
        self._left = _lasting(planned)
        self.manifest: Manifest | None = None
        """When it is ready."""
        self.error: NarratorError | None = None
        """When it failed."""
        self.claims: tuple[Claim, ...] = ()
        """The articles that it is made for. It is stopped when all of them are down."""
        self.wanted = True
        self.ending: set[Callable[[Making], None]] = set()
        """Called when it is over, by the thread that makes it."""
        self.refusal: NarratorError | None = None
        """Why it is made no more, where somebody said so."""
        self.listeners = 0
        self.began = time.monotonic()
        """When somebody began to wait for it."""
        self.moved = time.monotonic()
        """When its last sentence was finished."""
        self.spoken: int | None = None
        """Sentences that had to be spoken for it, when that is known."""

    @property
    def total(self) -> int:
        """Sentences."""
        return len(self.planned.script.sentences)

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("ready", "failed")

    def due(self, number: int) -> float | None:
        """When whoever listens will have heard all before that sentence, and will hear nothing
        without it: see `Turns`. A first sentence goes before all later ones, since who waits for
        it hears nothing yet."""
        if not self.wanted:
            return None
        before = self._left[self.total - len(self.cues)] - self._left[self.total - number]
        due = self.began + self.seconds + max(before, 0.0)
        if self.request.batch and not self.listeners:
            return due + (2 * RANK if self.request.listener else RANK)
        return due if number else due - RANK

    def expected(self) -> float:
        """Seconds that it will last, about: what is in the audio, and the rest."""
        return self.seconds + self._left[self.total - len(self.cues)]

    def progress(self) -> dict[str, float]:
        """How far it is: sentences in the audio, of how many, and its seconds."""
        return {"done": len(self.cues), "total": self.total, "seconds": round(self.seconds, 3)}

    def advance(self, progress: Progress) -> None:
        """One more sentence is in the audio."""
        self.moved = time.monotonic()
        self.cues.append(progress.cue)
        self.seconds = progress.seconds
        self.bell.ring()

    def sound(self, data: bytes) -> None:
        """More of the audio."""
        if data:
            self.spool.append(data)
            self.bell.ring()

    def end(self, state: Literal["ready", "failed"]) -> None:
        """Nothing more will come; `manifest` or `error` says why."""
        self.state = state
        self.spool.release()
        for tell in list(self.ending):
            tell(self)
        self.bell.ring()

    def join(self) -> bool:
        """Somebody listens from now on; False where it is over and can be had whole."""
        if not self.spool.hold():
            return False
        if not self.listeners:
            self.began = time.monotonic()
        self.listeners += 1
        return True

    def leave(self) -> None:
        """Somebody who listened does not any more."""
        self.listeners -= 1
        self.spool.release()

    async def heard(self) -> AsyncIterator[bytes]:
        """The audio from its start, as it comes; for who has joined."""
        position = 0
        while True:
            over = self.over
            data = self.spool.read(position)
            if data:
                position += len(data)
                yield data
            elif over:
                return
            else:
                await self.bell.wait()


def _lasting(planned: Plan) -> array[float]:
    """Seconds that the last sentences will last, about, by their letters; place n for n of them."""
    spoken = [len(s.spoken) / RATE / planned.speed + s.pause for s in planned.script.sentences]
    return array("d", accumulate(reversed(spoken), initial=0.0))
