"""Sound -> Envelope: how high it peaks and how loud it is, a thousand times a second.

All that mastering decides, it decides on this; samples are touched once. The sound is traced hop
by hop, counted from its start, so that its envelope is the same to the last bit however it came.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from narrator.model import Sound

Floats = npt.NDArray[np.float64]

STEPS = 1000
"""Steps a second, as nearly as whole samples allow."""

HOP = 100
"""Steps traced at a time: a tenth of a second, by which loudness is gated, too."""

OVERSAMPLING = 4
"""True peaks are sought at so many times the sample rate (BS.1770-4, annex 2)."""

REACH = 16
"""Samples on either side from which a value between two samples is drawn."""

BATCH = 16
"""Hops traced at once, at most: few enough that they stay in the cache."""

ROWS = 20
"""Steps whose peaks are one matrix product: always as many, so that the result does not hang on how
the sound is cut, and few, so that it is not spread over threads, which would cost more."""

BETA = 7.0
"""Of the Kaiser window over them."""

RINGING = 0.05
"""Seconds after which the K-weighting filter has forgotten a sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """A stretch of sound as mastering sees it."""

    peaks: Floats
    """Highest true peak of each step, full scale at 1.0, shape (steps,)."""
    energies: Floats
    """K-weighted mean square of each step, shape (steps,)."""

    def __len__(self) -> int:
        return len(self.peaks)


def step_width(sample_rate: int) -> int:
    """Samples of a step."""
    return max(1, sample_rate // STEPS)


class Tracer:
    """Traces one sound, which is taken to begin and end in silence."""

    def __init__(self, sample_rate: int) -> None:
        self._width = step_width(sample_rate)
        self.hop = HOP * self._width
        """Samples."""
        self._weighting, self._size = _k_weighting(sample_rate, self.hop)
        self._between = _between(self._width)
        self._before = self._size - self.hop - REACH
        """Samples that are kept of what came before a hop."""
        self._waiting = np.zeros(self._before, np.float32)

    def feed(self, sound: Sound) -> list[Envelope]:
        """Envelopes of the next hops of the sound, of HOP steps each; what follows a hop by less
        than REACH samples is held back."""
        self._waiting = np.concatenate([self._waiting, sound])
        hops = max(0, (len(self._waiting) - self._size) // self.hop + 1)
        found: list[Envelope] = []
        for first in range(0, hops, BATCH):
            count = min(BATCH, hops - first)
            stretch = self._waiting[first * self.hop :][: (count - 1) * self.hop + self._size]
            found += self._traced(stretch, count)
        self._waiting = self._waiting[hops * self.hop :]
        return found

    def rest(self) -> list[Envelope]:
        """Envelopes of what is left, the last hop filled up with silence."""
        left = len(self._waiting) - self._before
        return self.feed(np.zeros(-left % self.hop + REACH, np.float32)) if left else []

    def _traced(self, sound: Sound, count: int) -> list[Envelope]:
        """The envelopes of the hops in a sound, of which each is seen in `_size` samples."""
        windows = np.lib.stride_tricks.sliding_window_view
        spectra = np.fft.rfft(windows(sound, self._size)[:: self.hop]) * self._weighting
        weighted = np.fft.irfft(spectra, self._size)[:, self._before :][:, : self.hop]
        energies = np.square(weighted).reshape(count, HOP, self._width).sum(axis=2) / self._width
        steps = sound[self._before - REACH + 1 :][: count * self.hop + 2 * REACH - 1]
        rows = windows(steps, self._width + 2 * REACH - 1)[:: self._width]
        rows = np.ascontiguousarray(rows).reshape(-1, ROWS, rows.shape[1])
        highest = np.abs(rows[:, :, REACH - 1 : -REACH]).max(axis=2)
        drawn = rows @ self._between
        peaks = np.maximum(highest, np.maximum(drawn.max(axis=2), -drawn.min(axis=2)))
        peaks = peaks.reshape(count, HOP)
        return [
            Envelope(*both)
            for both in zip(peaks.astype(np.float64), energies.astype(np.float64), strict=True)
        ]


def traced(sound: Sound, sample_rate: int) -> Envelope:
    """The envelope of a whole sound."""
    tracer = Tracer(sample_rate)
    return gathered([*tracer.feed(sound), *tracer.rest()])


def gathered(envelopes: list[Envelope]) -> Envelope:
    """One envelope of several that follow each other."""
    if not envelopes:
        return Envelope(np.zeros(0), np.zeros(0))
    return Envelope(
        np.concatenate([e.peaks for e in envelopes]),
        np.concatenate([e.energies for e in envelopes]),
    )


@lru_cache(maxsize=8)
def _between(width: int) -> Sound:
    """The matrix that draws, from the `width` samples of a step and REACH around, the
    OVERSAMPLING - 1 values after each of them."""
    matrix = np.zeros((width + 2 * REACH - 1, width, OVERSAMPLING - 1), np.float32)
    for place in range(1, OVERSAMPLING):
        distance = np.arange(REACH, -REACH, -1) - place / OVERSAMPLING
        window = np.i0(BETA * np.sqrt(1 - (distance / REACH) ** 2)) / np.i0(BETA)
        taps = np.sinc(distance) * window
        for sample in range(width):
            matrix[sample : sample + 2 * REACH, sample, place - 1] = taps[::-1]
    return matrix.reshape(len(matrix), -1)


@lru_cache(maxsize=8)
def _k_weighting(sample_rate: int, hop: int) -> tuple[npt.NDArray[np.complex64], int]:
    """The spectrum of the K-weighting filter, and the size of the transform that it is for: a hop,
    what the filter remembers, and REACH samples more.

    The two biquads of BS.1770-4, annex 1, tables 1 and 2, given there for 48 kHz, by the analogue
    filters behind them.
    """
    ringing = round(RINGING * sample_rate)
    size = fft_length(hop + ringing + REACH)
    shelf, steepness, middle = 10 ** (3.99984385397 / 20), 0.7071752369554193, 0.4996667741545416
    k = np.tan(np.pi * 1681.9744509555319 / sample_rate)
    band = shelf**middle * k / steepness
    first = (shelf + band + k * k, 2 * (k * k - shelf), shelf - band + k * k)
    first_poles = (1 + k / steepness + k * k, 2 * (k * k - 1), 1 - k / steepness + k * k)
    q, k = 0.5003270373253953, np.tan(np.pi * 38.13547087613982 / sample_rate)
    second_poles = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    second = (second_poles[0], -2 * second_poles[0], second_poles[0])
    back = np.exp(-2j * np.pi * np.arange(4 * size // 2 + 1) / (4 * size))
    response = np.ones(len(back), np.complex128)
    for above, below in ((first, first_poles), (second, second_poles)):
        response *= np.polyval(above[::-1], back) / np.polyval(below[::-1], back)
    impulse = np.fft.irfft(response, 4 * size)[: ringing + 1]
    return np.fft.rfft(impulse, size).astype(np.complex64), size


def fft_length(count: int) -> int:
    """The next length from `count` up that an FFT is quick at: 5, 6, 7 or 8 times a power of 2."""
    step: int = 2 ** max(0, count.bit_length() - 3)
    return step * -(-count // step)
