"""`narrator voices`: the voices that there are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from narrator.cli.options import JsonOption
from narrator.cli.streams import print_json

app = typer.Typer(no_args_is_help=True, help="The voices that there are.")


@app.command("list")
def list_voices(as_json: JsonOption = False) -> None:
    """List the voices: id, language, licence, sample rate."""
    from narrator.engines.catalogue import voices

    if as_json:
        print_json([asdict(voice) for voice in voices()])
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "name", "language", "engine", "licence", "sample rate")
    for voice in voices():
        table.add_row(
            voice.id, voice.name, voice.language, voice.engine, voice.licence,
            f"{voice.sample_rate} Hz",
        )  # fmt: skip
    Console().print(table)


@app.command("show")
def show_voice(
    name: Annotated[str, typer.Argument(help="Id of a voice, as listed.")],
    as_json: JsonOption = False,
) -> None:
    """Show one voice and check that its files are whole."""
    from narrator.engines.catalogue import find_voice, verified_files

    voice = find_voice(name)
    verified_files(voice)
    if as_json:
        print_json(asdict(voice))
        return
    for key, value in asdict(voice).items():
        if key != "files":
            print(f"{key:12} {value}")
    for path, sha256 in voice.files:
        print(f"{'file':12} {path}  sha256 {sha256}  whole")
