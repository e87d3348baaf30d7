"""What the service counts, in the form of Prometheus.

Several processes that share one socket count into files of one folder (`settings.share_metrics`),
and each can answer for all.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from narrator.errors import Abandoned, QueueError, TakenDown

if TYPE_CHECKING:
    from narrator.queue import Queue
    from narrator.service.context import Service
    from narrator.service.makings import Making
    from narrator.service.reading_pool import End

METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS"})
"""Others are counted as one, for anybody can invent some."""

SOON = (0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""

REAL_TIME = (0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0)
"""Seconds of work for a second of audio."""

CONTENT_TYPE = CONTENT_TYPE_LATEST

Over = Literal["livesum", "livemax", "livemin"]
"""How what several processes measure is put together."""

_STATM = Path("/proc/self/statm")


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        own = self.registry
        self.requests = Counter(
            "narrator_requests", "Answers.", ["method", "route", "status"], registry=own
        )
        self.answers = Histogram(
            "narrator_answer_seconds", "Until an answer begins.", ["route"],
            buckets=(0.005, *SOON), registry=own,
        )  # fmt: skip
        self.first_sound = Histogram(
            "narrator_first_sound_seconds",
            "From the request for audio that is being made until its first bytes are sent.",
            buckets=SOON, registry=own,
        )  # fmt: skip
        self.narrations = Counter(
            "narrator_narrations", "Makings that ended, by outcome.", ["outcome"], registry=own
        )
        self.documents = Counter(
            "narrator_documents", "Documents that readers were given, by outcome.", ["outcome"],
            registry=own,
        )  # fmt: skip
        self.real_time = Histogram(
            "narrator_real_time_factor", "Seconds of work for a second of audio, by narration.",
            buckets=REAL_TIME, registry=own,
        )  # fmt: skip
        self.audio = Counter("narrator_audio_seconds", "Audio that was made.", registry=own)
        self.work = Counter("narrator_making_seconds", "Time that making took.", registry=own)
        self.sentences = Counter(
            "narrator_sentences", "Sentences of narrations, found in the library or spoken.",
            ["source"], registry=own,
        )  # fmt: skip
        self.damaged = Counter(
            "narrator_damaged_records", "Records of the library that were found damaged, by kind.",
            ["kind"], registry=own,
        )  # fmt: skip

        def gauge(name: str, what: str, labels: Sequence[str] = (), *, over: Over) -> Gauge:
            return Gauge(f"narrator_{name}", what, labels, registry=own, multiprocess_mode=over)

        self.queue = gauge(
            "queue", "Narrations that are not ready, by state.", ["state"], over="livesum"
        )
        self.reading = gauge(
            "reading", "Documents that are being read or wait for a reader.", ["state"],
            over="livesum",
        )  # fmt: skip
        self.jobs = gauge(
            "jobs", "Runs of sentences in the queue that machines share.", ["lane", "state"],
            over="livemax",
        )  # fmt: skip
        self.oldest = gauge(
            "oldest_job_seconds", "How long the oldest of them has waited.", ["lane"],
            over="livemax",
        )  # fmt: skip
        self.workers = gauge("workers", "Workers of that queue that live.", over="livemax")
        self.listeners = gauge("listeners", "Who hears what is being made.", over="livesum")
        self.memory = gauge("memory_bytes", "Resident memory of all processes.", over="livesum")
        self.free = gauge("disk_free_bytes", "Room where the library is.", over="livemin")
        about = gauge("build_info", "Always 1.", ["version"], over="livemax")
        about.labels(version("article-narrator")).set(1)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer, which began after so many seconds."""
        known = method if method in METHODS else "other"
        self.requests.labels(known, route, str(status)).inc()
        self.answers.labels(route).observe(seconds)

    def damage(self, kind: str) -> None:
        """Count a record that was found damaged."""
        self.damaged.labels(kind).inc()

    def ended(self, making: Making, took: float) -> None:
        """Count a making that is over, after so many seconds of work."""
        failed = "abandoned" if isinstance(making.error, Abandoned | TakenDown) else "failed"
        self.narrations.labels("ready" if making.state == "ready" else failed).inc()
        if making.state != "ready" or making.spoken is None:
            return
        self.sentences.labels("spoken").inc(making.spoken)
        self.sentences.labels("library").inc(making.total - making.spoken)
        self.audio.inc(making.seconds)
        self.work.inc(took)
        if making.spoken and making.seconds:
            self.real_time.observe(took / making.seconds)

    def read(self, outcome: End) -> None:
        """Count a document that a reader was given."""
        self.documents.labels(outcome).inc()

    def look(self, service: Service) -> None:
        """Measure what goes up and down. Blocks."""
        makings = service.workshop.makings()
        for state in ("queued", "working"):
            self.queue.labels(state).set(sum(making.state == state for making in makings))
        self.queue.labels("reading").set(service.desk.reading_now)
        readers = service.desk.readers
        self.reading.labels("reading").set(readers.busy)
        self.reading.labels("waiting").set(readers.waiting)
        self.listeners.set(sum(making.listeners for making in makings))
        self.memory.set(resident())
        if service.studio.queue is not None:
            self._look_at(service.studio.queue)
        free = service.studio.library.free()
        if free is not None:
            self.free.set(free)

    def _look_at(self, queue: Queue) -> None:
        """Measure the queue that machines share; where it does not answer, all stays as it was."""
        try:
            counts, workers = queue.counts(), queue.workers()
        except QueueError:
            return
        for count in counts:
            for state, value in (
                ("waiting", count.waiting), ("running", count.running), ("failed", count.failed)
            ):  # fmt: skip
                self.jobs.labels(count.lane, state).set(value)
            self.oldest.labels(count.lane).set(count.oldest)
        self.workers.set(workers)

    def text(self) -> bytes:
        """All counters as Prometheus reads them; those of all processes that count together."""
        if values.ValueClass.__name__ != "MmapedValue":
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def resident() -> int:
    """Bytes of memory that this process has; 0 where the system does not tell."""
    try:
        return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
