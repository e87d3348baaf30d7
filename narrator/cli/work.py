"""`narrator work`: speaks what other machines ask for."""

from __future__ import annotations

import signal
from threading import Event
from typing import Annotated, Literal

import typer

from narrator.cli.options import LibraryOption, QueueOption, ThreadsOption
from narrator.errors import UsageError


def work(
    queue: QueueOption = None,
    library: LibraryOption = None,
    lane: Annotated[
        list[str] | None,
        typer.Option("--lane", metavar="interactive|batch",
                     help="Only this work: keep some workers for those who wait.",
                     show_default="both, interactive first"),
    ] = None,
    threads: ThreadsOption = None,
    log: Annotated[
        str, typer.Option("--log", metavar="json|text", help="Form of the log on stderr.")
    ] = "text",
) -> None:  # fmt: skip
    """Speak sentences that services and prerenderings elsewhere ask for.

    narrator work --queue postgresql://narrator@db/narrator --library s3://bucket/prefix

    Start as many as you like, on as many machines; each may be stopped or killed at any time.
    One that runs out of memory ends at once with code 71, and others speak what it began: have it
    started again. `narrator queue migrate` makes the queue once; `narrator queue` shows what waits.
    """
    from narrator.queue import LANES, open_queue
    from narrator.remote import work
    from narrator.service import logs
    from narrator.settings import load_settings
    from narrator.studio import Studio

    settings = load_settings(queue=queue, library=library, threads=threads)
    if not settings.queue:
        raise UsageError("No queue: name one with --queue or NARRATOR_QUEUE.")
    unknown = set(lane or ()) - set(LANES)
    if unknown:
        raise UsageError(f"No lane {min(unknown)!r}: there are {', '.join(LANES)}.")
    if log not in ("json", "text"):
        raise UsageError(f"No log {log!r}: json or text.")
    form: Literal["json", "text"] = "json" if log == "json" else "text"
    logs.set_up(form)
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lanes = [name for name in LANES if not lane or name in lane]
    own = open_queue(settings.queue)
    try:
        own.counts()  # It answers, and is one.
        work(Studio(settings), own, lanes=lanes, stop=stop)
    finally:
        own.close()
