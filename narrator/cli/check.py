"""`narrator check`: exit 1 where a site folder is not what it should be."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrator.cli.options import PrivateOption, QuietOption
from narrator.cli.streams import print_json

if TYPE_CHECKING:
    from narrator.site.findings import Finding


def check(
    output: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="A site folder.",
                       show_default="output and sources of narrator.toml"),
    ] = None,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE...", help="What it was made from, to find stale audio.",
                       show_default=False),
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Decode the audio and judge it sentence by sentence.")
    ] = False,
    allow_private: PrivateOption = None,
    quiet: QuietOption = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line for each finding, then one of "
                           "the whole.")
    ] = False,
) -> None:  # fmt: skip
    """Look for audio that is missing, stale or damaged; exit 1 if there is any.

    narrator check public/audio

    narrator check public/audio content

    narrator check audio https://example.org/sitemap.xml

    narrator check public/audio --deep

    Without sources the folder is compared with its own manifests (names, sizes, sha256), and
    script, cues and captions with each other: the same words, the pauses of the script, a length
    in proportion. With sources, each article's text is compared with the one that was spoken.
    --deep decodes every audio file: it finds silence, clipping, sound that is cut or shifted. It
    needs no recognizer.
    """
    from narrator.scratch import ensure_scratch
    from narrator.settings import load_settings
    from narrator.site.check import check as findings_of
    from narrator.site.config import load_site, output_of
    from narrator.site.findings import Finding

    began = time.monotonic()
    findings: list[Finding] = []
    articles = files = size = 0
    duration = 0.0
    config = load_site()
    against = sources or (list(config.site.sources) if output is None else [])
    settings = load_settings(allow_private=allow_private)
    ensure_scratch(settings.library)
    for event in findings_of(output_of(output, config), against, config.site, settings, deep=deep):
        if isinstance(event, Finding):
            findings.append(event)
            if as_json:
                print_json({"event": "finding", **asdict(event)})
        else:
            articles += 1
            files += event.files
            size += event.size
            duration += event.duration
    took = time.monotonic() - began
    if as_json:
        counts = Counter(finding.kind for finding in findings)
        whole = {
            "articles": articles, "files": files, "size": size, "duration": round(duration, 3),
            "took": round(took, 3), "findings": len(findings), "kinds": dict(counts),
        }  # fmt: skip
        print_json({"event": "summary", **whole})
    else:
        _tell(findings, quiet=quiet)
        if not quiet:
            print(
                f"{articles} articles, {files} files, {size / 1e6:.1f} MB looked at in {took:.1f} "
                f"s: {len(findings) or 'nothing'} wrong"
            )
    if findings:
        raise typer.Exit(1)


def _tell(findings: list[Finding], *, quiet: bool) -> None:
    """A table of what is wrong."""
    if quiet or not findings:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("what", "article", "file", "detail")
    for finding in findings:
        table.add_row(
            Text(finding.kind, "red"), Text(finding.article), Text(finding.file),
            Text(finding.detail),
        )  # fmt: skip
    Console().print(table)
