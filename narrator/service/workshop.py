"""Where narrations are made: which, how many at a time, and what becomes of them."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Condition, Thread, get_native_id
from typing import BinaryIO, cast

from narrator.errors import (
    Abandoned,
    LibraryError,
    NarratorError,
    QueueError,
    StorageFull,
    TakenDown,
)
from narrator.making import make
from narrator.model import Encoded, Narration, Plan, Progress
from narrator.service.logs import request_id
from narrator.service.makings import Bell, Making
from narrator.service.passing import Passing
from narrator.service.problems import problem_of
from narrator.service.products import AUDIO, documents, manifest_of
from narrator.service.requests import Request
from narrator.service.shelf import Manifest, Outcome, Shelf, taken_down
from narrator.service.takedowns import Claim
from narrator.studio import Studio

log = logging.getLogger("narrator.service")

POLITENESS = 5
"""By how much threads that speak give way to those that answer (nice)."""

RETRY = 30.0
"""Seconds after which a making is tried again that the disk, the library or the queue did not let
end."""

PACE = 10.0
"""Seconds of audio a second, until it is known better."""

NEWER = 0.2
"""Weight of the latest making in the pace."""

BATCHES = 2
"""Makings at a time that nobody waits for: as many of those that keys asked for, and of those that
listeners did."""

LISTENERS = 2
"""Part of the places, one in so many, that makings which only listeners asked for may take."""


Content = dict[str, tuple[bytes | BinaryIO, str]]
"""Contents and type of a narration's files, by name."""


