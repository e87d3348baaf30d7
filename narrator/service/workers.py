"""Several processes that serve at one socket and share one library.

Each is a whole service: whatever it is asked about that another is making, it makes along, and
since a sentence is spoken once whoever wants it, that costs only the joining. A worker that dies is
replaced, and its successor goes on with all that was acknowledged.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from types import FrameType

from prometheus_client.multiprocess import mark_process_dead

from narrator.errors import NarratorError
from narrator.service import logs
from narrator.settings import Settings, share_metrics

log = logging.getLogger("narrator.service")

LOOK = 0.5
"""Seconds between two looks at whether to stop."""

LATE = 30.0
"""Seconds beyond the grace after which a worker that was told to stop is killed."""

_spawn = multiprocessing.get_context("spawn")


@dataclass(slots=True)
class Worker:
    """One process."""

    process: SpawnProcess
    listening: Event
    """Whether it ever did."""


def run_workers(settings: Settings, sockets: list[socket.socket]) -> None:
    """Serve at these sockets with so many processes as the settings say, until told to stop;
    NarratorError where they cannot start."""
    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, told)
    count = settings.service.workers
    with tempfile.TemporaryDirectory(prefix="narrator-metrics-") as folder:
        share_metrics(Path(folder))
        counts = Path(folder) / "requests.sqlite"
        workers = [_start(settings, sockets, counts, (n, count)) for n in range(count)]
        try:
            while not stop.is_set():
                wait([worker.process.sentinel for worker in workers], LOOK)
                for number, worker in enumerate(workers):
                    if not worker.process.is_alive() and not stop.is_set():
                        workers[number] = _replaced(worker, settings, sockets, counts)
        finally:
            _end(workers, settings.service.grace + LATE)


def _start(
    settings: Settings,
    sockets: list[socket.socket],
    counts: Path,
    share: tuple[int, int] | None,
) -> Worker:
    listening = _spawn.Event()
    process = _spawn.Process(
        target=_work, args=(settings, sockets, counts, share, listening), name="narrator-worker"
    )
    process.start()
    log.info("worker started", extra={"pid": process.pid})
    return Worker(process, listening)


def _replaced(
    worker: Worker, settings: Settings, sockets: list[socket.socket], counts: Path
) -> Worker:
    """Another worker for one that died; NarratorError if that never served, for then no other
    would."""
    pid, code = worker.process.pid, worker.process.exitcode
    if not worker.listening.is_set():
        raise NarratorError(f"A worker could not start (exit code {code}). Its log says why.")
    worker.process.close()
    log.error("worker died with exit code %s and is replaced", code, extra={"pid": pid})
    mark_process_dead(pid, str(counts.parent))  # type: ignore[no-untyped-call]
    return _start(settings, sockets, counts, None)


def _end(workers: list[Worker], seconds: float) -> None:
    """Tell all to stop, and kill those that do not."""
    for worker in workers:
        if worker.process.is_alive():
            worker.process.terminate()
    for worker in workers:
        worker.process.join(seconds)
        if worker.process.is_alive():
            log.error("worker does not stop and is killed", extra={"pid": worker.process.pid})
            worker.process.kill()
            worker.process.join()


def _work(
    settings: Settings,
    sockets: list[socket.socket],
    counts: Path,
    share: tuple[int, int] | None,
    listening: Event,
) -> None:
    """The life of a worker."""
    from narrator.service.server import serve

    threading.Thread(target=_follow_parent, daemon=True).start()
    logs.set_up(settings.service.log)
    service = settings.service
    readers = max(min(service.readers, 2), -(-service.readers // service.workers))
    own = settings.model_copy(
        update={
            "threads": -(-settings.threads // service.workers),
            "service": service.model_copy(update={"readers": readers}),
        }
    )
    serve(own, sockets, share, listening.set, counts)


def _follow_parent() -> None:
    """Stop when the parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
