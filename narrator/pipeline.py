"""The order of the stages: Source -> Article -> Script -> Plan -> Segments -> Narration."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal, TypedDict, Unpack, overload

import numpy as np

from narrator import recordings
from narrator.audio.captions import chapters, cue, cues_json, webvtt
from narrator.audio.encode import Encoder
from narrator.audio.join import Piece, join
from narrator.audio.mastering import TARGET, master
from narrator.audio.tags import read_cover, write_tags
from narrator.model import (
    Article,
    AudioFormat,
    Cue,
    Encoded,
    Event,
    Narration,
    Plan,
    Progress,
)
from narrator.outputs import audio_format, audio_path, described, whole_file
from narrator.planning import body_voice, plan
from narrator.queue import Lane
from narrator.queue.local import EarlyParts
from narrator.queue.turns import Urgency, always
from narrator.reading import read_source
from narrator.remote import Cast, soon
from narrator.settings import load_settings
from narrator.studio import Studio

HEAD_START = 0.3
"""Seconds of a stream that are out before later sentences may take part of the machine."""


class Options(TypedDict, total=False):
    """What `narrate` may be asked; what is None or absent comes from the environment
    (NARRATOR_...) or narrator.toml."""

    output: str | Path
    """A file or a folder (empty: the working folder); its ending names the format."""
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
) -> Iterator[Event]:
    """What happens while `narrate` works, step by step; the last event is the Narration. With
    `live`, Encoded events bring the audio as it is made."""
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
    # A file that is there says that all was spoken before; a recording, that nothing will be.
    if not article.recording and not Path(output).is_file():
        studio.expect(body_voice(settings, article))
    planned = plan(studio, article, intro=options.get("intro"), outro=options.get("outro"))
    cover = options.get("cover")
    picture = read_cover(cover) if cover else b""
    if live and not output:
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


def make(
    studio: Studio,
    planned: Plan,
    file: BinaryIO,
    encoding: AudioFormat,
    *,
    path: Path = Path(),
    cover: bytes = b"",
    file_rate: int | None = None,
    live: bool = False,
    urgency: Urgency = always,
    lane: Callable[[], Lane] = soon,
) -> Generator[Event, None, None]:
    """Speak, join, master, encode and tag what was planned, into an empty seekable `file` that
    will be at `path`; see `narrating` for the events, `Turns` for the urgency among the narrations
    of a studio, `lane` for that among what workers are asked. `file_rate` is that of the file in
    samples a second, where it is not the voice's.
    """
    rate = planned.voice.sample_rate
    sentences = planned.script.sentences
    cast = Cast(studio, planned, urgency=urgency, lane=lane)
    spoken = zip(sentences, planned.readers, strict=True)
    takes = EarlyParts(cast.segment, spoken, studio.settings.threads)
    cues: list[Cue] = []
    samples = 0
    joined = join(
        zip(sentences, takes, strict=True),
        rate,
        speed=planned.speed,
        intro=planned.intro,
        outro=planned.outro,
        recording=recordings.sounds(planned.recording, TARGET) if planned.recording else None,
    )
    with (
        closing(takes),
        closing(cast),
        Encoder(file, encoding, rate, rate=file_rate, live=live) as encoder,
    ):
        if not live:
            takes.let_all_work()
        for piece in master(balanced(joined, planned), gain_db=planned.voice.gain):
            encoder.write(piece.sound)
            samples = piece.end
            if live and (data := encoder.taken()):
                yield Encoded(data)
            if samples > HEAD_START * rate:
                takes.let_all_work()
            if piece.said is not None:
                heard = cue(piece.said)
                cues.append(heard)
                yield Progress(len(cues), len(sentences), samples / rate, heard)
    studio.tidy()
    if live:
        yield Encoded(encoder.taken())
    duration = samples / rate
    parts = chapters(sentences, cues, duration)
    write_tags(
        file, encoding, article=planned.article, voice=planned.voice, chapters=parts, cover=cover
    )
    yield Narration(
        id=planned.id,
        article=planned.article,
        script=planned.script,
        voice=planned.voice,
        speed=planned.speed,
        duration=duration,
        cues=tuple(cues),
        chapters=parts,
        audio=described(file, path, encoding),
        segments=planned.segments,
        spoken=cast.spoken,
        warnings=(*planned.article.warnings, *cast.warnings),
    )


def balanced(pieces: Iterable[Piece], planned: Plan) -> Iterator[Piece]:
    """The pieces, the speech of each voice as loud as that of the body's: by their measured
    gains."""
    readers = iter(planned.readers)
    begins = True
    more = 0.0
    for piece in pieces:
        if begins:
            more = next(readers).voice.gain - planned.voice.gain if piece.speech else 0.0
        begins = piece.last
        yield replace(piece, sound=piece.sound * np.float32(10 ** (more / 20))) if more else piece


def _captioned(narration: Narration, path: Path) -> Narration:
    """The narration with a WebVTT file and a cues JSON beside its audio."""
    captions, cue_file = path.with_suffix(".vtt"), path.with_suffix(".cues.json")
    cues = cues_json(narration.cues, narration.chapters, narration.audio, narration.duration)
    for text_path, text in ((captions, webvtt(narration.cues)), (cue_file, cues)):
        with whole_file(text_path) as file:
            file.write(text.encode())
    return replace(narration, captions=str(captions), cue_file=str(cue_file))
