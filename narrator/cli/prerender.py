"""`narrator prerender`: many articles become a site folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from narrator.cli.options import (
    LanguageOption,
    LexiconOption,
    LibraryOption,
    PrivateOption,
    QueueOption,
    QuietOption,
    SpeedOption,
    ThreadsOption,
)
from narrator.cli.streams import print_json

if TYPE_CHECKING:
    from rich.table import Table

    from narrator.site.events import Event, Outcome, Summary

SHOWN = 20
"""Failures that are listed after the run at most."""


def prerender(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SOURCE...",
            help="Folders, files, 'globs', addresses of pages, feeds and site maps; - reads a "
            "list of them from stdin.",
            show_default="sources of narrator.toml",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="The site folder to write.",
                     show_default="output of narrator.toml"),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Public address of the site: pages get theirs by their path.",
                     show_default=False),
    ] = None,
    audio_url: Annotated[
        str | None,
        typer.Option("--audio-url", help="Public address of DIR.", show_default=False),
    ] = None,
    audio_format: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="mp3|opus|m4a|flac|wav",
                     help="May be given several times.", show_default="mp3"),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="PATTERN", help="Only articles like 'blog/*'.",
                     show_default=False),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="PATTERN", help="No articles like 'drafts/*'.",
                     show_default=False),
    ] = None,
    section: Annotated[
        list[str] | None,
        typer.Option("--section", metavar="NAME", help="Only articles below that first folder.",
                     show_default=False),
    ] = None,
    only_language: Annotated[
        list[str] | None,
        typer.Option("--only-language", metavar="CODE", help="Only articles in that language.",
                     show_default=False),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="DAY", help="Only articles dated 2026-01-31 or later; a "
                     "month or a year will do.", show_default=False),
    ] = None,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="DAY", help="Only articles of that day or earlier.",
                     show_default=False),
    ] = None,
    removed: Annotated[
        str | None,
        typer.Option("--removed", metavar="keep|delete|list",
                     help="Audio whose article is gone: stays but leaves index and feed, is "
                     "deleted, or is only listed.", show_default="keep"),
    ] = None,
    inject: Annotated[
        str | None,
        typer.Option("--inject", metavar="BUILT",
                     help="Put each player into its page of the built site in that folder.",
                     show_default=False),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help="Make that many articles; the next run goes on.",
                     show_default=False),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", "-n",
                     help="Only tell what would be spoken, how long it plays and how long it "
                     "takes here: a few sentences of each voice are spoken, and kept, to know."),
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html",
                     help="Write a page for an editor: players, durations, warnings, what was "
                     "left out.", show_default=False),
    ] = None,
    pace: Annotated[
        float | None,
        typer.Option("--pace", min=0, metavar="SECONDS",
                     help="Between two requests to one host, at least; 0 for a site of your own.",
                     show_default="1.0"),
    ] = None,
    follow_links: Annotated[
        bool | None,
        typer.Option("--follow-links", help="Read and write also through links that lead out of "
                     "the folders of the site.", show_default=False),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Make unchanged articles anew, from kept sentences.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option("--wait", metavar="SECONDS",
                     help="How long to wait for another run that works in DIR."),
    ] = 3600.0,
    voice: Annotated[
        str | None,
        typer.Option("--voice", help="Voice id for all articles.",
                     show_default="each article's, else its language's"),
    ] = None,
    speed: SpeedOption = None,
    language: LanguageOption = None,
    lexicon: LexiconOption = None,
    library: LibraryOption = None,
    queue: QueueOption = None,
    threads: ThreadsOption = None,
    allow_private: PrivateOption = None,
    quiet: QuietOption = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line for each article, then one of "
                           "the whole.")
    ] = False,
) -> None:  # fmt: skip
    """Turn a site's articles into a folder that any static host serves.

    narrator prerender content -o public/audio --url https://example.org/

    narrator prerender public -o public/audio --inject public --removed delete

    narrator prerender https://example.org/sitemap.xml -o audio --since 2026-01 --dry-run

    narrator prerender content -o public/audio --report report.html

    git diff --name-only HEAD~1 -- '*.md' | narrator prerender - -o public/audio

    Run it again whenever the site changed: articles that did not cost milliseconds, edited ones
    their edited sentences. A run that was stopped goes on where it was. Each article gets
    DIR/<slug>/ with audio, captions, cues, script, chapters, snippet and manifest; DIR/index.json
    lists all. Drafts (`draft: true`) are not published. An article that fails is reported and
    stops no other; the exit code is then 1.
    """
    from narrator.scratch import ensure_scratch
    from narrator.settings import load_settings
    from narrator.site.config import load_site, output_of
    from narrator.site.events import Outcome, Summary
    from narrator.site.job import Job
    from narrator.site.prerender import prerender as events_of
    from narrator.site.report import reporting
    from narrator.studio import Studio

    settings = load_settings(
        voice=voice, language=language, speed=speed, lexicon=lexicon, library=library,
        queue=queue,
        threads=threads, allow_private=allow_private,
    )  # fmt: skip
    config = load_site(
        url=url, audio_url=audio_url, formats=_tuple(audio_format), include=_tuple(include),
        exclude=_tuple(exclude), removed=removed, built=inject, since=since, until=until,
        only_sections=_tuple(section), only_languages=_tuple(only_language), pace=pace,
        follow_links=follow_links,
    )  # fmt: skip
    folder = output_of(output, config)
    job = Job(
        sources=tuple(_expanded(sources or list(config.site.sources))),
        output=folder,
        config=config,
        voice=voice or "",
        speed=speed,
        limit=limit,
        again=again,
        dry=dry_run,
        patience=wait,
    )
    ensure_scratch(settings.library)
    failures: list[Outcome] = []
    summary = Summary()
    with (
        _display(shown=not quiet and not as_json) as show,
        reporting(report, folder) as page,
        closing(Studio(settings)) as studio,
    ):
        for event in events_of(studio, job):
            show(event)
            if page:
                page.add(event)
            if as_json:
                _print_json(event)
            if isinstance(event, Outcome) and event.state == "failed":
                failures.append(event)
            elif isinstance(event, Summary):
                summary = event
    if not as_json:
        _tell(summary, failures, folder, quiet=quiet, dry=dry_run)
    if failures:
        raise typer.Exit(1)


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return tuple(values) if values else None


def _expanded(sources: list[str]) -> Iterator[str]:
    """The sources, where `-` stands for the lines of stdin."""
    from narrator.errors import UsageError

    if not sources:
        raise UsageError(
            "Nothing to prerender: name folders or files, or `sources` in the [site] "
            "table of narrator.toml."
        )
    for source in sources:
        if source == "-":
            yield from filter(None, map(str.strip, sys.stdin))
        else:
            yield source


def _print_json(event: Event) -> None:
    """One line for an article or the whole; what happens inside an article is for people."""
    from narrator.site.events import Outcome, Summary

    if isinstance(event, Outcome | Summary):
        kind = "article" if isinstance(event, Outcome) else "summary"
        fields = {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in asdict(event).items()
        }
        print_json({"event": kind, **fields})


def _tell(
    summary: Summary, failures: list[Outcome], output: Path, *, quiet: bool, dry: bool
) -> None:
    """The summary on stderr, and the folder on stdout."""
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    if not quiet:
        console.print(_table(summary, dry=dry))
    for failure in failures[:SHOWN]:
        console.print(Text(f"failed: {failure.source}: {failure.reason}", "red"), soft_wrap=True)
    if len(failures) > SHOWN:
        console.print(f"... and {len(failures) - SHOWN} more; --json lists all")
    if not quiet:
        for note in summary.notes:
            console.print(Text(note), soft_wrap=True)
        if not dry:
            print(output)


def _table(summary: Summary, *, dry: bool) -> Table:
    from rich.table import Table

    from narrator.cli.narrate import clock

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim")
    table.add_column(justify="right")
    for state, count in summary.states.items():
        table.add_row(state, f"{count:,}")
    if summary.duration:
        table.add_row("words", f"{summary.words:,}")
        table.add_row("sentences", f"{summary.sentences:,}")
        table.add_row("to be spoken" if dry else "spoken anew", f"{summary.spoken:,}")
        table.add_row("would play" if dry else "plays", clock(summary.duration))
    if dry:
        table.add_row("would take", clock(summary.takes))
    else:
        table.add_row("took", clock(summary.took))
    if summary.duration and summary.took and not dry:
        table.add_row("speed", f"{summary.duration / summary.took:.0f}x real time")
    return table


@contextmanager
def _display(shown: bool) -> Iterator[Callable[[Event], Any]]:
    """A callback that draws what happens on stderr, if a person is there to see it."""
    if not shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    from narrator.cli.watching import Watch

    with Watch() as watch:
        yield watch.show