class Workshop:
    """Makes narrations in threads of its own. Used from the loop, except where said."""

    def __init__(self, studio: Studio, shelf: Shelf, passing: Passing, most: int) -> None:
        self.studio = studio
        self.shelf = shelf
        self.passing = passing
        self._most = most
        self._loop = asyncio.get_running_loop()
        self._makings: dict[str, Making] = {}
        """Waiting and in work, by id."""
        self._waiting: list[Making] = []
        self._busy: dict[Making, Thread] = {}
        self._changed = Condition()
        """Guards the three above; notified when a making ends."""
        self._open = True
        self._pace = PACE
        self.ended: list[Callable[[Making, float], None]] = []
        """Called by the thread that made it, with the seconds that it took."""

    def find(self, narration_id: str) -> Making | None:
        """The narration, if it is waiting or being made; from any thread."""
        return self._makings.get(narration_id)

    def makings(self) -> list[Making]:
        """All that are waiting or being made; from any thread."""
        with self._changed:
            return self._all()

    def _all(self) -> list[Making]:
        """Also passing ones in whose place one that lasts is being made; the lock is held."""
        return list({*self._makings.values(), *self._waiting, *self._busy})

    def __len__(self) -> int:
        return len(self._makings)

    def begin(self, request: Request, planned: Plan, claim: Claim) -> Making:
        """The making of what was planned, begun now unless it is already; from any thread. The
        request must be stored. One that is to last is made beside a passing one, whose sentences
        it shares; what a key asks for is no longer a listener's. `claim`: the article that it is
        for."""
        with self._changed:
            known = self._makings.get(planned.id)
            if known is not None and (request.passing or not known.request.passing):
                if claim not in known.claims:
                    known.claims += (claim,)
                if known.request.listener and not request.listener:
                    known.request = request
                    self._hire()
                return known
            making = Making(request, planned, Bell(self._loop))
            making.claims = (claim,)
            self._makings[making.id] = making
            self._waiting.append(making)
            self._hire()
        return making

    def abandon(
        self, narration_id: str, why: NarratorError | None = None, *, only: Making | None = None
    ) -> None:
        """Make it no more; who listens is cut off and told why. `only`: this making of that
        narration, and no other. From any thread."""
        with self._changed:
            for making in self._all():
                if making.id == narration_id and only in (None, making):
                    making.wanted = False
                    making.refusal = why or _unwanted()
                    if making in self._waiting:
                        self._waiting.remove(making)
                        making.error = making.refusal
                        making.end("failed")
                    if self._makings.get(narration_id) is making:
                        del self._makings[narration_id]

    def pace(self) -> float:
        """Seconds of audio that are made in a second, lately and all in all."""
        return self._pace

    def wait(self) -> float:
        """Seconds until something is finished, about."""
        left = [making.expected() - making.seconds for making in self.makings()]
        return min(left, default=0.0) / self._pace

    def hurry(self) -> None:
        """Look again at who should be made next: somebody began to listen."""
        with self._changed:
            self._hire()

    def close(self, seconds: float) -> bool:
        """Stop all makings, each at the end of its sentence; what was asked stays stored. Whether
        they ended within so many seconds. Blocks."""
        with self._changed:
            self._open = False
            for making in self._all():
                making.wanted = False
            return self._changed.wait_for(lambda: not self._busy, seconds)

    def _hire(self) -> None:
        """Begin with as many as may be in work, the most urgent first; the lock is held."""
        while self._open and len(self._busy) < self._most:
            able = [making for making in self._waiting if self._may_begin(making)]
            if not able:
                return
            making = min(able, key=lambda m: m.due(0) or 0.0)
            self._waiting.remove(making)
            thread = Thread(target=self._work, args=(making,), name=f"making-{making.id[:10]}")
            self._busy[making] = thread
            thread.start()

    def _may_begin(self, making: Making) -> bool:
        """Whether there is a place for a making of its kind: listeners leave some to keys, and what
        nobody waits for to all that somebody does."""
        of_listeners = making.request.listener
        alike = [busy for busy in self._busy if busy.request.listener == of_listeners]
        if of_listeners and len(alike) >= max(1, self._most // LISTENERS):
            return False
        return not may_wait(making) or sum(map(may_wait, alike)) < BATCHES

    def _work(self, making: Making) -> None:
        """Make one narration, in a thread of its own, and take the next."""
        began = time.monotonic()
        request_id.set(making.request.trace)  # A thread has a context of its own.
        try:
            give_way()
            self._attempt(making)
            took = time.monotonic() - began
            self._pace += (making.seconds / max(took, 0.001) - self._pace) * NEWER
            making.end("ready")
        except Exception as error:
            self._missed(making, error)
        finally:
            for tell in self.ended:
                tell(making, time.monotonic() - began)
            with self._changed:
                self._busy.pop(making, None)
                if self._makings.get(making.id) is making:
                    del self._makings[making.id]
                self._hire()
                self._changed.notify_all()

    def _attempt(self, making: Making) -> None:
        """From plan to manifest."""
        making.state = "working"
        making.moved = time.monotonic()
        making.bell.ring()
        shelf = self._shelf(making)
        making.manifest = self.shelf.sound(making.id) or shelf.sound(making.id)
        if making.manifest is not None:
            shelf.drop_request(making.id)
            return
        with tempfile.TemporaryFile() as file:
            narration = self._speak(making, cast(BinaryIO, file))
            if not making.wanted:
                raise making.refusal or _unwanted()
            manifest = manifest_of(narration, making.request)
            content = documents(narration, cast(BinaryIO, file))
            if making.request.passing:
                making.manifest = self._pass(making, manifest, content)
            else:
                making.manifest = shelf.commit(manifest, content)

    def _pass(self, making: Making, manifest: Manifest, content: Content) -> Manifest:
        """Store a passing narration for the first article that asked for it and is up. TakenDown
        where none is, or where that was taken down while it was being stored."""
        down = self.shelf.takedowns.claim_down
        claim = next((claim for claim in making.claims if not down(claim)), None)
        if claim is None:
            raise taken_down(making.id)
        own = replace(manifest, article=claim.article, url=claim.url)
        self.passing.grown = True
        stored = self.passing.shelf.commit(own, content)
        # Again: a takedown looks for what passes after it is stored.
        if making.refusal is not None or down(claim):
            self.passing.remove(making.id)
            raise making.refusal or taken_down(making.id)
        return stored

    def _shelf(self, making: Making) -> Shelf:
        """Where it is kept."""
        return self.passing.shelf if making.request.passing else self.shelf

    def _speak(self, making: Making, file: BinaryIO) -> Narration:
        events = make(
            self.studio, making.planned, file, "mp3", path=Path(AUDIO), live=True,
            due=making.due, lane=lambda: "batch" if may_wait(making) else "interactive",
            request=making.request.trace,
        )  # fmt: skip
        try:
            for event in events:
                if not making.wanted:
                    raise making.refusal or _unwanted()
                match event:
                    case Encoded(data):
                        making.sound(data)
                    case Progress():
                        making.advance(event)
                    case Narration():
                        making.spoken = event.spoken
                        return event
        finally:
            events.close()
        raise AssertionError("the last event is the Narration")

    def _missed(self, making: Making, error: Exception) -> None:
        """It was not made. Only what cannot be made is settled; all else stays asked for."""
        if not making.wanted:  # Whatever went wrong on the way out, nothing is wrong with it.
            making.error = making.refusal or _unwanted()
            making.end("failed")
        elif isinstance(error, TakenDown):
            self._gone(making, error)
        elif isinstance(error, (StorageFull, LibraryError, QueueError, OSError)):
            self._postpone(making, error)
        elif isinstance(error, NarratorError):
            self._fail(making, error)
        else:
            log.error("making failed", exc_info=error, extra={"narration": making.id})
            self._fail(making, NarratorError(str(error)))

    def _gone(self, making: Making, error: TakenDown) -> None:
        """It was taken down: nothing of it stays, so that nothing comes back with a restore."""
        making.error = error
        try:
            self._shelf(making).drop_request(making.id)
        except (LibraryError, StorageFull) as kept:
            log.error("%s", kept, extra={"narration": making.id})
        making.end("failed")

    def _fail(self, making: Making, error: NarratorError) -> None:
        """It cannot be made; asking again tries again."""
        log.warning("narration failed: %s", error, extra={"narration": making.id})
        making.error = error
        try:
            self._shelf(making).settle(making.id, Outcome(problem=problem_of(error).fields()))
            if making.request.passing:
                self.passing.release(making.planned.segments)
        except (LibraryError, StorageFull) as unsettled:  # It is tried again after the next start.
            log.error("%s", unsettled, extra={"narration": making.id})
        making.end("failed")

    def _postpone(self, making: Making, error: Exception) -> None:
        """It cannot be made now: who listens is cut off, and it is tried again later."""
        log.error("narration put off for %.0f s: %s", RETRY, error, extra={"narration": making.id})
        fresh = Making(making.request, making.planned, Bell(self._loop))
        with self._changed:
            fresh.claims = making.claims
            if making.wanted and self._makings.get(making.id) is making:
                self._makings[making.id] = fresh
        making.error = error if isinstance(error, NarratorError) else LibraryError(str(error))
        making.end("failed")

        def again() -> None:
            with self._changed:
                if self._open and self._makings.get(fresh.id) is fresh:
                    self._waiting.append(fresh)
                    self._hire()

        if making.wanted:
            self._loop.call_soon_threadsafe(self._loop.call_later, RETRY, again)


def _unwanted() -> Abandoned:
    return Abandoned("This narration is made no more here. Ask for the article again.")


def may_wait(making: Making) -> bool:
    """Whether nobody listens to it or asked for it to be ready soon."""
    return making.request.batch and not making.listeners


def give_way() -> None:
    """Lower this thread's priority, and that of all threads that it starts (Linux; elsewhere a
    process has one priority for all, which must stay)."""
    if os.uname().sysname == "Linux":
        os.setpriority(os.PRIO_PROCESS, get_native_id(), POLITENESS)
