"""Workers of a cluster whose runs are known: which process holds what, so that faults hit those
that are speaking."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waiting import until

from narrator.queue.postgres import PostgresQueue

SLOW = str(Path(__file__).with_name("slow_worker.py"))


@dataclass(frozen=True, slots=True)
class Member:
    """A worker process, and its number among the workers that the queue knows."""

    process: subprocess.Popen[bytes]
    number: int


class Fleet:
    """Workers of one thread that speak tones as slowly as `pace` says (seconds for a second of
    sound)."""

    def __init__(self, queue: PostgresQueue, pace: float, **env: str) -> None:
        self.queue = queue
        self._command = [sys.executable, SLOW, str(pace), "1"]
        self._env = {**os.environ, "NARRATOR_QUEUE": queue.url, **env}
        self.members: list[Member] = []

    def begin(self, **env: str) -> Member:
        """One more, when the queue knows it."""
        known = self._numbers()
        process = subprocess.Popen(
            self._command, env={**self._env, **env}, stderr=subprocess.DEVNULL
        )

        def new() -> set[int]:
            assert process.poll() is None, "it ended"
            return self._numbers() - known

        member = Member(process, min(until(new, "it did not start")))
        self.members.append(member)
        return member

    def held(self, member: Member) -> list[str]:
        """Ids of the runs that a worker holds."""
        return [row[0] for row in self._rows(
            "SELECT queueing_lock FROM procrastinate_jobs"
            " WHERE status = 'doing' AND worker_id = %s",
            member.number,
        )]  # fmt: skip

    def speaking(self, member: Member) -> list[str]:
        """The runs of a worker that has just been frozen while it spoke."""

        def frozen() -> list[str]:
            if self.held(member):
                member.process.send_signal(signal.SIGSTOP)
                if held := self.held(member):
                    return held
                member.process.send_signal(signal.SIGCONT)
            return []

        return until(frozen, "it was given nothing", 0.01)

    def kill(self, member: Member) -> None:
        """kill -9."""
        member.process.kill()
        member.process.wait()
        self.members.remove(member)

    def taken_over(self, runs: list[str], from_: Member) -> float:
        """Seconds until runs that a worker held are done, by somebody else."""
        began = time.monotonic()
        until(
            lambda: (
                not self._rows(
                    "SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = ANY(%s)"
                    " AND status <> 'succeeded'",
                    runs,
                )
            ),
            f"{runs} of worker {from_.number} were not spoken",
            0.05,
        )
        return time.monotonic() - began

    def _numbers(self) -> set[int]:
        return {row[0] for row in self._rows("SELECT id FROM procrastinate_workers")}

    def _rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.queue._connected() as pool, pool.connection() as connection:
            found: list[tuple[Any, ...]] = connection.execute(query, values).fetchall()
            return found


@contextmanager
def fleet(queue: PostgresQueue, count: int, pace: float, **env: str) -> Iterator[Fleet]:
    """So many workers for the block."""
    workers = Fleet(queue, pace, **env)
    try:
        for _ in range(count):
            workers.begin()
        yield workers
    finally:
        for member in workers.members:
            member.process.kill()
            member.process.wait()
