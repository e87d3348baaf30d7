"""Documents of strangers are read in processes with a deadline and a memory limit.

Each reader is a pebble pool of one process, so that one that dies, in the middle of a message even,
leaves the others as they were. Readers are forked from a process that has loaded all that reading
needs, and are replaced when they die, when they are killed and when they have grown.
"""

from __future__ import annotations

import logging
import pickle
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import forkserver, get_context
from threading import Event, Lock, Thread
from typing import Any, Literal

from pebble import CONSTS, ProcessExpired, ProcessPool

from narrator.engines import load
from narrator.engines.catalogue import voices
from narrator.errors import Busy, NarratorError, TooCostly
from narrator.model import Article, Plan
from narrator.scratch import shorten_socket_paths
from narrator.service.fairness import FairLine
from narrator.service.reading_child import LATE, LESS, Document, Fault, Outcome, Terms, begin, warm
from narrator.service.reading_child import read as read_document
from narrator.settings import ServiceSettings, Settings, bare_environment

log = logging.getLogger("narrator.service")

WAITING = 256
"""Documents that may wait for a reader."""

WAITING_BYTES = 128_000_000
"""Of all documents that wait."""

START_SECONDS = 60.0
"""Time in which a reader must be ready."""

LOST_SECONDS = 2 * LATE
"""Time beyond its deadline after which a reader that said nothing is replaced."""

LOOK_SECONDS = 0.5
"""Time between two looks at whether the readers live."""

STOP_SECONDS = 2.0
"""Time in which readers are killed at the end."""

GROWN = 4
"""A reader is replaced that holds more than this part of `read_memory` beyond its beginnings."""

STARTING = "The readers are being started."
STOPPING = "The service is being stopped. Ask again soon."

End = Literal["read", "refused", "stopped", "lost"]
"""What became of a document: it was read, was no article, cost too much, or its reader could not
be had."""

_forked = get_context("forkserver")


@dataclass(eq=False, slots=True)
class _Errand:
    """A document on its way through a reader."""

    document: Document
    caller: str
    outcome: Future[Plan | Article] = field(default_factory=Future)
    tries: int = 0
    """How often a reader was dead before it had begun with it."""
    began: float = 0.0
    """When it was given to a reader, on the monotonic clock."""


@dataclass(eq=False, slots=True)
class _Reader:
    """A process that reads, or the place of one."""

    number: int
    pool: ProcessPool | None = None
    errand: _Errand | None = None
    renewing: bool = False
    baseline: int = 0
    """Bytes that it held when it was ready."""
    fault: str = STARTING
    """Why it cannot read; empty: it can."""

    def taken(self) -> ProcessPool | None:
        """Its pool, for whoever will stop it: only once may that be done."""
        pool, self.pool = self.pool, None
        return pool


def start_server() -> None:
    """Start the process that readers are forked from; before this one has threads or secrets to
    pass on."""
    shorten_socket_paths()
    forkserver.set_forkserver_preload(["__main__", "narrator.service.reading_server"])
    with bare_environment():
        forkserver.ensure_running()


