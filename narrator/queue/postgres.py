"""A queue in PostgreSQL, by Procrastinate.

Procrastinate hands out the jobs, counts the attempts and knows whose heart beats. What is ours:
how a run becomes a job, the news that a segment is there (NOTIFY, so that nobody polls the
library), the reasons of those given up, and (postgres_worker.py) the watch over workers that fell
silent.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from narrator.errors import QueueError, UsageError
from narrator.queue import LANES, Count, Job, Lane, Run, State

try:
    import procrastinate
    import psycopg
    from procrastinate import SyncPsycopgConnector
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
    from psycopg_pool import ConnectionPool, PoolTimeout

    from narrator.queue.postgres_allowance import PostgresAllowance
    from narrator.queue.postgres_worker import (
        AGAIN,
        PATIENCE,
        SILENCE,
        TASK,
        TOGETHER,
        watched,
        work,
    )
    from narrator.queue.schema import migrate
except ImportError as error:
    raise UsageError(
        "A queue in PostgreSQL needs Procrastinate: pip install 'article-narrator[postgres]'."
    ) from error

log = logging.getLogger("narrator.queue")

NEWS = "narrator_spoken"
"""Channel on which workers tell what they spoke."""

SOONER = 1_000_000
"""By how much the priority of what somebody waits for is above that of all that may wait."""

HEARING = 1.0
"""Seconds in which the news should begin to be heard; else what is missed is found by looking."""

REMEMBERED = 20_000
"""Keys of segments that were told of lately."""

STATES: dict[str, State] = {"todo": "waiting", "doing": "running", "failed": "failed"}
"""By what Procrastinate calls them; all else is gone."""

_RUN = TypeAdapter(Run)


class PostgresQueue:
    """A Queue whose jobs are rows."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool: Any = None
        self._app = procrastinate.App(connector=SyncPsycopgConnector())
        self._told: dict[str, None] = {}
        self._waiting: defaultdict[str, list[Event]] = defaultdict(list)
        """Set when a name is told, by name: hundreds wait, and each news is for few."""
        self._news = Lock()
        self._listener: Thread | None = None
        self._hearing = Event()
        self._closed = Event()

    def ask(self, run: Run, lane: Lane, priority: int) -> int:
        """See Queue.ask. What was told of the segments before is old news."""
        self._listen()
        with self._news:
            for key in run.keys:
                self._told.pop(key, None)
        urgency = priority + (SOONER if lane == "interactive" else 0)
        with self._connected() as pool:
            job = self._app.configure_task(TASK, queue=lane, priority=urgency, queueing_lock=run.id)
            while True:
                try:
                    return int(job.defer(run=_RUN.dump_python(run, mode="json")))
                except AlreadyEnqueued:
                    rows = _rows(
                        pool,
                        "UPDATE procrastinate_jobs SET queue_name = CASE WHEN %(lane)s ="
                        " 'interactive' THEN %(lane)s ELSE queue_name END, priority ="
                        " greatest(priority, %(priority)s) WHERE queueing_lock = %(run)s AND"
                        " status = 'todo' RETURNING id",
                        lane=lane, priority=urgency, run=run.id,
                    )  # fmt: skip
                    if rows:
                        return int(rows[0][0])

    def state(self, ticket: int) -> State:
        """See Queue.state."""
        with self._connected() as pool:
            rows = _rows(pool, "SELECT status FROM procrastinate_jobs WHERE id = %(id)s", id=ticket)
        return STATES.get(rows[0][0], "gone") if rows else "gone"

    def reason(self, run_id: str) -> str:
        """See Queue.reason."""
        with self._connected() as pool:
            rows = _rows(
                pool, "SELECT reason FROM narrator_given_up WHERE run = %(run)s", run=run_id
            )
        return str(rows[0][0]) if rows else ""

    def wait(self, names: Sequence[str], seconds: float) -> bool:
        """See Queue.wait."""
        self._listen()
        told = Event()
        with self._news:
            if any(name in self._told for name in names):
                return True
            for name in names:
                self._waiting[name].append(told)
        told.wait(seconds)
        with self._news:
            for name in names:
                self._waiting[name].remove(told)
                if not self._waiting[name]:
                    del self._waiting[name]
        return told.is_set()

    def work(
        self,
        speak: Callable[[Run, Callable[[str], None]], None],
        *,
        lanes: Sequence[Lane],
        threads: int,
        stop: Event,
    ) -> None:
        """See Queue.work. Where the database goes away, it is waited for."""

        def tell(key: str) -> None:
            with self._connected() as pool, pool.connection() as connection:
                connection.execute("SELECT pg_notify(%s, %s)", (NEWS, key))

        def spoken(run: dict[str, Any]) -> None:
            speak(_RUN.validate_python(run), tell)

        while not stop.is_set():
            try:
                with self._connected():
                    asyncio.run(
                        work(
                            self.url,
                            spoken,
                            self._give_up,
                            lanes=lanes,
                            threads=threads,
                            stop=stop,
                        )
                    )
            except (QueueError, ConnectorException, psycopg.Error) as error:
                log.warning("the queue is not there: %s", _first_line(error))
            if not stop.is_set():
                stop.wait(AGAIN)

    def counts(self) -> list[Count]:
        """See Queue.counts."""
        with self._connected() as pool:
            rows = _rows(
                pool,
                "SELECT queue_name, count(*) FILTER (WHERE status = 'todo'),"
                " count(*) FILTER (WHERE status = 'doing'),"
                " count(*) FILTER (WHERE status = 'failed'),"
                " coalesce(extract(epoch FROM now() - min(asked.at)"
                " FILTER (WHERE status = 'todo')), 0)"
                " FROM procrastinate_jobs LEFT JOIN LATERAL (SELECT min(at) AS at"
                " FROM procrastinate_events WHERE job_id = procrastinate_jobs.id) asked ON true"
                " WHERE task_name = %(task)s GROUP BY queue_name",
                task=TASK,
            )
        found = {row[0]: Count(row[0], row[1], row[2], row[3], float(row[4])) for row in rows}
        return [found.get(lane, Count(lane, 0, 0, 0, 0.0)) for lane in LANES]

    def workers(self) -> int:
        """See Queue.workers."""
        with self._connected() as pool:
            rows = _rows(
                pool,
                "SELECT count(*) FROM procrastinate_workers"
                " WHERE last_heartbeat > now() - make_interval(secs => %(silence)s)",
                silence=SILENCE,
            )
        return int(rows[0][0])

    def jobs(self, state: State, most: int = 1000) -> list[Job]:
        """See Queue.jobs."""
        status = next((status for status, told in STATES.items() if told == state), "")
        with self._connected() as pool:
            rows = _rows(
                pool,
                "SELECT id, queueing_lock, coalesce(args->'run'->>'request', ''), queue_name,"
                " attempts, coalesce(reason, '') FROM procrastinate_jobs"
                " LEFT JOIN narrator_given_up ON run = queueing_lock AND status = 'failed'"
                " WHERE task_name = %(task)s AND status::text = %(status)s"
                " ORDER BY priority DESC, id LIMIT %(most)s",
                task=TASK, status=status, most=most,
            )  # fmt: skip
        return [Job(*row) for row in rows]

    def retry(self, tickets: Sequence[int]) -> int:
        """See Queue.retry: it has all its attempts again."""
        with self._connected() as pool:
            rows = _rows(
                pool,
                "UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL"
                " WHERE id = ANY(%(ids)s) AND status = 'failed' AND NOT EXISTS (SELECT 1 FROM"
                " procrastinate_jobs other WHERE other.queueing_lock ="
                " procrastinate_jobs.queueing_lock AND other.status = 'todo') RETURNING id",
                ids=list(tickets),
            )
        return len(rows)

    def drop(self, narration: str = "") -> int:
        """See Queue.drop."""
        which = (
            "status = 'todo' AND queueing_lock LIKE %(runs)s" if narration else "status = 'failed'"
        )
        with self._connected() as pool:
            rows = _rows(
                pool,
                f"DELETE FROM procrastinate_jobs WHERE task_name = %(task)s AND {which}"
                " RETURNING queueing_lock",
                task=TASK, runs=f"{narration}-%",
            )  # fmt: skip
            _rows(
                pool,
                "DELETE FROM narrator_given_up WHERE run = ANY(%(runs)s) RETURNING run",
                runs=[row[0] for row in rows],
            )
        return len(rows)

    def migrate(self) -> str:
        """See Queue.migrate."""
        with self._connected() as pool, pool.connection() as connection:
            return migrate(connection)

    def close(self) -> None:
        """See Queue.close."""
        self._closed.set()
        if self._pool is not None:
            self._pool.close()
        if self._listener is not None:
            self._listener.join()

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """The pool, opened at the first use; QueueError where the database does not answer, or is
        not a queue yet."""
        try:
            if self._pool is None:
                pool = ConnectionPool(
                    watched(self.url), min_size=0, max_size=TOGETHER, timeout=PATIENCE, open=False,
                    check=ConnectionPool.check_connection,
                )  # fmt: skip
                pool.open()
                self._app.open(pool)
                self._pool = pool
            yield self._pool
        except psycopg.errors.UndefinedTable as error:
            raise QueueError(
                f"The database at {self.place} is no queue yet. Run `narrator queue migrate`."
            ) from error
        except (psycopg.Error, PoolTimeout, ConnectorException) as error:
            cause = error.__cause__ or error
            if isinstance(
                cause, (psycopg.errors.UndefinedFunction, psycopg.errors.UndefinedObject)
            ):
                raise QueueError(
                    f"The database at {self.place} is no queue yet. Run `narrator queue migrate`."
                ) from error
            raise QueueError(
                f"The queue at {self.place} does not answer: {_first_line(cause)}. See that the "
                "database runs and that NARRATOR_QUEUE leads to it."
            ) from error

    @property
    def place(self) -> str:
        """Where it is, without the password."""
        parts = urlsplit(self.url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"

    def _listen(self) -> None:
        """Begin to hear the news, once: before it is asked for what they are of."""
        with self._news:
            if self._listener is None:
                self._listener = Thread(target=self._hear, name="queue-news", daemon=True)
                self._listener.start()
                self._hearing.wait(HEARING)

    def _hear(self) -> None:
        """Note what workers tell, in a thread of its own, until the queue is closed."""
        while not self._closed.is_set():
            try:
                with psycopg.connect(
                    watched(self.url), autocommit=True, connect_timeout=5
                ) as connection:
                    connection.execute(f"LISTEN {NEWS}")
                    self._hearing.set()
                    while not self._closed.is_set():
                        for news in connection.notifies(timeout=0.5):
                            self._note(news.payload)
            except psycopg.Error as error:
                log.warning("no news from the queue: %s", _first_line(error))
                self._closed.wait(AGAIN)

    def _note(self, key: str) -> None:
        with self._news:
            self._told[key] = None
            while len(self._told) > REMEMBERED:
                del self._told[next(iter(self._told))]
            for told in self._waiting.get(key, ()):
                told.set()

    def _give_up(self, run_id: str, reason: str) -> None:
        """Note why."""
        log.error("given up: %s", reason, extra={"run": run_id})
        with self._connected() as pool:
            _rows(
                pool,
                "INSERT INTO narrator_given_up VALUES (%(run)s, %(reason)s)"
                " ON CONFLICT (run) DO UPDATE SET reason = excluded.reason RETURNING run",
                run=run_id, reason=reason[:1000],
            )  # fmt: skip


def open_at(where: str) -> PostgresQueue:
    """The queue at a URL such as postgresql://user@host/database."""
    return PostgresQueue(where)


def allowance_at(where: str) -> PostgresAllowance:
    """The counts of requests in the same database."""
    return PostgresAllowance(where)


def _rows(pool: Any, query: str, **values: object) -> list[tuple[Any, ...]]:
    with pool.connection() as connection:
        found: list[tuple[Any, ...]] = connection.execute(query, values).fetchall()
        return found


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300].rstrip(".")
