"""The flow of a Piper model (normalizing flow of VITS, Kim et al. 2021) with fewer products.

Run backwards, the flow turns the prior of each frame into what the decoder speaks: couplings, in
each of which one half of the channels is changed by what a small WaveNet makes of the other.
Nearly all of its cost are convolutions over five frames, computed as in piper_winograd.py.

Tensors hold four neighbouring frames in four rows, (channels, 4, n / 4), so that every step works
on whole blocks of channels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx

from narrator.engines.piper_blocks import Graph, Unsuitable
from narrator.engines.piper_part import TILE, Flow, Part, Tensor
from narrator.engines.piper_winograd import at_points, transforms

KERNEL = 5
"""Frames that a convolution of the flow sees."""

NAME = "/flow/flows."
"""How the names of the flow's nodes begin."""


def fast_flow(nodes: Sequence[onnx.NodeProto], weights: Mapping[str, Tensor], block: int) -> Flow:
    """The flow, of which these are the nodes (their names begin with NAME), for kernels with blocks
    of that size. Unsuitable if it has another structure (a speaker's or an unknown one)."""
    if block == 1:
        raise Unsuitable("no kernels for blocks of channels")
    named = {node.name: node for node in nodes}
    convolutions = {name for name, node in named.items() if node.op_type == "Conv"}
    numbers = sorted((int(name[len(NAME) :].split("/")[0]) for name in convolutions if
                      name.endswith("/pre/Conv")), reverse=True)  # fmt: skip
    couplings = []
    for number in numbers:
        layers = sum(name.startswith(f"{NAME}{number}/enc/in_layers.") for name in convolutions)
        names = [f"{NAME}{number}/pre/Conv", f"{NAME}{number}/post/Conv"]
        names += [f"{NAME}{number}/enc/in_layers.{i}/Conv" for i in range(layers)]
        names += [f"{NAME}{number}/enc/res_skip_layers.{i}/Conv" for i in range(layers)]
        if not convolutions.issuperset(names) or f"{NAME}{number + 1}/Slice" not in named:
            raise Unsuitable(f"coupling {number}")
        convolutions.difference_update(names)
        couplings.append([_weights(named[name], weights) for name in names])
    if convolutions or not couplings:
        raise Unsuitable(f"a flow with {min(convolutions, default='nothing')}")
    hidden, half, _ = couplings[0][0][0].shape
    if any(len(post[0]) != half for _, post, *_ in couplings):
        raise Unsuitable("a flow that scales")
    part = _Writer(block, hidden).flow(half, couplings)
    return Flow(part, named[f"{NAME}{numbers[0] + 1}/Slice"].input[0], 2 * half, block)


def _weights(node: onnx.NodeProto, weights: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Weights (out, in, kernel) and bias of a convolution that keeps the number of frames."""
    kernel, bias = (weights[name] for name in node.input[1:])
    given = {a.name: list(a.ints) or a.i for a in node.attribute}
    width = kernel.shape[2]
    expected = {"pads": [width // 2] * 2, "dilations": [1], "strides": [1], "group": 1}
    if width not in (1, KERNEL) or any(given.get(k, v) != v for k, v in expected.items()):
        raise Unsuitable(f"the convolution {node.name}")
    return kernel, bias


class _Writer:
    """Writes the couplings down."""

    def __init__(self, block: int, hidden: int) -> None:
        self._graph = Graph(block)
        self._block = block
        self._hidden = hidden
        self._outputs, _, self._inputs = transforms(KERNEL)

    def flow(self, half: int, couplings: list[list[tuple[Tensor, Tensor]]]) -> Part:
        """The whole. The model reverses the order of the channels before each coupling; here the
        weights of every second one are reversed instead."""
        graph = self._graph
        sizes = graph.constant(np.array([half, half]))
        first = graph.node("Split", ["prior", sizes], axis=1)
        halves = [first, f"{first}_2"]
        graph.made_by(first).output.append(halves[1])
        for number, (pre, post, *layers) in enumerate(couplings):
            changed = number % 2
            turn = slice(None, None, 1 if changed else -1)
            hidden = self._masked(graph.conv(halves[1 - changed], pre[0][:, turn], pre[1]))
            made = self._wavenet(hidden, layers[: len(layers) // 2], layers[len(layers) // 2 :])
            halves[changed] = graph.conv(made, -post[0][turn], -post[1][turn], plus=halves[changed])
        if len(couplings) % 2:
            raise Unsuitable("an odd number of couplings")
        graph.node("Concat", halves, axis=1)
        return graph.part({"prior": (1, 2 * half, TILE, -1), "mask": (1, -1, 1)})

    def _wavenet(
        self,
        hidden: str,
        seeing: list[tuple[Tensor, Tensor]],
        passing: list[tuple[Tensor, Tensor]],
    ) -> str:
        """The sum of what the layers contribute."""
        total = ""
        for (weights, bias), (one, one_bias) in zip(seeing, passing, strict=True):
            gated = self._gated(hidden, weights, bias)
            size = self._hidden
            if len(one) > size:
                hidden = self._masked(
                    self._graph.conv(gated, one[:size], one_bias[:size], plus=hidden)
                )
            total = self._graph.conv(gated, one[-size:], one_bias[-size:], plus=total)
        return total

    def _gated(self, hidden: str, weights: Tensor, bias: Tensor) -> str:
        """tanh(first half of the convolution) * sigmoid(second half)."""
        graph, points = self._graph, len(self._inputs)
        size = self._hidden
        seen = graph.node(
            "Concat",
            [graph.each(hidden, _rows(row), size, pads=(0, 1, 0, 1)) for row in self._inputs],
            axis=1,
        )
        halves = []
        for start, activation in ((0, "Tanh"), (size, "Sigmoid")):
            own = at_points(weights[start : start + size], self._block)
            products = graph.conv(seen, own, groups=points)
            # From (points, groups, positions) to rows of points.
            apart = graph.reshaped(products, points, size // self._block, -1)
            turned = graph.node("Transpose", [apart], perm=[1, 0, 2])
            rows = graph.reshaped(turned, 1, size, points, -1)
            halves.append(
                [
                    graph.each(
                        rows, column[:, None], size, bias[start : start + size],
                        activation=activation,
                    )
                    for column in self._outputs
                ]
            )  # fmt: skip
        gated = [
            graph.reshaped(graph.node("Mul", pair), size // self._block, 1, -1)
            for pair in zip(*halves, strict=True)
        ]
        return graph.reshaped(graph.node("Concat", gated, axis=1), 1, size, TILE, -1)

    def _masked(self, hidden: str) -> str:
        """The tensor with zeros behind the last frame, as a convolution should find them."""
        graph, groups = self._graph, self._hidden // self._block
        flat = graph.reshaped(hidden, groups, -1, self._block)
        kept = graph.node("Mul", [flat, "mask"])
        return graph.reshaped(kept, 1, self._hidden, TILE, -1)


def _rows(row: Tensor) -> Tensor:
    """The weights of the inputs as a kernel over (rows, positions): input i of a tile is two frames
    before the first output and i on."""
    kernel = np.zeros((TILE, 3), np.float32)
    for i, weight in enumerate(row):
        tile, place = divmod(i - KERNEL // 2, TILE)
        kernel[place, tile + 1] = weight
    return kernel
