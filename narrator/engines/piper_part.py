"""What a voice consists of, ready to be loaded: parts of its model, their graphs and, beside them,
their weights, so that nobody copies or parses them.

Nothing here needs the package onnx: a voice that was kept (piper_kept.py) does without.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from narrator.engines.runtime import onnxruntime

Tensor = npt.NDArray[np.float32]

NOISE_INPUTS = ("duration_noise", "prior_noise")
"""Graph inputs in the order in which the model draws them: (1, 2, ids) and (1, C, frames)."""

TILE = 4
"""Neighbouring outputs of a convolution that are computed together (piper_winograd.py)."""


@dataclass(frozen=True, slots=True)
class Part:
    """An ONNX model ready to be loaded."""

    graph: bytes
    """Serialized, without the large constants."""
    weights: Mapping[str, npt.NDArray[Any]]
    """The large constants by name; not to be changed any more."""

    def load(self) -> onnxruntime.InferenceSession:
        """A session that computes in the thread of its caller."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # What fails is raised; the log would only say it twice.
        # The runtime's own rewrites take 0.2 s for a voice and gain nothing: ours are made for it.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        _share_memory()
        options.add_session_config_entry("session.use_env_allocators", "1")
        options.add_external_initializers(
            list(self.weights),
            [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in self.weights.values()],
        )
        return onnxruntime.InferenceSession(self.graph, options, providers=["CPUExecutionProvider"])


@cache
def _share_memory() -> None:
    """Have all parts take what they compute from one pool: one for each would take 70 MB more."""
    cpu = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    onnxruntime.create_and_register_allocator(cpu, None)


@dataclass(frozen=True, slots=True)
class Flow:
    """The flow, ready to be loaded."""

    part: Part
    """Prior (1, C, 4, n) and mask (1, 4n, 1), 1 for a frame and 0 for filling -> frames
    (1, C, 4, n), in blocks of channels."""
    prior: str
    """The tensor of the model that it begins with."""
    channels: int
    block: int

    def feeds(self, prior: Tensor) -> dict[str, Tensor]:
        """The inputs of the part for a prior (1, C, frames)."""
        frames = prior.shape[2]
        tiles = -(-frames // TILE)
        whole = np.pad(prior[0], ((0, 0), (0, tiles * TILE - frames)))
        rows = blocked(whole, self.block).reshape(-1, tiles, TILE, self.block).transpose(0, 2, 1, 3)
        mask = (np.arange(tiles * TILE) < frames).astype(np.float32).reshape(tiles, TILE).T
        return {
            "prior": np.ascontiguousarray(rows).reshape(1, self.channels, TILE, tiles),
            "mask": np.ascontiguousarray(mask).reshape(1, tiles * TILE, 1),
        }

    def frames(self, made: Tensor, count: int) -> Tensor:
        """The first `count` frames of what the part made: (groups, frames, block)."""
        rows = made.reshape(self.channels // self.block, TILE, -1, self.block)
        ordered = rows.transpose(0, 2, 1, 3).reshape(rows.shape[0], -1, self.block)
        return ordered[:, :count]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the decoder that is run stretch by stretch.

    Tensors between sections have the shape (groups, positions, block): channel c of a position is
    [c // block, position, c % block].
    """

    part: Part
    """With one input and one output, if the rest of the model has nothing else to tell."""
    any_length: Part
    """The same for stretches whose positions `multiple` does not divide."""
    multiple: int
    """Of so many positions are the stretches that `part` is for."""
    shape: tuple[int, ...]
    """Of the input; -1 stands for the positions."""
    reach: int
    """Positions of the input on either side that have a part in the output of a position."""
    rate: int
    """Positions of the output for one of the input."""
    width: int
    """Numbers in its widest tensor for one position of the input."""
    groups: int
    """Of the output."""
    block: int
    """Of the output."""


@dataclass(frozen=True, slots=True)
class SplitModel:
    """A Piper model in its parts."""

    encoder: Part
    """Phoneme ids, lengths, scales, NOISE_INPUTS -> frames (1, C, n), or where there is a flow
    their prior; frames of each id; and what else the decoder needs, in the order of its inputs."""
    flow: Flow | None
    """Prior -> frames, where that is rewritten."""
    decoder: tuple[Section, ...]
    """One after the other: frames -> samples."""
    noise_channels: tuple[int, int]
    """C of each of NOISE_INPUTS."""


def blocked(tensor: npt.NDArray[np.float32], block: int) -> npt.NDArray[np.float32]:
    """A tensor (channels, positions) as (groups, positions, block)."""
    channels, positions = tensor.shape
    grouped = tensor.reshape(channels // block, block, positions)
    return np.ascontiguousarray(grouped.transpose(0, 2, 1))
