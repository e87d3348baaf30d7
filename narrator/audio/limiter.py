"""A look-ahead limiter for true peaks.

The gain is worked out a thousand times a second and drawn as a line between: it is smooth, and it
costs next to nothing. Whatever is limited begins and ends at zero, so every piece is limited by
itself: there is no state, no delay, and no sample more or less.
"""

from __future__ import annotations

import numpy as np

from narrator.audio.loudness import Floats, fft_length
from narrator.model import Sound

OVERSAMPLING = 4
"""True peaks are sought at so many times the sample rate (BS.1770-4, annex 2)."""

STEPS = 1000
"""Gains worked out a second."""

ATTACK = 2
"""Steps over which the gain falls before a peak, and rises after it."""

HOLD = 2
"""Steps that the gain stays down around a peak, so that it does not ripple at the pitch."""

RELEASE = 150.0
"""Decibels a second by which the gain recovers: 9 dB take 60 ms."""


def limited(sound: Sound, sample_rate: int, ceiling: float) -> Sound:
    """The sound with no true peak above `ceiling` (dBTP); the same array if it has none."""
    width = max(1, sample_rate // STEPS)
    excess = 20 * np.log10(np.maximum(_peaks(sound, width), 1e-9)) - ceiling
    if len(excess) == 0 or excess.max() <= 0:
        return sound
    reduction = _smoothed(_released(_held(np.maximum(excess, 0)), RELEASE * width / sample_rate))
    centres = (np.arange(len(reduction)) + 0.5) * width
    decibels = np.interp(np.arange(len(sound)), centres, reduction)
    return sound * (10 ** (decibels / -20)).astype(np.float32)


def _peaks(sound: Sound, width: int) -> Floats:
    """The highest true peak of every `width` samples, shape (steps,), full scale at 1.0."""
    steps = -(-len(sound) // width)
    size = fft_length(len(sound) + width)
    spectrum = np.fft.rfft(sound, size)
    between = np.fft.irfft(spectrum, size * OVERSAMPLING) * OVERSAMPLING
    wave = np.zeros(steps * width * OVERSAMPLING, np.float32)
    count = min(len(wave), len(between))
    wave[:count] = np.abs(between[:count])
    peaks: Floats = wave.reshape(steps, -1).max(axis=1).astype(np.float64)
    return peaks


def _held(excess: Floats) -> Floats:
    """The highest excess within reach of the smoothing and the hold around each step.

    One step more than the smoothing needs: the line between two steps must clear both.
    """
    reach = ATTACK + HOLD + 1
    padded = np.pad(excess, reach)
    held: Floats = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    return held


def _released(reduction: Floats, fall: float) -> Floats:
    """The least reduction that is nowhere below the one given and falls by at most `fall`
    decibels a step."""
    slope = fall * np.arange(len(reduction))
    return np.asarray(np.maximum.accumulate(reduction + slope) - slope)


def _smoothed(reduction: Floats) -> Floats:
    """The mean around each step, weighted by a raised cosine."""
    window = np.hanning(2 * ATTACK + 3)
    padded = np.pad(reduction, ATTACK + 1, mode="edge")
    return np.convolve(padded, window / window.sum(), mode="valid")
