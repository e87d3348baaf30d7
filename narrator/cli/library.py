"""`narrator library`: how much is kept, what can go, whether it is whole."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from narrator.cli.options import JsonOption
from narrator.cli.streams import print_json
from narrator.errors import UsageError

app = typer.Typer(
    no_args_is_help=True,
    help="The store of spoken sentences: NARRATOR_LIBRARY, else your data folder.",
)
LibraryOption = Annotated[
    str | None, typer.Option("--library", help="Folder or URL of the library.")
]
DAY = 86400.0


@app.command("du")
def du(library: LibraryOption = None, as_json: JsonOption = False) -> None:
    """Count the spoken sentences and the room that they take."""
    from rich.filesize import decimal

    from narrator.library import open_library
    from narrator.library.upkeep import usage
    from narrator.settings import load_settings

    where = load_settings(library=library).library
    held = usage(open_library(where))
    if as_json:
        print_json({"library": where, "segments": held.segments,
                          "segment_bytes": held.segment_bytes, "others": held.others,
                          "other_bytes": held.other_bytes})  # fmt: skip
        return
    print(f"{where}: {held.segments} segments, {decimal(held.segment_bytes)}", end="")
    print(f"; {held.others} other files, {decimal(held.other_bytes)}" if held.others else "")


@app.command("gc")
def gc(
    library: LibraryOption = None,
    older_than: Annotated[
        float | None,
        typer.Option(
            "--older-than", metavar="DAYS", min=0, help="Remove what was not used for so long."
        ),
    ] = None,
    max_size: Annotated[
        str | None,
        typer.Option(
            "--max-size",
            metavar="SIZE",
            help="Remove the least recently used beyond this: 500M, 2G.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Remove spoken sentences that are old or too many, and leftovers of killed processes.

    What is removed is spoken again when it is needed again. Without --older-than and --max-size
    only leftovers go.
    """
    from rich.filesize import decimal

    from narrator.library import SEGMENTS, open_library
    from narrator.library.files import FolderLibrary
    from narrator.library.upkeep import left_behind, to_collect
    from narrator.settings import load_settings

    store = open_library(load_settings(library=library).library)
    count = freed = 0
    if older_than is not None or max_size is not None:
        age = None if older_than is None else older_than * DAY
        limit = None if max_size is None else _bytes(max_size)
        for name, size in to_collect(store, now=time.time(), max_age=age, max_bytes=limit):
            if not dry_run:
                store.remove(name)
            count += name.startswith(SEGMENTS)
            freed += size
    leftovers = store.sweep() if isinstance(store, FolderLibrary) and not dry_run else 0
    for name, size in left_behind(store, now=time.time()):
        if not dry_run:
            store.remove(name)
            leftovers += size
    if as_json:
        print_json({"segments": count, "bytes": freed, "leftover_bytes": leftovers,
                          "dry_run": dry_run})  # fmt: skip
        return
    verb = "would be removed" if dry_run else "removed"
    print(f"{count} segments {verb}, {decimal(freed)}; leftovers {decimal(leftovers)}")


@app.command("verify")
def verify(
    library: LibraryOption = None,
    repair: Annotated[
        bool,
        typer.Option("--repair", help="Remove what is damaged; it is spoken again when needed."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Decode every spoken sentence and compare it with its hash; exit 1 if any is damaged."""
    from narrator.library import open_library
    from narrator.library.upkeep import damaged
    from narrator.settings import load_settings

    store = open_library(load_settings(library=library).library)
    checked = 0
    found = []
    for damage in damaged(store):
        checked += 1
        if damage is not None:
            found.append(damage)
            if repair:
                store.remove(damage.name)
            if not as_json:
                print(f"{damage.name}: {damage.reason}{' Removed.' if repair else ''}")
    if as_json:
        rows = [{"name": damage.name, "reason": damage.reason} for damage in found]
        print_json({"segments": checked, "repaired": repair, "damaged": rows})
    else:
        print(f"{checked} segments checked, {len(found)} damaged")
    if found and not repair:
        raise typer.Exit(1)


def _bytes(text: str) -> int:
    """500M -> 500000000; UsageError for anything else."""
    from pydantic import ByteSize, TypeAdapter, ValidationError

    try:
        return TypeAdapter(ByteSize).validate_python(text)
    except ValidationError:
        raise UsageError(f"--max-size {text!r} is no size. Write it like 500M or 2G.") from None
