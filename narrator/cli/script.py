"""`narrator script`: what will be said, without a sound being made."""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from narrator.cli.options import (
    ArticleArgument,
    FormatOption,
    JsonOption,
    LanguageOption,
    LexiconOption,
    PrivateOption,
)
from narrator.cli.streams import print_json
from narrator.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from narrator.model import Script, Sentence


def script(
    article: ArticleArgument,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show what is said otherwise than written, and what is left out; why."
        ),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", metavar="LEXICON",
            help="Show only what would be said otherwise with this lexicon in the place of yours.",
        ),
    ] = None,
    language: LanguageOption = None,
    lexicon: LexiconOption = None,
    read_as: FormatOption = None,
    allow_private: PrivateOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Print what will be said, one sentence a line.

    narrator script article.md

    narrator script --explain https://example.org/article

    narrator script article.md --against new-names.toml

    pandoc report.docx -t markdown | narrator script -

    With --json: the whole script, every word with its place in the page; with --explain --json
    only the changes and what is left out; with --against --json only the differences.
    """
    from narrator.planning import script_of
    from narrator.reading import read_source
    from narrator.script.explain import changes_json, differences_json, script_json
    from narrator.script.foreign import foreign_sounds
    from narrator.settings import load_settings

    if explain and against:
        raise UsageError(
            "--explain and --against are two questions. Ask one; --against shows rules as well."
        )
    settings = load_settings(language=language, lexicon=lexicon, allow_private=allow_private)
    read = read_source(
        article, format=read_as, allow_private=settings.allow_private, policy=settings.policy
    )
    for warning in read.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if read.recording:
        print(
            f"note: narrate plays the recording {read.recording} instead of this script",
            file=sys.stderr,
        )
    emoji = settings.emoji == "name"
    written = script_of(read, language=settings.language, lexicon=settings.lexicon, emoji=emoji)
    strange = (foreign_sounds(each, written.language) for each in written.sentences)
    for warning in dict.fromkeys(chain.from_iterable(strange)):
        print(f"warning: {warning}", file=sys.stderr)
    if against:
        then = script_of(read, language=settings.language, lexicon=against, emoji=emoji)
        if as_json:
            print_json(differences_json(written, then, title=read.title))
        else:
            names = str(settings.lexicon or "the shipped lexicon alone"), str(against)
            _compare(written, then, names)
    elif as_json:
        told = (
            changes_json(written, title=read.title)
            if explain
            else script_json(written, title=read.title, url=read.url)
        )
        print_json(told)
    elif explain:
        _explain(written)
    else:
        for sentence in written.sentences:
            print(sentence.spoken)


def _explain(script: Script) -> None:
    """Print the changes and the omissions as two tables."""
    from rich.table import Table
    from rich.text import Text

    from narrator.script.explain import changes_of

    console = _console()
    changes = changes_of(script)
    table = Table(
        "at", "written", "spoken", "phonemes", "rule", title="Said otherwise than written"
    )
    for change in changes:
        at = f"{change.block[:9]} {change.source_start}-{change.source_end}"
        table.add_row(
            at, Text(change.source), Text(change.spoken), Text(change.phonemes), change.rule
        )
    if changes:
        console.print(table)
    table = Table("left out", "reason", title="Left out")
    for omission in script.omissions:
        table.add_row(Text(omission.text), omission.reason)
    if script.omissions:
        console.print(table)
    words = sum(len(sentence.words) for sentence in script.sentences)
    console.print(
        f"sentences: {len(script.sentences)}, words: {words}, changes: {len(changes)}, "
        f"left out: {len(script.omissions)}",
        highlight=False,
    )


def _compare(now: Script, then: Script, names: tuple[str, str]) -> None:
    """Print each sentence that would be said otherwise, now and then."""
    from rich.markup import escape

    from narrator.script.explain import differences

    console = _console()
    found = differences(now, then)
    for difference in found:
        at = f"{difference.block[:9]} {difference.start}-{difference.end}"
        console.print(f"[dim]{at}[/dim]  {escape(difference.source)}", highlight=False)
        for label, sentences in (("now ", difference.now), ("then", difference.then)):
            said = " ".join(map(_as_heard, sentences)) or "(nothing)"
            console.print(f"  [b]{label}[/b]  {escape(said)}", highlight=False)
    console.print(
        f"{len(found)} of {len(now.sentences)} sentences would be said otherwise with {names[1]} "
        f"than with {names[0]}",
        highlight=False,
    )


def _as_heard(sentence: Sentence) -> str:
    """The spoken text, the phonemes that are given behind their words: "Xi /ʃˈiː/ came."."""
    said = sentence.spoken
    for word in reversed(sentence.words):
        if word.phonemes:
            said = f"{said[: word.end]} /{word.phonemes}/{said[word.end :]}"
    return said


def _console() -> Console:
    """For people at a terminal; a pipe or a file gets lines that are not cut to some width."""
    from rich.console import Console

    return Console(soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 200)
