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
        typer.Option("--repair", help="Mend what is damaged, as `narrator library repair` does."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Decode every spoken sentence, and read every record and file of the service; exit 1 if
    anything is damaged and was not mended."""
    _inspect(library, mend=repair, as_json=as_json, told={"repaired": repair})


@app.command("repair")
def repair(
    library: LibraryOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Mend what is damaged, and say what cannot be mended.

    Damaged sentences, narrations, requests and files go and are made anew when they are asked for
    again; what nothing leads to any more goes, too. A takedown whose record is damaged stays, under
    a new record. It may run beside a service.

    Exit codes: 0 nothing is damaged any more · 1 something is left that this cannot mend, or, with
    --dry-run, something would be done · 7 the library cannot be read or written · 8 no space left.
    """
    _inspect(library, mend=not dry_run, as_json=as_json, told={"dry_run": dry_run})


def _inspect(library: str | None, *, mend: bool, as_json: bool, told: dict[str, bool]) -> None:
    """Look at everything, mend it or not, and tell; Exit 1 where something is left."""
    from narrator.library import open_library
    from narrator.library.beneath import Beneath
    from narrator.library.upkeep import damaged
    from narrator.service.inspection import Finding, Inspection
    from narrator.service.passing import PASSING
    from narrator.service.shelf import Shelf
    from narrator.settings import load_settings

    store = open_library(load_settings(library=library).library)
    lasting = Inspection(Shelf(store))
    passing = Inspection(Shelf(Beneath(store, PASSING)))  # What listeners chose.
    segments = left = 0
    rows: list[dict[str, object]] = []

    def tell(finding: Finding, inspection: Inspection) -> None:
        nonlocal left
        mended = mend and inspection.mend(finding)
        left += not mended
        name = f"{PASSING if inspection is passing else ''}{finding.name}"
        rows.append({"name": name, "reason": finding.reason, "action": finding.action,
                     "mended": mended, "follows": finding.follows})  # fmt: skip
        if not as_json:
            verb = {"remove": "Removed", "rebuild": "Rebuilt", "keep": "It cannot be mended"}
            if not mend:
                verb |= {"remove": "To be removed", "rebuild": "To be rebuilt"}
            print(f"{name}: {finding.reason.rstrip('.')}. {verb[finding.action]}. "
                  f"{finding.follows}".rstrip())  # fmt: skip

    for damage in damaged(store):
        segments += 1
        if damage is not None:
            again = "It is spoken again when needed."
            tell(Finding(damage.name, damage.reason, "remove", again), lasting)
    for inspection in (lasting, passing):
        for finding in inspection.findings():
            tell(finding, inspection)
    both = lasting.counts + passing.counts
    counts = {name: both[name] for name in ("records", "unverified", "files")}
    if as_json:
        print_json({"segments": segments, **counts, **told, "damaged": rows})
    else:
        print(f"{segments} segments, {counts['records']} records and {counts['files']} files "
              f"checked, {len(rows)} damaged; {left} left")  # fmt: skip
        if counts["unverified"]:
            print(f"{counts['unverified']} records are of an earlier version and have no checksum")
    if left:
        raise typer.Exit(1)


def _bytes(text: str) -> int:
    """500M -> 500000000; UsageError for anything else."""
    from pydantic import ByteSize, TypeAdapter, ValidationError

    try:
        return TypeAdapter(ByteSize).validate_python(text)
    except ValidationError:
        raise UsageError(f"--max-size {text!r} is no size. Write it like 500M or 2G.") from None
