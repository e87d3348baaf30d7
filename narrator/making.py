"""Plan -> Narration: sentences are spoken, joined, mastered, encoded and tagged as they come.

What goes through is one sentence at a time; what stays is rolled up. So memory does not grow with
the article, and the audio can be heard while it is being made.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from narrator import recordings
from narrator.audio import TARGET
from narrator.audio.captions import chapters, cue
from narrator.audio.encode import Encoder
from narrator.audio.join import Piece, Take, join
from narrator.audio.mastering import master
from narrator.audio.tags import write_tags
from narrator.model import (
    AudioFormat,
    Cue,
    Encoded,
    Event,
    Narration,
    Plan,
    Progress,
)
from narrator.outputs import described
from narrator.queue import Lane
from narrator.queue.local import EarlyParts
from narrator.queue.turns import Due, at_once
from narrator.remote import Cast, soon
from narrator.roll import Roll
from narrator.script.foreign import foreign_sounds
from narrator.studio import Studio

HEAD_START = 0.3
"""Seconds of a stream that are out before later sentences may take part of the machine."""


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
    due: Due = at_once,
    lane: Callable[[], Lane] = soon,
    request: str = "",
) -> Generator[Event, None, None]:
    """What happens while a plan becomes a Narration, in an empty seekable `file` that will be at
    `path`: a Progress for each sentence, with `live` an Encoded for what can be heard meanwhile,
    last the Narration. `file_rate` is that of the file in samples a second, where it is not the
    voice's; `due` says when each sentence is needed, for `Turns` among the narrations of a
    studio, `lane` how urgent it is among what workers are asked; their logs name the `request`.
    """
    rate = planned.voice.sample_rate
    cast = Cast(studio, planned, due=due, lane=lane, request=request)
    places = range(len(planned.readers))
    spoken = zip(places, planned.script.sentences, planned.readers, strict=True)
    takes = EarlyParts(cast.segment, spoken, studio.settings.threads)
    cues: Roll[Cue] = Roll()
    told: dict[str, None] = {}
    samples = 0
    with (
        closing(takes),
        closing(cast),
        Encoder(
            file, encoding, rate, rate=file_rate, live=live, encodings=studio.encodings
        ) as encoder,
    ):
        if not live:
            takes.let_all_work()
        for piece in _mastered(planned, takes):
            name = planned.segments[len(cues)] if piece.last and piece.speech else ""
            encoder.write(piece.sound, quiet=piece.quiet, name=name)
            samples = piece.end
            if live and (data := encoder.taken()):
                yield Encoded(data)
            if samples > HEAD_START * rate:
                takes.let_all_work()
            if piece.said is not None:
                strange = foreign_sounds(piece.said.sentence, planned.script.language)
                told |= dict.fromkeys(strange)
                heard = cue(piece.said)
                cues.append(heard)
                yield Progress(len(cues), len(planned.readers), samples / rate, heard)
    if live:
        yield Encoded(encoder.taken())
    studio.tidy()
    yield _finished(planned, cast, told, cues, samples / rate, file, path, encoding, cover)


def _mastered(planned: Plan, takes: Iterable[Take]) -> Iterator[Piece]:
    """The narration as it will be heard, stretch by stretch."""
    joined = join(
        zip(planned.script.sentences, takes, strict=True),
        planned.voice.sample_rate,
        speed=planned.speed,
        intro=planned.intro,
        outro=planned.outro,
        recording=recordings.sounds(planned.recording, TARGET) if planned.recording else None,
    )
    return master(balanced(joined, planned), gain_db=planned.voice.gain)


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


def _finished(
    planned: Plan,
    cast: Cast,
    told: Iterable[str],
    cues: Roll[Cue],
    duration: float,
    file: BinaryIO,
    path: Path,
    encoding: AudioFormat,
    cover: bytes,
) -> Narration:
    """The narration of a complete file, which is tagged now."""
    parts = chapters(planned.script.sentences, cues, duration)
    write_tags(
        file, encoding, article=planned.article, voice=planned.voice, chapters=parts, cover=cover
    )
    return Narration(
        id=planned.id,
        article=planned.article,
        script=planned.script,
        voice=planned.voice,
        speed=planned.speed,
        duration=duration,
        cues=cues,
        chapters=parts,
        audio=described(file, path, encoding),
        segments=planned.segments,
        spoken=cast.spoken,
        warnings=(*planned.article.warnings, *told, *cast.warnings),
    )
