"""A look-ahead limiter for true peaks.

The gain is worked out once a step and drawn as a line between: it is smooth, and it costs next to
nothing. It looks DELAY steps ahead and no further.
"""

from __future__ import annotations

import numpy as np

from narrator.audio.envelope import STEPS, Floats

ATTACK = 2
"""Steps over which the gain falls before a peak, and rises after it."""

HOLD = 2
"""Steps that the gain stays down around a peak, so that it does not ripple at the pitch."""

RELEASE = 150.0
"""Decibels a second by which the gain recovers: 9 dB take 60 ms."""

WITHIN = ATTACK + HOLD + 1
"""Steps on either side whose peaks count for a step. One more than the smoothing needs: the line
between two steps must clear both."""

DELAY = WITHIN + ATTACK
"""Steps by which the limiter lags behind what it is given: 7 ms."""

GRAIN = 2.0**-20
"""Decibels in which is counted: sums and differences of whole grains are exact, so that the gain is
the same to the bit however many steps come at a time."""

_SMOOTH = np.hanning(2 * ATTACK + 3)[1:-1]
_SMOOTH /= _SMOOTH.sum()
"""The weights of the mean around each step: a raised cosine."""


class Limiter:
    """Limits one sound, which is taken to begin and end in silence."""

    def __init__(self) -> None:
        self._excess = np.zeros(2 * WITHIN)
        self._reduction = np.zeros(2 * ATTACK)

    def feed(self, excess: Floats) -> Floats:
        """Decibels by which steps are to be lowered, as many as are given, DELAY steps earlier than
        these. `excess` are decibels by which the next peaks pass the ceiling, or 0."""
        known = np.concatenate([self._excess, np.ceil(excess / GRAIN) * GRAIN])
        held = _highest(known, 2 * WITHIN + 1)
        reduction = np.concatenate([self._reduction, _released(held, self._reduction[-1])])
        self._excess = known[len(excess) :]
        self._reduction = reduction[len(excess) :]
        count = len(reduction) - 2 * ATTACK
        smooth = np.zeros(count)
        for shift, weight in enumerate(_SMOOTH):
            smooth += weight * reduction[shift : shift + count]
        return smooth


def limited(excess: Floats) -> Floats:
    """Decibels by which the steps of a whole sound are to be lowered."""
    return Limiter().feed(np.pad(excess, (0, DELAY)))[DELAY:]


def _highest(values: Floats, width: int) -> Floats:
    """The highest of each `width` values that follow each other."""
    span = 1
    highest = values
    while span < width:
        shift = min(span, width - span)
        highest = np.maximum(highest[:-shift], highest[shift:])
        span += shift
    return highest


def _released(held: Floats, before: float) -> Floats:
    """The least reduction that is nowhere below `held` and falls, from `before` on, by at most
    RELEASE."""
    slope = round(RELEASE / STEPS / GRAIN) * GRAIN * np.arange(len(held) + 1)
    line = np.maximum.accumulate(np.concatenate([[before], held]) + slope) - slope
    return np.asarray(line[1:])
