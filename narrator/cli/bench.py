"""`narrator bench`: how fast this machine narrates, beside what else could be run."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrator.cli.options import JsonOption, QuietOption
from narrator.cli.streams import print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from narrator.bench.contenders import Task
    from narrator.bench.measured import Run
    from narrator.bench.report import Report

WIDTH = 110
"""Columns of the table in a file or a pipe."""


def bench(
    article: Annotated[
        Path | None,
        typer.Argument(help="What is narrated.", show_default="our example article"),
    ] = None,
    rounds: Annotated[
        int, typer.Option("--rounds", min=1, help="Runs of each contender, by turns.")
    ] = 3,
    sounds: Annotated[
        int, typer.Option("--sounds", min=0, help="Measurements of the first sound.")
    ] = 20,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER/",
                     help="Write bench.json and bench.png here too.", show_default=False),
    ] = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Measure narration on this machine: whole commands, first sound, stages, memory.

    narrator bench

    narrator bench article.md --rounds 5 -o out/bench

    Beside `narrator narrate` with an empty library runs `python -m piper`, which writes a plain WAV
    of the same sentences; Piper's HTTP server, which has its voice loaded before the clock starts,
    and loudness-tts too where they are installed (pip install 'article-narrator\\[bench]'). They
    take turns, so that what else the machine does meets all; ratios of CPU seconds mind it least.
    Leave the machine alone meanwhile: two to five minutes.
    """
    import sys

    from narrator.bench import report as reporting
    from narrator.outputs import output_file, refusing
    from narrator.packed import packed

    tell = (lambda _: None) if quiet or as_json else (lambda line: print(line, file=sys.stderr))
    if output is not None:
        with refusing(output):
            output.mkdir(parents=True, exist_ok=True)
    measured = _measure(article or packed("examples/article.md"), rounds, sounds, tell)
    values = reporting.as_json(measured)
    if output is not None:
        with output_file(output / "bench.json") as file:
            file.write(json.dumps(values, indent=1).encode() + b"\n")
        with output_file(output / "bench.png") as file:
            reporting.plot(measured, file)
    if as_json:
        print_json(values)
        return
    from rich.console import Console

    # In a file or a pipe the table is as wide as it has to be.
    reporting.show(measured, Console(width=None if sys.stdout.isatty() else WIDTH))


def _measure(article: Path, rounds: int, sounds: int, tell: Callable[[str], None]) -> Report:
    """Everything that a Report holds."""
    from narrator.bench.contenders import CONTENDERS, task
    from narrator.bench.measured import load_average, machine
    from narrator.bench.report import Report
    from narrator.bench.stages import stages
    from narrator.errors import BenchError
    from narrator.scratch import ensure_scratch
    from narrator.settings import load_settings

    ensure_scratch(load_settings().library)
    given = task(article)
    load = load_average()
    present = [contender for contender in CONTENDERS if not contender.missing]
    for contender in CONTENDERS:
        if contender.missing:
            tell(f"{contender.name} is left out. To have it: pip install '{contender.package}'")
    runs: dict[str, list[Run]] = {contender.name: [] for contender in present}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for contender in present:
                tell(f"round {number + 1} of {rounds}: {contender.name} ({contender.makes}) ...")
                place = Path(folder) / f"{number}-{contender.name}"
                place.mkdir()
                try:
                    runs[contender.name].append(contender.speak(given, place))
                except BenchError as error:
                    if contender is CONTENDERS[0]:
                        raise
                    tell(str(error))
    runs = {name: of for name, of in runs.items() if of}
    tell("stages, one after the other ...")
    ours = stages(article)
    words = len(given.script.split())
    return Report(machine(), load, words, runs, _first_sounds(given, sounds, tell), ours)


def _first_sounds(given: Task, rounds: int, tell: Callable[[str], None]) -> dict[str, list[float]]:
    """Seconds until something is heard, by what and by whom."""
    from contextlib import nullcontext
    from importlib.util import find_spec

    from narrator.bench import listening
    from narrator.bench.server import piper_server

    if not rounds:
        return {}
    tell("first sound ...")
    heard = {}
    ours = listening.ours(rounds)
    with piper_server(given.model) if find_spec("flask") else nullcontext() as server:
        for what, opening in listening.OPENINGS.items():
            heard[f"narrator: {what}"] = ours[what]
            if server:
                answers = listening.piper_server_answers(server, opening, rounds)
                heard[f"piper's HTTP server: {what}"] = answers
    return heard
