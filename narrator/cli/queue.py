"""`narrator queue`: what waits, what is spoken, what was given up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from narrator.cli.options import JsonOption, QueueOption
from narrator.cli.streams import print_json
from narrator.errors import UsageError

if TYPE_CHECKING:
    from narrator.queue import Queue

SHOWN = 100
"""Runs that wait and are shown one by one, at most."""

app = typer.Typer(help="The work that several machines share: NARRATOR_QUEUE.")


@app.callback(invoke_without_command=True)
def show(context: typer.Context, queue: QueueOption = None, as_json: JsonOption = False) -> None:
    """Show what waits and runs, by lane, and what was given up.

    narrator queue --queue postgresql://narrator@db/narrator

    With --json also the runs that are being spoken and those that come next, each with the id of
    the HTTP request that asked for it, as it stands in the logs of services and workers.
    """
    if context.invoked_subcommand is not None:
        context.obj = queue
        return
    with _opened(queue) as opened:
        counts, workers = opened.counts(), opened.workers()
        given_up, running = opened.jobs("failed"), opened.jobs("running")
        waiting = opened.jobs("waiting", SHOWN)
    if as_json:
        print_json({"workers": workers, "lanes": [asdict(count) for count in counts],
                          "given_up": [asdict(job) for job in given_up],
                          "running": [asdict(job) for job in running],
                          "next": [asdict(job) for job in waiting]})  # fmt: skip
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("lane", "waiting", "running", "given up", "oldest waits")
    for count in counts:
        table.add_row(
            count.lane, str(count.waiting), str(count.running), str(count.failed),
            f"{count.oldest:.1f} s",
        )  # fmt: skip
    console = Console()
    console.print(table)
    console.print(f"{workers} workers" if workers != 1 else "1 worker")
    for given in given_up:
        console.print(
            f"{given.ticket}: {given.run} ({given.lane}), {given.attempts} attempts: "
            f"{given.reason}",
            markup=False,
        )


@app.command("migrate")
def migrate(context: typer.Context, queue: QueueOption = None) -> None:
    """Make the queue's tables, or bring them up to date; safe to run twice and while in use.

    narrator queue migrate --queue postgresql://narrator@db/narrator
    """
    with _opened(queue or context.obj) as opened:
        print(opened.migrate())


@app.command("retry")
def retry(
    context: typer.Context,
    tickets: Annotated[
        list[int] | None,
        typer.Argument(help="Numbers that `narrator queue` shows.", show_default="all"),
    ] = None,
    queue: QueueOption = None,
) -> None:
    """Try again what was given up."""
    with _opened(queue or context.obj) as opened:
        chosen = tickets or [given.ticket for given in opened.jobs("failed")]
        print(f"{opened.retry(chosen)} to be tried again")


@app.command("drop")
def drop(
    context: typer.Context,
    narration: Annotated[
        str,
        typer.Argument(help="Forget what waits of this narration, instead of what was given up."),
    ] = "",
    queue: QueueOption = None,
) -> None:
    """Forget what was given up, or what waits of one narration."""
    with _opened(queue or context.obj) as opened:
        print(f"{opened.drop(narration)} dropped")


@contextmanager
def _opened(where: str | None) -> Iterator[Queue]:
    """The queue, for the block."""
    from narrator.queue import open_queue
    from narrator.settings import load_settings

    url = load_settings(queue=where).queue
    if not url:
        raise UsageError("No queue: name one with --queue or NARRATOR_QUEUE.")
    queue = open_queue(url)
    try:
        yield queue
    finally:
        queue.close()
