"""Sound at another sample rate."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

import numpy as np

from narrator.model import Sound

ZEROS = 24
"""Zero crossings of the interpolating function on either side."""

BETA = 9.0
"""Of its Kaiser window: what it lets through of higher tones is below 90 dB."""

FINEST = 1000
"""Largest denominator of a ratio: exact for the rates in use, within a millionth for odd ones."""

BATCH = 8
"""Blocks computed at a time: always as many, so that the result does not hang on how the sound is
cut, and few, so that the matrix product is not spread over threads, which would cost more."""


def resampled(sound: Sound, source: int, target: int) -> Sound:
    """The whole sound at `target` samples a second instead of `source`."""
    resampler = Resampler(source, target)
    return np.concatenate([*resampler.feed(sound), *resampler.rest()])


class Resampler:
    """Resampling of a stream: the samples that come out are the same however it is cut.

    A block of `down` samples and its surroundings becomes `up` samples by one matrix.
    """

    def __init__(self, source: int, target: int) -> None:
        ratio = Fraction(target, source).limit_denominator(FINEST)
        self._up, self._down = ratio.numerator, ratio.denominator
        passband = min(1.0, self._up / self._down)
        self._reach = ceil(ZEROS / passband)
        taps = np.arange(-self._reach, self._down + self._reach)[:, None]
        distance = (taps - np.arange(self._up) * self._down / self._up) * passband
        window = np.i0(BETA * np.sqrt(np.maximum(0, 1 - (distance / ZEROS) ** 2))) / np.i0(BETA)
        window[np.abs(distance) > ZEROS] = 0
        self._matrix = (passband * np.sinc(distance) * window).astype(np.float32)
        self._waiting = np.zeros(self._reach, np.float32)
        self._fed = 0
        self._given = 0

    def feed(self, sound: Sound) -> Iterator[Sound]:
        """What the stream has become so far, but for a second or so that is held back."""
        self._fed += len(sound)
        yield from self._blocks(sound)

    def rest(self) -> Iterator[Sound]:
        """What was held back: as many samples in all as the stream had, times the ratio, rounded
        up."""
        missing = -(-self._fed * self._up // self._down) - self._given
        for block in self._blocks(np.zeros(BATCH * self._down + 2 * self._reach, np.float32)):
            yield block[: max(0, missing)]
            missing -= len(block)

    def _blocks(self, sound: Sound) -> Iterator[Sound]:
        self._waiting = np.concatenate([self._waiting, sound])
        width, stride = len(self._matrix), BATCH * self._down
        while len(self._waiting) >= stride + 2 * self._reach:
            rows = np.lib.stride_tricks.sliding_window_view(self._waiting, width)[:: self._down]
            block = (np.ascontiguousarray(rows[:BATCH]) @ self._matrix).reshape(-1)
            self._waiting = self._waiting[stride:]
            self._given += len(block)
            yield block
