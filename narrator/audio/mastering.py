"""Mastering: every sentence near the target loudness, the whole on it, no peak above the ceiling.

Causal, sentence by sentence: nothing needs to know what comes later, so what is streamed while an
article is being spoken is what its finished file holds. Gains change between sentences only; within
one, the voice keeps its own dynamics but for the peaks that the limiter takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from narrator.audio.join import Piece
from narrator.audio.limiter import limited
from narrator.audio.loudness import Floats, Meter, k_weighted, loudness

TARGET = -16.0
"""LUFS, integrated; mono counted as one channel."""

CEILING = -1.0
"""dBTP of the decoded file."""

CODEC_MARGIN = 1.3
"""Decibels left below the ceiling: MP3 and Opus at our bit rates add up to 1.1 to a peak."""

TOLERANCE = 1.0
"""LU by which a sentence may differ from the target for being what it is: louder when exclaimed.
One that differs more is brought so near, before it is heard."""

MOST = 12.0
"""Decibels by which one sentence, or all of them, are made louder or softer at most."""

ATTEMPTS = 6
"""How often a sentence is limited at most until it is near: the limiter takes less of it the softer
it is."""

NOISE = -50.0
"""LUFS below which a sentence is no speech and is left alone."""

LIMITER_LOSS = 3.0
"""Decibels that the limiter takes of ordinary prose: the common correction to begin with."""

STEP = 1.0
"""Decibels by which the common correction changes from one sentence to the next at most."""

MEMORY = 30.0
"""Seconds of speech over which the common correction is learned and shortfalls are made good."""

CATCH_UP = 1.0
"""Decibels spent on making good what was too soft or too loud before, at most."""


def master(
    pieces: Iterable[Piece],
    *,
    gain_db: float,
    target: float = TARGET,
    ceiling: float = CEILING,
) -> Iterator[Piece]:
    """The pieces at `target` LUFS with no true peak above `ceiling` dBTP once encoded; as many
    samples as before, at the same times. `gain_db` is the voice's measured gain; an intro or outro
    comes with its own loudness and is only limited."""
    top = ceiling - CODEC_MARGIN
    leveller: Leveller | None = None
    for piece in pieces:
        rate = piece.sample_rate
        leveller = leveller or Leveller(target, rate)
        if piece.sentence is None:
            sound = limited(piece.sound, rate, top)
            leveller.meter.add(k_weighted(sound, rate))
        else:
            own = 0.0
            for _ in range(ATTEMPTS):
                gain = gain_db + leveller.correction + own
                sound = limited(piece.sound * np.float32(10 ** (gain / 20)), rate, top)
                weighted = k_weighted(sound, rate)
                beyond = leveller.beyond(weighted)
                if not beyond:
                    break
                own = float(np.clip(own - beyond, -MOST, MOST))
            leveller.meter.add(weighted)
            leveller.heard(weighted, gain - gain_db)
        yield replace(piece, sound=sound)


class Leveller:
    """What the finished sentences teach about the gain of the next one."""

    def __init__(self, target: float, sample_rate: int) -> None:
        self.correction = LIMITER_LOSS
        """Decibels for every sentence: for what the limiter takes, and for a voice whose measured
        gain does not fit the article."""
        self.meter = Meter(sample_rate)
        """Of all that went out."""
        self._target = target
        self._sample_rate = sample_rate
        self._weight = 5.0
        """Seconds of speech behind `_missed`, older ones counting less."""
        self._missed = -LIMITER_LOSS * self._weight
        """Decibels times seconds by which sentences would have missed the target without any
        correction."""

    def beyond(self, weighted: Floats) -> float:
        """Decibels by which a K-weighted sentence is above (or, negative, below) what is
        tolerated."""
        level = loudness(weighted, self._sample_rate)
        if level < NOISE:
            return 0.0
        excess = level - self._target
        return float(excess - np.clip(excess, -TOLERANCE, TOLERANCE))

    def heard(self, weighted: Floats, correction: float) -> None:
        """Learn from a K-weighted sentence that went out with this correction."""
        level = loudness(weighted, self._sample_rate)
        if level < NOISE:
            return
        seconds = len(weighted) / self._sample_rate
        fading = 0.5 ** (seconds / MEMORY)
        missed = level - correction - self._target
        self._missed = self._missed * fading + seconds * missed
        self._weight = self._weight * fading + seconds
        shortfall = self._target - self.meter.integrated()
        # The longer the narration, the more speech a shortfall of its whole has to be made good by.
        catch_up = np.clip(shortfall * min(self.meter.seconds / MEMORY, 4), -CATCH_UP, CATCH_UP)
        wanted = np.clip(catch_up - self._missed / self._weight, -MOST, MOST)
        self.correction += float(np.clip(wanted - self.correction, -STEP, STEP))
