"""The tables of a queue in PostgreSQL: Procrastinate's, at its version, and ours."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

from procrastinate.schema import SchemaManager

LOCK = 0x6E617272
"""Number of the advisory lock that whoever migrates holds ("narr")."""

OURS = """
CREATE TABLE IF NOT EXISTS narrator_given_up (run text PRIMARY KEY, reason text NOT NULL);
CREATE TABLE IF NOT EXISTS narrator_queue (procrastinate text NOT NULL);
CREATE UNLOGGED TABLE IF NOT EXISTS narrator_allowance
    (caller text PRIMARY KEY, due timestamptz NOT NULL, let_in boolean NOT NULL)
    WITH (fillfactor = 50);
"""


def migrate(connection: Any) -> str:
    """Make the tables or bring them up to date, in one transaction that waits for anyone who does
    the same; what was done. `connection` is one of psycopg's."""
    installed = version("procrastinate")
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        connection.execute(OURS)
        exists = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()[0]
        noted = connection.execute("SELECT procrastinate FROM narrator_queue").fetchone()
        if exists is None:
            connection.execute(SchemaManager.get_schema())
            done = f"made the tables of Procrastinate {installed}"
        elif noted is None:
            done = f"found the tables of Procrastinate, taken to be of {installed}"
        else:
            steps = _steps(noted[0], installed)
            for step in steps:
                connection.execute(step.read_text("utf-8"))
            done = (
                f"{len(steps)} steps from Procrastinate {noted[0]} to {installed}"
                if steps
                else f"nothing to do: the tables are of Procrastinate {noted[0]}"
            )
        if noted is None:
            connection.execute("INSERT INTO narrator_queue VALUES (%s)", (installed,))
        else:
            connection.execute("UPDATE narrator_queue SET procrastinate = %s", (installed,))
    return done


def _steps(before: str, after: str) -> list[Path]:
    """The migrations of Procrastinate that lead from one version to another, in order: their
    names begin with the version that brought them."""
    found = []
    for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql")):
        numbers = re.match(r"(\d+)\.(\d+)\.(\d+)_", path.name)
        if numbers and _numbers(before) < tuple(map(int, numbers.groups())) <= _numbers(after):
            found.append(path)
    return found


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])
