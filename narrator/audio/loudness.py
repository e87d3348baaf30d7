"""How loud sound is: ITU-R BS.1770-4, for one channel.

Measured as the sound goes by, in memory that does not grow: the gate needs the loudness of every
block so far, and a histogram of tenths of a decibel keeps that well enough.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from narrator.audio.envelope import HOP, Floats, traced
from narrator.model import Sound

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


def loudness(sound: Sound, sample_rate: int) -> float:
    """Integrated loudness of a sound in LUFS; SILENCE if there is none."""
    return integrated(traced(sound, sample_rate).energies)


def integrated(energies: Floats) -> float:
    """Integrated loudness in LUFS of steps whose K-weighted mean squares these are. What is shorter
    than a gating block (0.4 s) is measured as if silence followed."""
    meter = Meter()
    meter.add(np.pad(energies, (0, max(0, HOPS * HOP - len(energies)))))
    return meter.integrated()


class Meter:
    """Integrated loudness of all sound so far."""

    def __init__(self) -> None:
        self._steps = np.zeros(0)
        """Energies that do not fill a hop yet."""
        self._hops = np.zeros(0)
        """Of the last hops: all of the next block but its end."""
        bins = round((LOUDEST - ABSOLUTE_GATE) / BIN)
        self._blocks = np.zeros(bins)
        self._energy = np.zeros(bins)

    @property
    def seconds(self) -> float:
        """Seconds of sound above the absolute gate."""
        return float(self._blocks.sum()) / 10

    def add(self, energies: Floats) -> None:
        """Take sound into account that follows what was added before: the K-weighted mean squares
        of its steps."""
        steps = np.concatenate([self._steps, energies])
        count = len(steps) // HOP
        self._steps = steps[count * HOP :]
        means = steps[: count * HOP].reshape(count, HOP).mean(axis=1)
        hops = np.concatenate([self._hops, means])
        self._hops = hops[max(0, len(hops) - HOPS + 1) :]
        if len(hops) >= HOPS:
            blocks = np.lib.stride_tricks.sliding_window_view(hops, HOPS).mean(axis=1)
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