class ReadingPool:
    """Reads documents and plans their narrations, in other processes. From any thread."""

    def __init__(self, settings: Settings) -> None:
        service = settings.service
        self._terms = Terms(
            settings.model_copy(
                update={
                    "queue": "",
                    "service": ServiceSettings(
                        article_limit=service.article_limit, test_voices=service.test_voices
                    ),
                }
            ),
            {voice.id: load(voice).identity for voice in voices()},
            service.read_memory,
            service.read_seconds,
        )
        self._log = service.log
        self._lock = Lock()
        """Guards all that follows."""
        count = service.readers
        self._line: FairLine[_Errand] = FairLine(count, max(1, count - 1))
        self._readers = [_Reader(number) for number in range(count)]
        self._free: list[_Reader] = []
        self._closed = False
        self._stopping = Event()
        self._pace = 0.1
        """Seconds that a document took lately."""
        self.ended: list[Callable[[End], None]] = []
        """Called with what became of each document."""
        CONSTS.term_timeout = 0  # Readers do not heed SIGTERM: it is SIGKILL that ends them.

    def start(self) -> None:
        """Begin with all readers; those who ask meanwhile wait."""
        for reader in self._readers:
            self._renew(reader)
        Thread(target=self._watch, name="readers", daemon=True).start()

    def read(
        self, document: Document, caller: str, *, patient: bool = False
    ) -> Future[Plan | Article]:
        """The plan of a document; the article itself where a person recorded it. Busy where too
        many wait already, unless it is `patient`. The future has SourceError (TooCostly where the
        reader had to be stopped), whatever else `plan` raises, or Busy where no reader can be had.
        """
        errand = _Errand(document, caller)
        size = document.size
        with self._lock:
            if self._closed:
                raise Busy(STOPPING, retry_after=LATE)
            if fault := self._fault():
                raise Busy(fault, retry_after=LATE)
            if not patient and self._line.crowded(caller, size, WAITING, WAITING_BYTES):
                raise Busy(
                    f"{len(self._line)} documents wait to be read. Try again later.",
                    retry_after=len(self._line) * self._pace / len(self._readers),
                )
            self._line.put(caller, errand, size)
        self._go_on()
        return errand.outcome

    @property
    def waiting(self) -> int:
        """Documents that wait for a reader."""
        with self._lock:
            return len(self._line)

    @property
    def busy(self) -> int:
        """Documents that are being read."""
        with self._lock:
            return sum(reader.errand is not None for reader in self._readers)

    def fault(self) -> str:
        """Why no document can be read; empty where one can."""
        with self._lock:
            return STARTING if self._starting() else self._fault()

    def _starting(self) -> bool:
        return all(reader.fault == STARTING for reader in self._readers)

    def _fault(self) -> str:
        """Why none can be read soon; the lock is held."""
        faults = [reader.fault for reader in self._readers]
        return "" if any(fault in ("", STARTING) for fault in faults) else faults[0]

    def _watch(self) -> None:
        """Look after the readers until the end."""
        while not self._stopping.wait(LOOK_SECONDS):
            try:
                self._look()
            except Exception:
                log.exception("looking after the readers failed")

    def _look(self) -> None:
        """Replace the readers that died while they had nothing to do, or before they told what
        they began with, and those that say nothing."""
        overdue = self._terms.seconds + LOST_SECONDS
        with self._lock:
            if self._closed:
                return
            ill = [reader for reader in self._readers if reader.fault and not reader.renewing]
            dead = [reader for reader in self._readers if reader.pool and not reader.pool.active]
            for reader in dead:
                if reader in self._free:
                    self._free.remove(reader)
                    ill.append(reader)
            given = [(reader, reader.errand) for reader in self._readers if reader.errand]
        for reader in ill:
            self._renew(reader)
        for reader, errand in given:
            if reader in dead:  # A pool that breaks forgets what comes at that moment.
                self._lost(reader, errand)
            elif time.monotonic() - errand.began > overdue:
                self._release(reader, errand, renew=True)
                self._tell(errand, self._too_long(errand))

    def close(self) -> None:
        """Kill all readers; whoever waits is told that it is over. Blocks for a moment."""
        self._stopping.set()
        with self._lock:
            self._closed = True
            errands = [reader.errand for reader in self._readers if reader.errand]
            errands += self._line.clear()
            pools = [pool for reader in self._readers if (pool := reader.taken())]
            self._free.clear()
        threads = [Thread(target=_stop, args=(pool,), daemon=True) for pool in pools]
        for thread in threads:
            thread.start()
        for errand in errands:
            self._tell(errand, Busy(STOPPING, retry_after=LATE))
        deadline = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _go_on(self) -> None:
        """Give the free readers what waits."""
        while True:
            with self._lock:
                taken = self._line.take() if self._free else None
                if taken is None:
                    return
                caller, errand = taken
                if errand.outcome.cancelled():
                    self._line.leave(caller)
                    continue
                reader = self._free.pop(0)  # The one that rested longest, so that all are used.
                reader.errand = errand
                errand.began = time.monotonic()
            self._give(reader, errand)

    def _give(self, reader: _Reader, errand: _Errand) -> None:
        pool = reader.pool
        if not errand.outcome.running() and not errand.outcome.set_running_or_notify_cancel():
            self._release(reader, errand)
            return
        if pool is None:
            return  # The readers are being closed, and whoever waits was told.
        try:
            done = pool.schedule(
                read_document, args=(self._terms, errand.document), timeout=self._terms.seconds
            )
        except RuntimeError:  # It died while it had nothing to do.
            self._lost(reader, errand)
            return
        done.add_done_callback(partial(self._ended, reader, errand))

    def _ended(
        self, reader: _Reader, errand: _Errand, done: Future[tuple[bytes, int, bool]]
    ) -> None:
        """A reader is through with a document, in whatever way; called by a thread of its pool."""
        try:
            pickled, held, worn = done.result()
        except TimeoutError:
            self._release(reader, errand)  # Pebble has replaced the process.
            self._tell(errand, self._too_long(errand))
        except ProcessExpired as error:
            log.warning("a reader died (%s)", _how(error.exitcode), extra=_about(errand))
            self._release(reader, errand, renew=True)  # It may have held the locks of its pool.
            self._tell(
                errand,
                TooCostly(
                    f"The process that read {errand.document.name} was ended by the system "
                    f"({_how(error.exitcode)}), most likely because it took too much memory. {LESS}"
                ),
            )
        except Exception as error:
            log.warning("a reader was lost: %r", error, extra=_about(errand))
            self._lost(reader, errand)
        else:
            grown = held - reader.baseline > self._terms.memory // GROWN
            self._release(reader, errand, renew=worn or grown)
            self._tell(errand, pickle.loads(pickled))

    def _too_long(self, errand: _Errand) -> TooCostly:
        return TooCostly(
            f"Reading {errand.document.name} took longer than {self._terms.seconds:g} s "
            f"(read_seconds) and was stopped. {LESS}"
        )

    def _lost(self, reader: _Reader, errand: _Errand) -> None:
        """No reader got to the document: another tries, as often as there are readers, which may
        all have died while they had nothing to do."""
        if not self._release(reader, errand, renew=True):
            return
        with self._lock:
            errand.tries += 1
            again = errand.tries <= len(self._readers) and not self._closed
            if again:
                self._line.put(errand.caller, errand, errand.document.size)
        if again:
            self._go_on()
        else:
            self._tell(
                errand, Busy("No reader could be started. Try again later.", retry_after=LATE)
            )

    def _release(self, reader: _Reader, errand: _Errand, *, renew: bool = False) -> bool:
        """The reader is free for the next, or has to be replaced first. False where it was given
        up with this document before."""
        with self._lock:
            if reader.errand is not errand:
                return False
            reader.errand = None
            self._line.leave(errand.caller)
            self._pace += (time.monotonic() - errand.began - self._pace) / 8
            if not renew and not self._closed:
                self._free.append(reader)
        if renew:
            self._renew(reader)
        self._go_on()
        return True

    def _tell(self, errand: _Errand, outcome: Outcome) -> None:
        """End the errand."""
        if errand.outcome.done():
            return
        end: End = "read"
        match outcome:
            case Plan() | Article():
                errand.outcome.set_result(outcome)
            case Fault(trace):
                end = "refused"
                log.error("reading failed: %s", trace, extra=_about(errand))
                errand.outcome.set_exception(NarratorError("Reading failed."))
            case error:
                lost = isinstance(error, Busy)
                end = "lost" if lost else "stopped" if isinstance(error, TooCostly) else "refused"
                errand.outcome.set_exception(error)
        for tell in self.ended:
            tell(end)

    def _renew(self, reader: _Reader) -> None:
        """Replace the process of a reader that has none or is not to be used any more."""
        with self._lock:
            if self._closed or reader.renewing:
                return
            reader.renewing = True
        Thread(target=self._replace, args=(reader,), name="readers", daemon=True).start()

    def _replace(self, reader: _Reader) -> None:
        with self._lock:
            old = reader.taken()
        if old is not None:
            _stop(old)
        pool = ProcessPool(1, initializer=begin, initargs=(self._log,), context=_forked)
        with self._lock:
            if self._closed:
                return
            reader.pool = pool
        try:
            begun = pool.schedule(warm, args=(self._terms,), timeout=START_SECONDS)
            while pool.active and not self._closed and not begun.done():
                wait([begun], LOOK_SECONDS)
            _, reader.baseline, _ = begun.result(0)
            fault = ""
        except Exception as error:
            fault = "No reader could be started. The log says why."
            if not self._closed:
                log.error("a reader could not be started: %r", error)
        with self._lock:
            reader.renewing = False
            reader.fault = fault
            closed = self._closed
            if not fault and not closed:
                self._free.append(reader)
            hopeless = [] if closed or not self._fault() else self._line.clear()
        for errand in hopeless:
            self._tell(errand, Busy(fault, retry_after=LATE))
        self._go_on()


def _stop(pool: ProcessPool) -> None:
    """Kill the process of a pool and end its threads."""
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _how(code: Any) -> str:
    """An exit code for people."""
    try:
        return signal.Signals(-code).name
    except (TypeError, ValueError):
        return f"exit code {code}"


def _about(errand: _Errand) -> dict[str, str]:
    """What logs say of a document: never its text."""
    return {"request": errand.document.trace}
