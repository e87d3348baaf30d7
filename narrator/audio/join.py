"""Takes -> Pieces: sentences and the pauses between them, with the time of every word.

A generator: a sentence goes through stretch by stretch while it is being spoken, and nothing is
held of it but its last milliseconds, however long the article is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from narrator.audio.mp3 import samples_per_frame
from narrator.errors import AudioError
from narrator.model import Samples, Segment, Sentence, Sound, WordTime

FADE = 0.003
"""Seconds over which the edges of a segment are faded, against clicks: shorter than any sound of
speech, so nothing is lost of it."""

SOUND_PAUSE = 0.7
"""Seconds of silence after an intro and before an outro."""

BRIEF = 40
"""Characters of a brief sentence at most: about two seconds."""

Take: TypeAlias = "Iterable[Samples | Segment]"
"""A sentence being spoken: its samples stretch by stretch, as far as they come early, and at last
the whole Segment, to whose samples these belong."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that is in the narration."""

    sentence: Sentence
    start: float
    """Seconds from the start of the narration, like the times of the words."""
    end: float
    words: tuple[WordTime, ...]
    """As many as the sentence has words."""
    estimated: bool
    """True where the word times were spread by length."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A stretch of the narration: of a sentence, or an intro or outro, and of the silence that
    follows it. Before its first and after its last stretch each of these is at zero."""

    sound: Sound
    sample_rate: int
    """Samples a second."""
    start: int
    """Samples of the narration before this piece."""
    speech: bool
    """False for an intro or outro."""
    brief: bool
    """Whether it is of a sentence so short that it is soon heard to its end."""
    last: bool
    """Whether the sentence, intro or outro ends with it."""
    quiet: int = 0
    """Samples of silence that follow the sentence or intro; they are in the last piece, at its
    end."""
    said: Said | None = None
    """The sentence that ends with it."""

    @property
    def end(self) -> int:
        """Samples of the narration up to the end of this piece."""
        return self.start + len(self.sound)


def join(
    takes: Iterable[tuple[Sentence, Take]],
    sample_rate: int,
    *,
    speed: float = 1.0,
    intro: Sound | None = None,
    outro: Sound | None = None,
    recording: Iterable[Sound] | None = None,
) -> Iterator[Piece]:
    """The pieces of a narration in order; a pause lasts as long as its sentence says, divided by
    `speed`, and up to the next whole frame of an MP3 (26 ms at 22,050 samples a second), so that a
    sentence is cut into the same frames wherever it stands. `sample_rate` (samples a second) is
    that of the intro and outro and must be that of every segment: AudioError otherwise. A
    `recording` at that rate comes in the place of speech."""
    position = 0
    silence = np.zeros(round(SOUND_PAUSE * sample_rate), np.float32)
    if intro is not None:
        sound = _whole(intro, sample_rate)
        quiet = len(silence) + -(len(sound) + len(silence)) % samples_per_frame(sample_rate)
        sound = np.pad(sound, (0, quiet))
        yield Piece(sound, sample_rate, position, speech=False, brief=False, last=True, quiet=quiet)
        position += len(sound)
    for sentence, take in takes:
        for piece in _spoken(sentence, take, sample_rate, position, sentence.pause / speed):
            yield piece
            position = piece.end
    for piece in _played(recording or (), sample_rate, position):
        yield piece
        position = piece.end
    if outro is not None:
        sound = np.concatenate([silence, _whole(outro, sample_rate)])
        yield Piece(sound, sample_rate, position, speech=False, brief=False, last=True)


def _spoken(
    sentence: Sentence, take: Take, sample_rate: int, start: int, pause: float
) -> Iterator[Piece]:
    """The pieces of a sentence with `pause` seconds of silence after it."""
    fader = _Fader(round(FADE * sample_rate))
    brief = len(sentence.spoken) <= BRIEF
    came = 0
    position = start
    for part in take:
        segment = part if isinstance(part, Segment) else None
        samples = part.samples[came:] if isinstance(part, Segment) else part
        came += len(samples)
        sound = fader.feed(samples.astype(np.float32) / np.float32(32768))
        if segment is None:
            if len(sound):
                yield Piece(sound, sample_rate, position, speech=True, brief=brief, last=False)
                position += len(sound)
            continue
        if segment.sample_rate != sample_rate:
            raise AudioError(
                f"A segment of {segment.sample_rate} samples a second ({segment.key}) cannot join "
                f"a narration of {sample_rate}. Speak the whole article with one voice."
            )
        length = came + round(pause * sample_rate)
        if pause:
            length += -(start + length) % samples_per_frame(sample_rate)
        silence = np.zeros(length - came, np.float32)
        whole = np.concatenate([sound, fader.rest(), silence])
        offset = start / sample_rate
        words = tuple(WordTime(offset + w.start, offset + w.end) for w in segment.words)
        said = Said(sentence, offset, (start + came) / sample_rate, words, segment.estimated)
        yield Piece(
            whole, sample_rate, position,
            speech=True, brief=brief, last=True, quiet=len(silence), said=said,
        )  # fmt: skip


def _played(recording: Iterable[Sound], sample_rate: int, start: int) -> Iterator[Piece]:
    """The pieces of a recording, with its edges faded."""
    fader = _Fader(round(FADE * sample_rate))
    position = start
    for sound in recording:
        faded = fader.feed(sound)
        if len(faded):
            yield Piece(faded, sample_rate, position, speech=False, brief=False, last=False)
            position += len(faded)
    if position > start:
        yield Piece(fader.rest(), sample_rate, position, speech=False, brief=False, last=True)


class _Fader:
    """Fades a sound in and out over so many samples, or over half of it if it is shorter than
    twice that, with a raised cosine."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._waiting = np.zeros(0, np.float32)
        """What may be part of an edge."""
        self._begun = False

    def feed(self, sound: Sound) -> Sound:
        """What is known to lie before the edge at the end."""
        self._waiting = np.concatenate([self._waiting, sound])
        if len(self._waiting) < 2 * self._count:
            return np.zeros(0, np.float32)
        if not self._begun:
            self._begun = True
            self._waiting[: self._count] *= _ramp(self._count)
        keep = len(self._waiting) - self._count
        out, self._waiting = self._waiting[:keep], self._waiting[keep:].copy()
        return out

    def rest(self) -> Sound:
        """The edge at the end."""
        width = self._count if self._begun else len(self._waiting) // 2
        out = self._waiting
        if not self._begun:
            out[:width] *= _ramp(width)
        out[len(out) - width :] *= _ramp(width)[::-1]
        return out


def _whole(sound: Sound, sample_rate: int) -> Sound:
    """The sound with its edges faded."""
    fader = _Fader(round(FADE * sample_rate))
    return np.concatenate([fader.feed(sound), fader.rest()])


def _ramp(count: int) -> Sound:
    """The first half of a raised cosine."""
    places = (np.arange(count) + 0.5) / max(count, 1)
    return ((1 - np.cos(np.pi * places)) / 2).astype(np.float32)
