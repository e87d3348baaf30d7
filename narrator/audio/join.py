"""Segments -> Pieces: sentences and the pauses between them, with the time of every word.

A generator: nothing but the current sentence is held, however long the article is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from narrator.errors import AudioError
from narrator.model import Segment, Sentence, Sound, WordTime

FADE = 0.003
"""Seconds over which the edges of a segment are faded, against clicks: shorter than any sound of
speech, so nothing is lost of it."""

SOUND_PAUSE = 0.7
"""Seconds of silence after an intro and before an outro."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A stretch of the narration that begins and ends at zero: a sentence, or an intro or outro,
    and the silence that follows."""

    sound: Sound
    sample_rate: int
    """Samples a second."""
    start: int
    """Samples of the narration before this piece."""
    voiced: int
    """Samples of `sound` before the silence."""
    sentence: Sentence | None = None
    """None for an intro or outro."""
    words: tuple[WordTime, ...] = ()
    """As many as the sentence has words; seconds from the start of the narration."""
    estimated: bool = False
    """True where the word times were spread by length."""

    @property
    def end(self) -> int:
        """Samples of the narration up to the end of this piece."""
        return self.start + len(self.sound)


def join(
    pairs: Iterable[tuple[Sentence, Segment]],
    sample_rate: int,
    *,
    speed: float = 1.0,
    intro: Sound | None = None,
    outro: Sound | None = None,
) -> Iterator[Piece]:
    """The pieces of a narration in order; a pause lasts as long as its sentence says, divided by
    `speed`. `sample_rate` (samples a second) is that of the intro and outro and must be that of
    every segment: AudioError otherwise."""
    position = 0
    if intro is not None:
        piece = _piece(intro, sample_rate, position, SOUND_PAUSE)
        yield piece
        position = piece.end
    for sentence, segment in pairs:
        if segment.sample_rate != sample_rate:
            raise AudioError(
                f"A segment of {segment.sample_rate} samples a second ({segment.key}) cannot join "
                f"a narration of {sample_rate}. Speak the whole article with one voice."
            )
        sound = segment.samples.astype(np.float32) / np.float32(32768)
        offset = position / sample_rate
        words = tuple(WordTime(offset + w.start, offset + w.end) for w in segment.words)
        pause = sentence.pause / speed
        piece = _piece(sound, sample_rate, position, pause, sentence, words, segment.estimated)
        yield piece
        position = piece.end
    if outro is not None:
        silence = np.zeros(round(SOUND_PAUSE * sample_rate), np.float32)
        yield Piece(silence, sample_rate, position, 0)
        yield _piece(outro, sample_rate, position + len(silence), pause=0.0)


def _piece(
    sound: Sound,
    sample_rate: int,
    start: int,
    pause: float,
    sentence: Sentence | None = None,
    words: tuple[WordTime, ...] = (),
    estimated: bool = False,
) -> Piece:
    """The sound with its edges faded and `pause` seconds of silence after it."""
    silence = np.zeros(round(pause * sample_rate), np.float32)
    whole = np.concatenate([_faded(sound, round(FADE * sample_rate)), silence])
    return Piece(whole, sample_rate, start, len(sound), sentence, words, estimated)


def _faded(sound: Sound, count: int) -> Sound:
    """The sound with a raised-cosine fade of `count` samples at both ends."""
    width = min(count, len(sound) // 2)
    ramp = ((1 - np.cos(np.pi * (np.arange(width) + 0.5) / max(width, 1))) / 2).astype(np.float32)
    faded = sound.copy()
    faded[:width] *= ramp
    faded[len(faded) - width :] *= ramp[::-1]
    return faded
