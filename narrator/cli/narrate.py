"""`narrator narrate`: one article becomes one audio file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from narrator.cli.options import (
    ArticleArgument,
    FormatOption,
    JsonOption,
    LanguageOption,
    LexiconOption,
    LibraryOption,
    PrivateOption,
    QuietOption,
    SpeedOption,
    ThreadsOption,
)
from narrator.cli.streams import print_json
from narrator.errors import UsageError

if TYPE_CHECKING:
    from narrator.model import Narration
    from narrator.model import Progress as NarrationProgress

PATIENCE = 2.0
"""Seconds of work before a progress bar appears."""

CHUNK = 1 << 16
"""Bytes that go to stdout at once."""


def narrate(
    article: ArticleArgument,
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="FILE|FOLDER/",
            help="Where to write; the ending decides the format. A folder gets ARTICLE's name. "
            "- is stdout; a device or a named pipe is written into.",
            show_default="ARTICLE's name here",
        ),
    ] = "",
    voice: Annotated[
        str | None,
        typer.Option("--voice", help="Voice id, see `narrator voices list`.",
                     show_default="the article's, else its language's"),
    ] = None,
    language: LanguageOption = None,
    speed: SpeedOption = None,
    audio_format: Annotated[
        str | None,
        typer.Option("--format", metavar="mp3|opus|m4a|flac|wav",
                     help="Format, where the output's name does not say. M4A needs ffmpeg.",
                     show_default="mp3"),
    ] = None,
    captions: Annotated[
        bool,
        typer.Option("--captions", help="Write WebVTT captions and cues JSON beside the audio."),
    ] = False,
    intro: Annotated[
        Path | None, typer.Option("--intro", help="A sound file to play before the article.")
    ] = None,
    outro: Annotated[
        Path | None, typer.Option("--outro", help="A sound file to play after it.")
    ] = None,
    cover: Annotated[
        Path | None, typer.Option("--cover", help="A JPEG or PNG picture for the file's tags.")
    ] = None,
    lexicon: LexiconOption = None,
    library: LibraryOption = None,
    threads: ThreadsOption = None,
    read_as: FormatOption = None,
    allow_private: PrivateOption = None,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Turn an article into a mastered audio file with chapters and tags.

    narrator narrate article.md

    narrator narrate https://example.org/article -o article.mp3 --captions

    narrator narrate article.md -o article.opus --speed 1.15 --intro jingle.wav

    narrator narrate article.md -o - | mpv -

    A sentence that was spoken before, for this article or another, is taken from the library:
    after an edit only what changed is spoken. An article whose front matter says
    `audio: FILE-OR-URL` is not spoken: that recording is mastered and played instead.

    On stdout an MP3 comes from its first sentence on, while the others are being spoken, without
    tags; other formats come when they are whole.
    """
    from narrator import pipeline
    from narrator.devices import descriptor_of
    from narrator.model import Encoded, Narration, Progress

    to_stdout = output == "-" or descriptor_of(Path(output)) == 1
    if to_stdout:
        _check_stdout(as_json=as_json, captions=captions)
    live = to_stdout and audio_format in (None, "mp3")
    began = time.monotonic()
    with (
        _spool(to_stdout and not live, library) as into,
        _progress(shown=not quiet) as show,
        closing(
            pipeline.narrating(
                article,
                live=live,
                output="" if to_stdout else output,
                into=into,
                voice=voice,
                language=language,
                speed=speed,
                format=audio_format,
                read_as=read_as,
                captions=captions,
                intro=intro,
                outro=outro,
                cover=cover,
                lexicon=lexicon,
                library=library,
                threads=threads,
                allow_private=allow_private,
            )
        ) as events,
    ):
        for event in events:
            match event:
                case Progress():
                    show(event)
                case Encoded(data):
                    _write(data)
                case Narration():
                    narration = event
    took = time.monotonic() - began
    if as_json:
        print_json(_summary(narration, took))
    elif not quiet:
        _tell(narration, took)


def _check_stdout(*, as_json: bool, captions: bool) -> None:
    """UsageError where stdout is not for audio."""
    import sys

    if as_json or captions:
        name = "--json" if as_json else "--captions"
        raise UsageError(f"-o - writes audio to stdout, where {name} cannot go. Drop one of them.")
    if sys.stdout.isatty():
        raise UsageError(
            "-o - writes audio to stdout, which is a terminal. Send it elsewhere: "
            "narrator narrate ARTICLE -o - | mpv -"
        )


@contextmanager
def _spool(wanted: bool, library: str | None) -> Iterator[BinaryIO | None]:
    """A file for a whole that goes to stdout at the end."""
    import tempfile

    from narrator.scratch import ensure_scratch
    from narrator.settings import load_settings

    if not wanted:
        yield None
        return
    ensure_scratch(load_settings(library=library).library)
    with tempfile.TemporaryFile() as file:
        yield cast("BinaryIO", file)
        file.seek(0)
        while data := file.read(CHUNK):
            _write(data)


def _write(data: bytes) -> None:
    """Bytes for whoever reads stdout, at once."""
    import sys

    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _summary(narration: Narration, took: float) -> dict[str, object]:
    """What a program wants to know."""
    return {
        "audio": narration.audio.path,
        "format": narration.audio.format,
        "size": narration.audio.size,
        "sha256": narration.audio.sha256,
        "captions": narration.captions,
        "cues": narration.cue_file,
        "narration": narration.id,
        "title": narration.article.title,
        "voice": narration.voice.id,
        "duration": round(narration.duration, 3),
        "seconds": round(took, 3),
        "sentences": len(narration.script.sentences),
        "spoken": narration.spoken,
        "omissions": len(narration.script.omissions),
        "warnings": list(narration.warnings),
    }


def _tell(narration: Narration, took: float) -> None:
    """What a person wants to know: the paths on stdout, the rest on stderr."""
    import sys

    for path in (narration.audio.path, narration.captions, narration.cue_file):
        if path:
            print(path)
    kept = len(narration.script.sentences) - narration.spoken
    print(
        f"plays {clock(narration.duration)}, took {took:.1f} s "
        f"({narration.duration / took:.1f} times real time); "
        + (
            "a recording by a person, as the article asks: nothing was spoken"
            if narration.article.recording
            else f"{narration.spoken} sentences spoken, {kept} from the library"
        ),
        file=sys.stderr,
    )
    if narration.script.omissions:
        print(
            f"left out: {len(narration.script.omissions)}; narrator script --explain says what and "
            "why",
            file=sys.stderr,
        )
    for warning in narration.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def clock(seconds: float) -> str:
    """205.4 -> 3:25."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def _progress(shown: bool) -> Iterator[Callable[[NarrationProgress], None]]:
    """A callback that draws a bar on stderr, if a person is there to see it."""
    import sys

    if not shown or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    began = time.monotonic()
    columns = (
        TextColumn("speaking"), BarColumn(), MofNCompleteColumn(), TextColumn("sentences"),
        TextColumn("{task.fields[pace]}"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, visible=False, pace="")

        def show(progress: NarrationProgress) -> None:
            elapsed = time.monotonic() - began
            pace = f"{progress.seconds / elapsed:.0f}x real time" if elapsed > 0 else ""
            bar.update(
                task, total=progress.total, completed=progress.done, pace=pace,
                visible=elapsed > PATIENCE,
            )  # fmt: skip

        yield show
