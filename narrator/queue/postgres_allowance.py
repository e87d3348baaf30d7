"""Requests of callers, counted in the queue's database for all services that share it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from narrator.errors import QueueError
from narrator.queue.allowance import MINUTE, TIDY, Spent
from narrator.queue.postgres_worker import watched

PATIENCE = 1.0
"""Seconds to wait for the database: a request stands behind it."""

TOGETHER = 4
"""Connections."""

SPEND = """
INSERT INTO narrator_allowance AS known (caller, due, let_in)
VALUES (%(caller)s, now() + %(gap)s, true)
ON CONFLICT (caller) DO UPDATE SET
    let_in = greatest(known.due, now()) + %(gap)s <= now() + %(minute)s,
    due = greatest(known.due, now()) + CASE
        WHEN greatest(known.due, now()) + %(gap)s <= now() + %(minute)s THEN %(gap)s
        ELSE interval '0' END
RETURNING let_in, extract(epoch FROM due - now())
"""
"""One statement, so that no two requests are counted at once; by the clock of the database, so
that no others are compared."""


class PostgresAllowance:
    """Of all services that share a database. Apart from the queue's own connections, and more
    impatient."""

    def __init__(self, url: str) -> None:
        self._pool: Any = ConnectionPool(
            watched(url), min_size=0, max_size=TOGETHER, max_waiting=100, timeout=PATIENCE,
            open=False,
            kwargs={"connect_timeout": 2, "autocommit": True,
                    "options": f"-c statement_timeout={int(1000 * PATIENCE)}"},
        )  # fmt: skip
        self._tidied = time.monotonic()

    def spend(self, caller: str, quota: int) -> Spent:
        """See Allowance. Connections that the database has closed meanwhile, as after a restart,
        are found out one by one."""
        gap, minute = timedelta(seconds=MINUTE / quota), timedelta(seconds=MINUTE)
        given = {"caller": caller, "gap": gap, "minute": minute}
        for stale in range(TOGETHER, -1, -1):
            try:
                self._pool.open()
                with self._pool.connection() as connection:
                    self._tidy(connection)
                    let_in, seconds = connection.execute(SPEND, given).fetchone()
                return Spent(let_in, max(float(seconds), 0.0))
            except psycopg.errors.UndefinedTable as error:
                raise QueueError(
                    "the queue is older than this program: run `narrator queue migrate`"
                ) from error
            except (psycopg.Error, PoolTimeout) as error:
                if not stale or not connection_lost(error):
                    raise QueueError(str(error).partition("\n")[0]) from error
        raise AssertionError("the last attempt ends it")

    def _tidy(self, connection: Any) -> None:
        """Forget callers of whom nothing counts any more, once in a while."""
        if time.monotonic() - self._tidied > TIDY:
            self._tidied = time.monotonic()
            connection.execute("DELETE FROM narrator_allowance WHERE due < now()")

    def close(self) -> None:
        """See Allowance."""
        self._pool.close(timeout=PATIENCE)


def connection_lost(error: Exception) -> bool:
    """Whether it was the connection that ended, and not the database that is away or slow."""
    return isinstance(error, psycopg.OperationalError) and not isinstance(
        error, PoolTimeout | psycopg.errors.QueryCanceled
    )
