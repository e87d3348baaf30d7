"""The command line: one file per command; this one puts them together.

Results go to stdout, progress and complaints to stderr. Commands import what they need when they
run, so that `narrator --help` answers at once.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
from typing import Annotated

import typer

from narrator.cli import (
    bench,
    check,
    init,
    lexicon,
    library,
    narrate,
    prerender,
    queue,
    script,
    serve,
    streams,
    voices,
    work,
)
from narrator.cli.exits import EPILOG, INTERRUPTED, TERMINATED, exit_code
from narrator.errors import NarratorError

app = typer.Typer(
    name="narrator",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("narrate")(narrate.narrate)
app.command("script")(script.script)
app.command("serve")(serve.serve)
app.command("prerender")(prerender.prerender)
app.command("check")(check.check)
app.command("init")(init.init)
app.add_typer(lexicon.app, name="lexicon")
app.add_typer(voices.app, name="voices")
app.add_typer(library.app, name="library")
app.command("work")(work.work)
app.add_typer(queue.app, name="queue")
app.command("bench")(bench.bench)


def main() -> None:
    """Run the command of `sys.argv`; every refusal is one line on stderr and an exit code."""
    signal.signal(signal.SIGTERM, _terminate)
    streams.prepare()
    try:
        app()
    except NarratorError as error:
        print(f"narrator: {error}", file=sys.stderr)
        sys.exit(exit_code(error))
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            print(
                "narrator: interrupted. What was spoken so far is kept; run the same command to "
                "go on.",
                file=sys.stderr,
            )
        _check_printed()
        raise
    except OSError as error:
        _check_printed()
        if error.filename is None:
            raise
        why = error.strerror or str(error)
        print(f"narrator: {os.fsdecode(error.filename)}: {why}. Give another path.",
              file=sys.stderr)  # fmt: skip
        sys.exit(2)


def _check_printed() -> None:
    """Leave where what was printed did not get out: silently where nobody reads any more, as
    pipes are ended."""
    error = streams.failure()
    if error is None:
        return
    if streams.is_broken_pipe(error):
        sys.exit(1)
    why = error.strerror or str(error)
    print(f"narrator: Cannot write to stdout: {why}. Send it elsewhere.", file=sys.stderr)
    sys.exit(8 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 2)


def _terminate(_signal: int, _frame: object) -> None:
    """Leave by way of all `finally` blocks, so that no temporary file stays behind."""
    sys.exit(TERMINATED)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        print(f"narrator {version('article-narrator')}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Turn articles into spoken audio, on this machine.

    [b]narrator narrate article.md[/b] writes article.mp3;
    [b]narrator script article.md[/b] shows what will be said.

    Settings come from flags, then NARRATOR_* variables, then narrator.toml in the working folder.
    """
