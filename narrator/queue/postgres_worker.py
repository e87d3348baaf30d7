"""The worker of a queue in PostgreSQL: Procrastinate's, and the watch over the others.

What somebody began and did not go on with is given to the next: whoever works looks for workers
whose heartbeat has stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any, NoReturn

import procrastinate
import psycopg
from procrastinate import BaseRetryStrategy, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from narrator.errors import LibraryError, QueueError, StorageFull
from narrator.queue import ATTEMPTS, Lane

log = logging.getLogger("narrator.queue")

TASK = "narrator.speak"
"""Name of the only task."""

HEARTBEAT = 1.0
"""Seconds between two signs of life of a worker."""

SILENCE = 5.0
"""Seconds without one after which its work is given to others."""

POLL = 1.0
"""Seconds after which a worker looks for work that it was not told of: what is tried again."""

AGAIN = 1
"""Seconds before a run that failed is tried again; after each attempt one more."""

OVERTAKES = 100_000
"""By how much the priority of what was begun and not finished rises: it is needed soonest."""

TOGETHER = 4
"""Connections of a pool at most, of which a process has two: each is needed for moments, and a
database has a hundred for all."""

SPARE = 2
"""Threads besides those that speak."""

PATIENCE = 10.0
"""Seconds to wait for a connection."""

KEPT: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c idle_in_transaction_session_timeout=5s",
}
"""How a connection finds out that nobody is there any more, in some ten seconds (libpq;
`tcp_user_timeout` in milliseconds), and how the database finds out that a process was frozen within
a transaction, whose locks would keep all others waiting. What the URL says goes first."""

PASSING = (LibraryError, QueueError, StorageFull, OSError)
"""What is no fault of a sentence and will pass: tried again until it has."""

GiveUp = Callable[[str, str], None]
"""Notes the id of a run, and why it was given up."""


class _Retry(BaseRetryStrategy):
    """When a run that failed is tried again."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """See BaseRetryStrategy: None where it is given up."""
        if job.attempts >= ATTEMPTS - 1 and not isinstance(exception, PASSING):
            return None
        return RetryDecision(retry_in={"seconds": AGAIN * (1 + min(job.attempts, 9))})


async def work(
    url: str,
    speak: Callable[[dict[str, Any]], None],
    give_up: GiveUp,
    *,
    lanes: Sequence[Lane],
    threads: int,
    stop: Event,
) -> None:
    """Do runs, as the queue holds them, until told to stop; ConnectorException or an error of
    psycopg where the database goes away."""
    connector = PsycopgConnector(
        conninfo=watched(url), min_size=1, max_size=TOGETHER, timeout=PATIENCE
    )  # fmt: skip
    app = procrastinate.App(connector=connector)

    @app.task(name=TASK, pass_context=True, retry=_Retry())
    def spoken(context: Any, run: dict[str, Any]) -> None:
        try:
            speak(run)
        except PASSING:
            raise
        except MemoryError as error:
            log.critical("out of memory, this worker ends: %s", error)
            os._exit(os.EX_OSERR)
        except Exception as error:
            if context.job.attempts >= ATTEMPTS - 1:
                give_up(context.job.queueing_lock, str(error))
            raise

    # The loop's own threads are as many as there are cores, and four.
    asyncio.get_running_loop().set_default_executor(
        ThreadPoolExecutor(threads + SPARE, thread_name_prefix="worker")
    )
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=list(lanes),
                concurrency=threads,
                wait=True,
                fetch_job_polling_interval=POLL,
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=SILENCE,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )
        watching = asyncio.create_task(_watch(app, give_up))
        stopping = asyncio.create_task(_until(stop))
        tasks = (working, watching, stopping)
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()  # `working` finishes what it is doing.
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


def watched(url: str) -> str:
    """The address of a database, so that a connection that was cut is given up."""
    try:
        return make_conninfo(**(KEPT | conninfo_to_dict(url)))
    except psycopg.ProgrammingError:
        return url  # Whoever connects to it says what is wrong.


async def _watch(app: Any, give_up: GiveUp) -> NoReturn:
    """Give to others what workers hold that have fallen silent."""
    while True:
        await asyncio.sleep(HEARTBEAT)
        jobs = await app.job_manager.get_stalled_jobs(
            task_name=TASK, seconds_since_heartbeat=SILENCE
        )
        for job in jobs:
            with contextlib.suppress(ConnectorException):  # Another watcher was quicker.
                if job.attempts < ATTEMPTS - 1:
                    first = job.priority + OVERTAKES
                    await app.job_manager.retry_job(job, priority=first)
                    log.warning("begun again", extra={"run": job.queueing_lock})
                    continue
                reason = f"every worker that spoke it fell silent ({ATTEMPTS} times)"
                await asyncio.to_thread(give_up, job.queueing_lock, reason)
                await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)


async def _until(stop: Event) -> None:
    """Return soon after the event is set, which a signal may do."""
    while not stop.is_set():
        await asyncio.sleep(0.1)
