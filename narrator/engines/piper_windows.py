"""Frames -> sound, stretch by stretch.

Each section of the decoder takes its input as the section before it makes it, runs over a window
as soon as what its kernels reach is there, and hands on what it made. So the sound begins after
a few frames, no tensor grows with the sentence, and the working set stays in the cache. The windows
depend on the number of frames alone: the same sound, to the bit, however it is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil, prod

import numpy as np

from narrator.engines.piper_part import Flow, Section, Tensor, blocked

FIRST_WINDOW = 48
"""Frames that are decoded first (0.56 s): the listener waits for these only. Fewer would be no
sound yet: mastering hears ahead and the encoder holds back."""

WINDOW = 1024 * 1024
"""Bytes of the widest tensor in a window: what a second-level cache holds. Measured: half or twice
as much costs 1 to 3 %."""


FILLED = 16
"""Windows are multiples of so many positions, the largest block: the last section makes whole
blocks of samples."""


def windows(length: int, size: int, first: int) -> Iterator[tuple[int, int]]:
    """The positions 0 to `length` in stretches (start, end): one of `first`, then others of `size`;
    a last one that were shorter than `first` goes with the one before it."""
    edges = [0, *range(first, length, size), length]
    if len(edges) > 2 and edges[-1] - edges[-2] < first:
        del edges[-2]
    yield from pairwise(edges)


class Decoder:
    """Flow and decoder, loaded; safe to share between threads."""

    def __init__(self, flow: Flow | None, sections: Sequence[Section]) -> None:
        self._flow = flow
        self._flow_session = flow.part.load() if flow else None
        self._loaded = [_Loaded(section) for section in sections]
        self._firsts = _first_windows(sections)

    def sound(self, frames: Tensor, others: Sequence[Tensor] = ()) -> Iterator[Tensor]:
        """The sound of the frames (where there is a flow, of their prior), shape (1, C, n), full
        scale at 1.0, in stretches of shape (samples,). `others` is what the decoder is given
        besides."""
        length = frames.shape[2]
        stream: Iterator[Tensor] = iter([self._flowed(frames)])
        for loaded, first in zip(self._loaded, self._firsts, strict=True):
            stream = _over(loaded, stream, length, first, others)
            length *= loaded.section.rate
        return (stretch.reshape(-1) for stretch in stream)

    def _flowed(self, frames: Tensor) -> Tensor:
        """The frames in the layout of the first section."""
        if self._flow is None or self._flow_session is None:
            block = self._loaded[0].section.block if len(self._loaded) > 1 else 1
            return blocked(frames[0], block)
        (made,) = self._flow_session.run(None, self._flow.feeds(frames))
        return self._flow.frames(made, frames.shape[2])


def _first_windows(sections: Sequence[Section]) -> list[int]:
    """Positions of each section's first window: just what the last one needs for FIRST_WINDOW."""
    first = FIRST_WINDOW * prod(section.rate for section in sections[:-1])
    firsts = [first]
    for before, section in reversed(list(pairwise(sections))):
        first = ceil(_up(first + section.reach, section.multiple) / before.rate)
        first = _up(first + before.reach, before.multiple) - before.reach
        firsts.append(first)
    return firsts[::-1]


def _size(section: Section) -> int:
    """Positions of the section's other windows."""
    size = max(FILLED, WINDOW // (4 * section.width) // FILLED * FILLED)
    if section.multiple == 1 or section.block == 1:
        return size
    both = 2 * section.reach
    return max(section.multiple, _up(size + both, section.multiple) - both)


def _up(number: int, multiple: int) -> int:
    """The next multiple from the number on."""
    return -(-number // multiple) * multiple


class _Loaded:
    """A section ready to run."""

    def __init__(self, section: Section) -> None:
        self.section = section
        self._part = section.part.load()
        self._any_length = section.any_length.load() if section.multiple > 1 else self._part
        self._names = [one.name for one in self._part.get_inputs()]

    def stretch(self, start: int, end: int, length: int) -> tuple[int, int]:
        """The positions, of `length`, that are needed for those from `start` to `end`; as many as
        suit the section's fast part, where there are so many."""
        section = self.section
        low, high = max(0, start - section.reach), min(length, end + section.reach)
        count = _up(high - low, section.multiple)
        if count > length:
            return low, high
        high = min(length, low + count)
        return high - count, high

    def run(self, given: Tensor, others: Sequence[Tensor]) -> Tensor:
        """What the section makes of a stretch, (groups, positions, block)."""
        suits = given.shape[1] % self.section.multiple == 0
        inputs = [np.ascontiguousarray(given).reshape(self.section.shape), *others]
        made: Tensor
        (made,) = (self._part if suits else self._any_length).run(
            None, dict(zip(self._names, inputs, strict=True))
        )
        return made.reshape(self.section.groups, -1, self.section.block)


def _over(
    loaded: _Loaded, source: Iterator[Tensor], length: int, first: int, others: Sequence[Tensor]
) -> Iterator[Tensor]:
    """What the section makes of the source, which has `length` positions in all."""
    held, begins = next(source), 0
    rate = loaded.section.rate
    for start, end in windows(length, _size(loaded.section), first):
        low, high = loaded.stretch(start, end, length)
        pieces = [held[:, low - begins :]]
        ready = begins + held.shape[1]
        while ready < high:
            pieces.append(next(source))
            ready += pieces[-1].shape[1]
        held, begins = np.concatenate(pieces, axis=1) if len(pieces) > 1 else pieces[0], low
        made = loaded.run(held[:, : high - low], others)
        yield made[:, (start - low) * rate : (end - low) * rate]
