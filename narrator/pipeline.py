"""The order of the stages: Source -> Article -> Plan -> Narration.

`read_source` (reading/) makes an Article, `plan` (planning.py) names all that will be said,
`make` (making.py) speaks it into a file; each is a function from one frozen value to the next.
"""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal, TypedDict, Unpack, overload

from narrator.audio.captions import cues_json, webvtt
from narrator.audio.tags import read_cover
from narrator.making import make
from narrator.model import Article, Encoded, Event, Narration
from narrator.outputs import audio_format, audio_path, whole_file
from narrator.planning import body_voice, plan
from narrator.reading import read_source
from narrator.settings import load_settings
from narrator.studio import Studio


class Options(TypedDict, total=False):
    """What `narrate` may be asked; what is None or absent comes from the environment
    (NARRATOR_...) or narrator.toml."""

    output: str | Path
    """A file or a folder (empty: the working folder); its ending names the format."""
    into: BinaryIO | None
    """An empty, seekable file that is open for writing and reading, in the place of `output`."""
    voice: str | None
    language: str | None
    speed: float | None
    format: str | None
    """One of `outputs.FORMATS`, where the output's ending does not say; else MP3."""
    read_as: str | None
    """"markdown", "html" or "text", where the source's name or content does not tell."""
    captions: bool
    """Whether a WebVTT file and a cues JSON are written beside the audio."""
    intro: Path | None
    outro: Path | None
    cover: Path | None
    lexicon: Path | None
    """Its entries come before the shipped ones."""
    library: str | None
    threads: int | None
    allow_private: bool | None


@overload
def narrate(
    source: str | Path | Article, *, stream: Literal[False] = False, **options: Unpack[Options]
) -> Narration: ...
@overload
def narrate(
    source: str | Path | Article, *, stream: Literal[True], **options: Unpack[Options]
) -> Iterator[bytes]: ...
def narrate(
    source: str | Path | Article, *, stream: bool = False, **options: Unpack[Options]
) -> Narration | Iterator[bytes]:
    """The article as an audio file, which is whole or not there at all.

    `source` is a path, an address, `-` for stdin, or an Article. With `stream`, the bytes of the
    audio as they come, from the first sentence on while later ones are being spoken; a file is
    then written only if `output` names one. Any NarratorError; what was spoken until then is kept.
    """
    if stream:
        events = narrating(source, live=True, **options)
        return (event.data for event in events if isinstance(event, Encoded))
    *_, narration = narrating(source, **options)
    assert isinstance(narration, Narration)
    return narration


def narrating(
    source: str | Path | Article, *, live: bool = False, **options: Unpack[Options]
) -> Generator[Event, None, None]:
    """What happens while `narrate` works, step by step; the last event is the Narration. With
    `live`, Encoded events bring the audio as it is made. Close it to stop before."""
    settings = load_settings(
        **{name: options.get(name) for name in
           ("voice", "language", "speed", "lexicon", "library", "threads", "allow_private")}
    )  # fmt: skip
    output = str(options.get("output", ""))
    encoding = audio_format(options.get("format"), output)
    studio = Studio(settings)
    if isinstance(source, Article):
        article, origin = source, ""
    else:
        article = read_source(
            source,
            format=options.get("read_as"),
            allow_private=settings.allow_private,
            policy=settings.policy,
        )
        origin = str(source)
    # A file that is there says that most was spoken before; a recording, that nothing will be.
    speaks = not article.recording and not Path(output).is_file()
    if speaks:
        studio.expect(body_voice(settings, article))
    planned = plan(studio, article, intro=options.get("intro"), outro=options.get("outro"))
    if not speaks and studio.lacks(planned.segments):
        studio.expect(planned.voice)
    cover = options.get("cover")
    picture = read_cover(cover) if cover else b""
    into = options.get("into")
    target: AbstractContextManager[BinaryIO]
    if into is not None:
        path, target = Path(), nullcontext(into)
    elif live and not output:
        path, target = Path(), _nowhere()
    else:
        path = audio_path(origin, article.title, output, encoding)
        target = whole_file(path)
    with target as file, closing(studio):
        for event in make(studio, planned, file, encoding, path=path, cover=picture, live=live):
            if isinstance(event, Narration):
                narration = event
            else:
                yield event
    yield _captioned(narration, path) if options.get("captions") and path.name else narration


def _nowhere() -> AbstractContextManager[BinaryIO]:
    return tempfile.TemporaryFile()


def _captioned(narration: Narration, path: Path) -> Narration:
    """The narration with a WebVTT file and a cues JSON beside its audio."""
    captions, cue_file = path.with_suffix(".vtt"), path.with_suffix(".cues.json")
    cues = cues_json(narration.cues, narration.chapters, narration.audio, narration.duration)
    for text_path, parts in ((captions, webvtt(narration.cues)), (cue_file, cues)):
        with whole_file(text_path) as file:
            file.writelines(part.encode() for part in parts)
    return replace(narration, captions=str(captions), cue_file=str(cue_file))
