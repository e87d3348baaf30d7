"""`narrator script`: what will be said, without a sound being made."""

from __future__ import annotations

import json
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

if TYPE_CHECKING:
    from narrator.model import Script


def script(
    article: ArticleArgument,
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Show what is said otherwise than written, and what is left out; why."
        ),
    ] = False,
    language: LanguageOption = None,
    lexicon: LexiconOption = None,
    read_as: FormatOption = None,
    allow_private: PrivateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print what will be said, one sentence a line.

    narrator script article.md

    narrator script --explain https://example.org/article

    pandoc report.docx -t markdown | narrator script -
    """
    from narrator.planning import script_of
    from narrator.reading import read_source
    from narrator.script.explain import script_json
    from narrator.settings import load_settings

    settings = load_settings(language=language, lexicon=lexicon, allow_private=allow_private)
    read = read_source(article, format=read_as, allow_private=settings.allow_private)
    written = script_of(read, language=settings.language, lexicon=settings.lexicon)
    if as_json:
        print(json.dumps({"title": read.title, **script_json(written)}, ensure_ascii=False))
    elif explain:
        _explain(written)
    else:
        for sentence in written.sentences:
            print(sentence.spoken)


def _explain(script: Script) -> None:
    """Print the changes and the omissions as two tables."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from narrator.script.explain import changes_of

    console = Console()
    changes = changes_of(script)
    table = Table("at", "written", "spoken", "rule", title="Said otherwise than written")
    for change in changes:
        spoken = f"{change.spoken}  /{change.phonemes}/" if change.phonemes else change.spoken
        at = f"{change.block[:9]} {change.source_start}-{change.source_end}"
        table.add_row(at, Text(change.source), Text(spoken), change.rule)
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
