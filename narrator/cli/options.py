"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ArticleArgument = Annotated[
    str,
    typer.Argument(
        metavar="ARTICLE",
        help="Markdown, HTML or plain text: a file, an http(s) URL, or - for stdin.",
        show_default=False,
    ),
]
LanguageOption = Annotated[
    str | None,
    typer.Option(
        "--language",
        help="Language of an article that does not name its own, such as en.",
        show_default="en",
    ),
]
LexiconOption = Annotated[
    Path | None,
    typer.Option(
        "--lexicon", help="TOML file of words and how to say them; it comes before the shipped one."
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="markdown|html|text",
        help="How to read the article, where its name or content does not tell.",
        show_default=False,
    ),
]
SpeedOption = Annotated[
    float | None,
    typer.Option("--speed", help="0.5 to 3, where 1 is the voice's own pace.", show_default="1.0"),
]
LibraryOption = Annotated[
    str | None,
    typer.Option(
        "--library",
        help="Folder or URL where spoken sentences are kept.",
        show_default="NARRATOR_LIBRARY, else your data folder",
    ),
]
QueueOption = Annotated[
    str | None,
    typer.Option(
        "--queue",
        metavar="URL",
        help="Queue of the machines that speak, such as postgresql://user@host/database.",
        show_default="NARRATOR_QUEUE, else this process speaks",
    ),
]
ThreadsOption = Annotated[
    int | None,
    typer.Option("--threads", help="Sentences spoken at the same time.", show_default="cores"),
]
PrivateOption = Annotated[
    bool | None,
    typer.Option(
        "--allow-private",
        help="Let URLs lead to this machine and private networks.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object, for programs.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary.")]
