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
import numpy.typing as npt
import onnxruntime

from narrator.engines.piper_blocks import blocked
from narrator.engines.piper_decoder import Section
from narrator.engines.piper_flow import Flow

Tensor = npt.NDArray[np.float32]
"""Shape (groups, positions, block); see Section."""

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
        self._sections = sections
        self._sessions = [section.part.load() for section in sections]
        self._firsts = _first_windows(sections)

    def sound(self, frames: Tensor, others: Sequence[Tensor] = ()) -> Iterator[Tensor]:
        """The sound of the frames (where there is a flow, of their prior), shape (1, C, n), full
        scale at 1.0, in stretches of shape (samples,). `others` is what the decoder is given
        besides."""
        length = frames.shape[2]
        stream: Iterator[Tensor] = iter([self._flowed(frames)])
        for section, loaded, first in zip(
            self._sections, self._sessions, self._firsts, strict=True
        ):
            stream = _over(section, loaded, stream, length, first, others)
            length *= section.rate
        return (stretch.reshape(-1) for stretch in stream)

    def _flowed(self, frames: Tensor) -> Tensor:
        """The frames in the layout of the first section."""
        if self._flow is None or self._flow_session is None:
            block = self._sections[0].block if len(self._sections) > 1 else 1
            return blocked(frames[0], block)
        (made,) = self._flow_session.run(None, self._flow.feeds(frames))
        return self._flow.frames(made, frames.shape[2])


def _first_windows(sections: Sequence[Section]) -> list[int]:
    """Positions of each section's first window: just what the last one needs for FIRST_WINDOW."""
    first = FIRST_WINDOW * prod(section.rate for section in sections[:-1])
    firsts = [first]
    for before, section in reversed(list(pairwise(sections))):
        first = ceil((first + section.reach) / before.rate)
        firsts.append(first)
    return firsts[::-1]


def _over(
    section: Section,
    loaded: onnxruntime.InferenceSession,
    source: Iterator[Tensor],
    length: int,
    first: int,
    others: Sequence[Tensor],
) -> Iterator[Tensor]:
    """What the section makes of the source, which has `length` positions in all."""
    names = [one.name for one in loaded.get_inputs()]
    size = max(FILLED, WINDOW // (4 * section.width) // FILLED * FILLED)
    held, begins = next(source), 0
    for start, end in windows(length, size, first):
        low, high = max(0, start - section.reach), min(length, end + section.reach)
        pieces = [held[:, low - begins :]]
        ready = begins + held.shape[1]
        while ready < high:
            pieces.append(next(source))
            ready += pieces[-1].shape[1]
        held, begins = np.concatenate(pieces, axis=1) if len(pieces) > 1 else pieces[0], low
        given = np.ascontiguousarray(held[:, : high - low])
        (made,) = loaded.run(
            None, dict(zip(names, [given.reshape(section.shape), *others], strict=True))
        )
        out = made.reshape(section.groups, -1, section.block)
        yield out[:, (start - low) * section.rate : (end - low) * section.rate]
