"""A voice for tests: every word a tone as long as its letters, the same samples every time.

It stands in wherever a test is about something other than speech; nothing else should use it.
"""

from __future__ import annotations

import numpy as np

from narrator.engines import segment_key
from narrator.model import Segment, Sentence, Voice, WordTime, fingerprint

LETTER = 0.06
"""Seconds a letter."""
GAP = 0.04
"""Seconds between words."""
LEVEL = 0.15
"""Amplitude, full scale at 1.0: near the loudness of a Piper voice."""


class ToneEngine:
    """An Engine without a model."""

    def __init__(self, voice: Voice) -> None:
        self.identity = fingerprint("tone", LETTER, GAP, LEVEL, voice.sample_rate)
        self.sample_rate = voice.sample_rate

    def speak(self, sentence: Sentence, speed: float) -> Segment:
        """One tone a word; its pitch depends on the letters, its length on their number."""
        gap = np.zeros(round(GAP / speed * self.sample_rate), np.float64)
        pieces = [gap]
        times = []
        position = len(gap)
        for word in sentence.words:
            text = sentence.spoken[word.start : word.end]
            tone = self._tone(text, speed)
            times.append(
                WordTime(position / self.sample_rate, (position + len(tone)) / self.sample_rate)
            )
            pieces += [tone, gap]
            position += len(tone) + len(gap)
        samples = np.round(np.concatenate(pieces) * 32767).astype(np.int16)
        key = segment_key(sentence, self.identity, speed)
        return Segment(key, samples, self.sample_rate, tuple(times))

    def _tone(self, text: str, speed: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """A faded sine, shape (n,)."""
        count = round(len(text) * LETTER / speed * self.sample_rate)
        pitch = 300 + sum(map(ord, text)) * 7 % 500
        time = np.arange(count) / self.sample_rate
        fade = np.minimum(1, np.minimum(time, time[::-1]) / 0.005)
        return LEVEL * fade * np.sin(2 * np.pi * pitch * time)


def load(voice: Voice) -> ToneEngine:
    """The tone voice; there are no files to verify."""
    return ToneEngine(voice)
