"""A voice for tests: every word a tone as long as its letters, the same samples every time.

It stands in wherever a test is about something other than speech; nothing else should use it.
"""

from __future__ import annotations

import numpy as np

from narrator.engines import Hear, segment_key
from narrator.model import Samples, Segment, Sentence, Voice, WordTime, fingerprint

LETTER = 0.06
"""Seconds a letter."""
GAP = 0.04
"""Seconds between words."""
LONGEST = 30.0
"""Seconds that a word sounds at most, at speed 1: one of 40,000 letters took 2 GB."""
LEVEL = 0.15
"""Amplitude, full scale at 1.0: near the loudness of a Piper voice."""


class ToneEngine:
    """An Engine without a model."""

    def __init__(self, voice: Voice) -> None:
        self.identity = fingerprint("tone", LETTER, GAP, LEVEL, voice.sample_rate)
        self.sample_rate = voice.sample_rate

    def prepare(self) -> None:
        """It needs nothing."""

    def speak(self, sentence: Sentence, speed: float, hear: Hear | None = None) -> Segment:
        """One tone a word; its pitch depends on the letters, its length on their number."""
        gap = np.zeros(round(GAP / speed * self.sample_rate), np.int16)
        pieces = [gap]
        times = []
        position = len(gap)
        for word in sentence.words:
            tone = self._tone(sentence.spoken[word.start : word.end], speed)
            times.append(
                WordTime(position / self.sample_rate, (position + len(tone)) / self.sample_rate)
            )
            pieces += [tone, gap]
            position += len(tone) + len(gap)
        if hear is not None:
            for piece in pieces:
                hear(piece)
        key = segment_key(sentence, self.identity, speed)
        return Segment(key, np.concatenate(pieces), self.sample_rate, tuple(times))

    def _tone(self, text: str, speed: float) -> Samples:
        """A faded sine."""
        count = round(min(len(text) * LETTER, LONGEST) / speed * self.sample_rate)
        pitch = 300 + sum(map(ord, text)) * 7 % 500
        time = np.arange(count) / self.sample_rate
        fade = np.minimum(1, np.minimum(time, time[::-1]) / 0.005)
        sine = LEVEL * fade * np.sin(2 * np.pi * pitch * time)
        return np.round(sine * 32767).astype(np.int16)


def load(voice: Voice) -> ToneEngine:
    """The tone voice; there are no files to verify."""
    return ToneEngine(voice)
