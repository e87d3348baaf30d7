"""`narrator init`: a commented narrator.toml for a site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    url: Annotated[
        str, typer.Option("--url", help="Public address of the site.")
    ] = "https://example.org/",
    force: Annotated[
        bool, typer.Option("--force", help="Write over a narrator.toml that is there.")
    ] = False,
) -> None:
    """Write narrator.toml with every setting and what it means.

    narrator init --url https://example.org/

    The folders of Hugo, MkDocs, Eleventy and Jekyll sites are recognized. Afterwards `narrator
    prerender` needs no arguments.
    """
    import sys

    from narrator.errors import UsageError
    from narrator.outputs import output_file
    from narrator.settings import FILE
    from narrator.site.starter import recognized, starter

    path = Path(FILE)
    if path.exists() and not force:
        raise UsageError(f"There is a {FILE} here. --force writes over it.")
    layout = recognized(Path())
    with output_file(path) as file:
        file.write(starter(layout, url).encode())
    print(path)
    print(
        f"{layout.name}: articles in {', '.join(layout.sources)}, audio in {layout.output}\n"
        f"next: narrator prerender -o {layout.output}",
        file=sys.stderr,
    )
