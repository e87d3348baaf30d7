"""How loud sound is: ITU-R BS.1770-4, for one channel.

Measured as the sound goes by, in memory that does not grow: the gate needs the loudness of every
block so far, and a histogram of tenths of a decibel keeps that well enough.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from narrator.model import Sound

Floats = npt.NDArray[np.float64]

SILENCE = -np.inf
"""LUFS of what never passes the gate."""

HOPS = 4
"""A gating block lasts 0.4 s and a new one begins every 0.1 s."""

ABSOLUTE_GATE = -70.0
"""LUFS below which a block counts as silence."""

RELATIVE_GATE = -10.0
"""LU below the mean of all blocks at which a block counts as a pause."""

BIN = 0.1
"""Decibels a bin of the histogram is wide."""

LOUDEST = 20.0
"""LUFS of the last bin."""


def k_weighted(sound: Sound, sample_rate: int) -> Floats:
    """The sound as the ear weighs it, as long as it was; it should begin and end near zero.

    Filtered by its spectrum and without the filter's phase: the energies of blocks are the same
    within hundredths of a decibel, and nothing but numpy is needed.
    """
    size = fft_length(len(sound) + sample_rate // 10)
    spectrum = np.fft.rfft(sound, size) * _k_weighting(size, sample_rate)
    return np.fft.irfft(spectrum, size)[: len(sound)].astype(np.float64)


def loudness(weighted: Floats, sample_rate: int) -> float:
    """Integrated loudness of K-weighted sound in LUFS; SILENCE if there is none. What is shorter
    than a gating block (0.4 s) is measured as if silence followed."""
    meter = Meter(sample_rate)
    shortest = HOPS * meter.hop
    meter.add(np.pad(weighted, (0, max(0, shortest - len(weighted)))))
    return meter.integrated()


class Meter:
    """Integrated loudness of all sound so far."""

    def __init__(self, sample_rate: int) -> None:
        self.hop = round(sample_rate / 10)
        """Samples."""
        self._squares = np.zeros(0)
        """Of the samples that do not fill a hop yet."""
        self._energies = np.zeros(0)
        """Of the last hops: all of the next block but its end."""
        bins = round((LOUDEST - ABSOLUTE_GATE) / BIN)
        self._blocks = np.zeros(bins)
        self._energy = np.zeros(bins)

    @property
    def seconds(self) -> float:
        """Seconds of sound above the absolute gate."""
        return float(self._blocks.sum()) / 10

    def add(self, weighted: Floats) -> None:
        """Take K-weighted sound into account that follows what was added before."""
        squares = np.concatenate([self._squares, weighted**2])
        count = len(squares) // self.hop
        hops = squares[: count * self.hop].reshape(count, self.hop).mean(axis=1)
        self._squares = squares[count * self.hop :]
        energies = np.concatenate([self._energies, hops])
        self._energies = energies[max(0, len(energies) - HOPS + 1) :]
        if len(energies) >= HOPS:
            blocks = np.lib.stride_tricks.sliding_window_view(energies, HOPS).mean(axis=1)
            levels = _lufs(blocks)
            heard = levels >= ABSOLUTE_GATE
            bins = np.minimum(_bin(levels[heard]), len(self._blocks) - 1)
            np.add.at(self._blocks, bins, 1)
            np.add.at(self._energy, bins, blocks[heard])

    def integrated(self) -> float:
        """LUFS, gated; SILENCE if nothing was heard."""
        if not self._blocks.any():
            return SILENCE
        gate = _lufs(self._energy.sum() / self._blocks.sum()) + RELATIVE_GATE
        first = max(0, int(_bin(gate)))
        return float(_lufs(self._energy[first:].sum() / self._blocks[first:].sum()))


def _lufs(energy: npt.ArrayLike) -> Floats:
    """Loudness of weighted mean squares."""
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(energy) - 0.691)


def _bin(level: Floats) -> npt.NDArray[np.intp]:
    return np.floor((level - ABSOLUTE_GATE) / BIN).astype(np.intp)


@lru_cache(maxsize=8)
def _k_weighting(size: int, sample_rate: int) -> Sound:
    """Magnitude of the K-weighting filter at each frequency of an FFT of `size` samples.

    The two biquads of BS.1770-4, annex 1, tables 1 and 2, given there for 48 kHz, by the analogue
    filters behind them.
    """
    cosine = np.cos(np.linspace(0, np.pi, size // 2 + 1))
    shelf, steepness, middle = 10 ** (3.99984385397 / 20), 0.7071752369554193, 0.4996667741545416
    k = np.tan(np.pi * 1681.9744509555319 / sample_rate)
    band = shelf**middle * k / steepness
    shelf_power = _power(shelf + band + k * k, 2 * (k * k - shelf), shelf - band + k * k, cosine)
    shelf_power /= _power(
        1 + k / steepness + k * k, 2 * (k * k - 1), 1 - k / steepness + k * k, cosine
    )
    q, k = 0.5003270373253953, np.tan(np.pi * 38.13547087613982 / sample_rate)
    a0 = 1 + k / q + k * k
    pass_power = _power(1, -2, 1, cosine)
    pass_power /= _power(1, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0, cosine)
    return np.sqrt(np.maximum(0, shelf_power * pass_power)).astype(np.float32)


def _power(c0: float, c1: float, c2: float, cosine: Floats) -> Floats:
    """Squared magnitude of c0 + c1/z + c2/z² on the unit circle, by the cosine of the angle."""
    return np.asarray(
        c0 * c0
        + c1 * c1
        + c2 * c2
        + 2 * (c0 * c1 + c1 * c2) * cosine
        + 2 * c0 * c2 * (2 * cosine * cosine - 1)
    )


def fft_length(count: int) -> int:
    """The next length from `count` up that an FFT is quick at: 5, 6, 7 or 8 times a power of 2."""
    step: int = 2 ** max(0, count.bit_length() - 3)
    return step * -(-count // step)
