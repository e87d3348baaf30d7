"""The decoder of a Piper model in the form that the processor computes fastest.

A HiFi-GAN decoder (Kong et al. 2020) is convolutions in time, 70 % of the cost of a voice. Here it
is written down for the runtime's kernels for blocks of channels (piper_blocks.py):

- a convolution takes the addition and the LeakyRelu that follow it with it;
- a transposed convolution becomes two ordinary ones over the input, which make the first and the
  second half of the samples of each input position, and a shuffle of whole blocks;
- the last convolution, which has a single channel, makes a block of neighbouring samples at once;
- a division by a constant goes into the next weights;
- where there are channels enough, a convolution is computed with fewer products
  (piper_winograd.py), over stretches of a length that its tiles divide.

It is cut into sections where the rate rises: each is run over stretches that fit the cache, with
only as much overlap as its own kernels reach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, gcd, lcm, prod
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper

from narrator.engines.piper_blocks import Graph, Unsuitable
from narrator.engines.piper_part import TILE, Section
from narrator.engines.piper_winograd import pays, tiled

Weights = Mapping[str, npt.NDArray[np.float32]]
"""Name -> constant tensor of the model."""


def sections(
    decoder: Sequence[onnx.NodeProto], weights: Weights, frames: str, block: int
) -> tuple[Section, ...]:
    """The decoder, which turns the tensor `frames` into samples, for kernels with blocks of that
    size. Unsuitable if it has another structure, or channels that do not fill the blocks."""
    if block == 1:
        raise Unsuitable("no kernels for blocks of channels")
    tiled, plain = (
        _Writer(decoder, weights, block, tiles).sections(frames) for tiles in (True, False)
    )
    return tuple(
        replace(section, any_length=one.part) for section, one in zip(tiled, plain, strict=True)
    )


@dataclass(slots=True)
class _Value:
    """A tensor of the original graph, and what stands for it in the new one."""

    name: str
    channels: int
    reach: float
    """Positions, counted in its own rate."""
    rate: int
    """Positions for one of the section's input."""
    scale: float = 1.0
    """It is that many times the tensor `name`."""
    conv: onnx.NodeProto | None = None
    """The convolution that makes it, where nothing else uses it and nothing was added yet."""


class _Writer:
    """Translates the nodes one by one, in order."""

    def __init__(
        self, decoder: Sequence[onnx.NodeProto], weights: Weights, block: int, tiles: bool
    ) -> None:
        """With `tiles`, convolutions may be computed tile by tile."""
        self._tiles = tiles
        self._decoder = decoder
        self._weights = weights
        self._block = block
        self._uses = Counter(name for node in decoder for name in node.input)
        self._graph = Graph(block)
        self._values: dict[str, _Value] = {}
        self._finished: list[Section] = []
        self._given = ("", 0)
        self._multiple = 1

    def sections(self, frames: str) -> tuple[Section, ...]:
        """The finished sections."""
        first = self._weights[self._consumer(frames).input[1]]
        self._begin(frames, int(first.shape[1]))
        for node in self._decoder:
            match node.op_type:
                case "Conv":
                    value = self._conv(node)
                case "ConvTranspose":
                    value = self._upsampled(node)
                case "LeakyRelu":
                    value = self._leaky(node)
                case "Add":
                    value = self._sum(node)
                case "Div" | "Mul":
                    value = self._scaled(node)
                case "Tanh":
                    given = self._plain(node.input[0])
                    value = _follow(given, self._graph.node("Tanh", [given.name]))
                case "Unsqueeze":
                    value = self._value(node.input[0])
                case other:
                    raise Unsuitable(f"a decoder with {other}")
            self._values[node.output[0]] = value
        if value.channels != 1:
            raise Unsuitable(f"{value.channels} channels of sound")
        self._end(value, groups=1, block=1)
        if prod(section.rate for section in self._finished) % self._block:
            raise Unsuitable(f"a frame is not so many blocks of {self._block} samples")
        return tuple(self._finished)

    def _consumer(self, tensor: str) -> onnx.NodeProto:
        return next(node for node in self._decoder if tensor in node.input)

    def _begin(self, tensor: str, channels: int) -> None:
        """A section whose input stands for the tensor."""
        if channels % self._block:
            raise Unsuitable(f"{channels} channels do not fill blocks of {self._block}")
        self._graph = Graph(self._block)
        self._given = ("in", channels)
        self._multiple = 1
        self._values = {tensor: _Value("in", channels, 0, 1)}

    def _end(self, value: _Value, *, groups: int, block: int) -> None:
        name, channels = self._given
        shape = (1, channels, 1, -1)
        part = self._graph.part({name: shape})
        if block == 1 and self._multiple > 1:  # Nothing may be left over at the end of the sound.
            self._multiple = lcm(self._multiple, self._block // gcd(self._block, value.rate))
        self._finished.append(
            Section(
                part=part,
                any_length=part,
                multiple=self._multiple,
                shape=shape,
                # What is left over of a stretch does not fill a block of samples at its end.
                reach=ceil(value.reach / value.rate / self._block) * self._block
                if block == 1
                else ceil(value.reach / value.rate),
                rate=value.rate,
                width=max(v.channels * v.rate for v in self._values.values()),
                groups=groups,
                block=block,
            )
        )

    def _conv(self, node: onnx.NodeProto) -> _Value:
        given = self._value(node.input[0])
        weights = self._weights[node.input[1]] * np.float32(given.scale)
        attributes = _attributes(node)
        (dilation,), (before, after) = attributes["dilations"], attributes["pads"]
        kernel = weights.shape[2]
        if (
            attributes["strides"] != [1]
            or attributes["group"] != 1
            or before != after
            or (before + after != dilation * (kernel - 1))
        ):
            raise Unsuitable(f"the convolution {node.name}")
        bias = self._weights[node.input[2]] if len(node.input) > 2 else None
        reach = given.reach + before
        if weights.shape[0] == 1 and dilation == 1 and bias is None:
            # Sample s of a block is the convolution seen from s positions farther on.
            block = self._block
            shifted = np.zeros((block, weights.shape[1], kernel + block - 1), np.float32)
            for s in range(block):
                shifted[s, :, s : s + kernel] = weights[0]
            sound = self._graph.conv(given.name, shifted, pads=(before, after), stride=block)
            return _Value(sound, 1, reach, given.rate)
        if self._tiles and pays(weights):
            self._multiple = lcm(
                self._multiple, TILE * dilation // gcd(TILE * dilation, given.rate)
            )
            name = tiled(self._graph, given.name, weights, bias, dilation)
            return _Value(name, weights.shape[0], reach, given.rate)
        name = self._graph.conv(given.name, weights, bias, dilation=dilation, pads=(before, after))
        conv = self._graph.made_by(name)
        return self._fresh(node, conv, weights.shape[0], reach, given.rate)

    def _upsampled(self, node: onnx.NodeProto) -> _Value:
        """A section begins here; the transposed convolution is its first part.

        Output position m * stride + r gets, of a kernel twice as long as the stride and padded by
        half of it, input m by the weight r + pad; and input m - 1 by r + pad + stride in the first
        half of the r, input m + 1 by r + pad - stride in the second.
        """
        given = self._value(node.input[0])
        self._end(given, groups=given.channels // self._block, block=self._block)
        scale = given.scale
        self._begin(node.input[0], given.channels)
        weights = self._weights[node.input[1]] * np.float32(scale)
        attributes = _attributes(node)
        (stride,) = attributes["strides"]
        pad = stride // 2
        if (
            attributes["kernel_shape"] != [2 * stride]
            or attributes["pads"] != [pad, pad]
            or attributes["group"] != 1
            or stride % 2
            or any(attributes.get("output_padding", []))
        ):
            raise Unsuitable(f"the transposed convolution {node.name}")
        channels = weights.shape[1]
        tap = weights.transpose(2, 1, 0)  # (kernel, out, in)
        early = [np.stack([tap[r + pad + stride], tap[r + pad]], 2) for r in range(pad)]
        late = [np.stack([tap[r + pad], tap[r + pad - stride]], 2) for r in range(pad, stride)]
        bias = np.tile(self._weights[node.input[2]], pad) if len(node.input) > 2 else None
        graph = self._graph
        halves = [
            graph.conv("in", np.concatenate(half), bias, pads=pads)
            for half, pads in ((early, (1, 0)), (late, (0, 1)))
        ]
        groups = channels // self._block
        stacked = graph.node(
            "Concat", [graph.reshaped(half, pad, groups, -1, self._block) for half in halves],
            axis=0,
        )  # fmt: skip
        shuffled = graph.node("Transpose", [stacked], perm=[1, 2, 0, 3])
        whole = graph.reshaped(shuffled, 1, channels, 1, -1)
        return _Value(whole, channels, stride + pad - 1, stride)

    def _leaky(self, node: onnx.NodeProto) -> _Value:
        given = self._value(node.input[0])
        if given.scale < 0:
            given = self._plain(node.input[0])
        alpha = _attributes(node)["alpha"]
        if given.conv is not None and self._uses[node.input[0]] == 1:
            given.conv.attribute.append(helper.make_attribute("activation", "LeakyRelu"))
            given.conv.attribute.append(helper.make_attribute("activation_params", [alpha]))
            return _follow(given, given.name)
        return _follow(given, self._graph.node("LeakyRelu", [given.name], alpha=alpha))

    def _sum(self, node: onnx.NodeProto) -> _Value:
        """A sum: where one term comes fresh from a convolution, that one adds the other."""
        left, right = (self._plain(name) for name in node.input)
        if (left.channels, left.rate) != (right.channels, right.rate):
            raise Unsuitable(f"the sum {node.name}")
        reach = max(left.reach, right.reach)
        for term, other in ((right, left), (left, right)):
            if term.conv is None:
                continue
            conv = self._graph.last(term.conv)
            added = other.name
            if len(conv.input) == 4:
                added = self._graph.node("Add", [conv.input[3], added])
                conv = self._graph.last(conv)
            conv.input[:] = [*conv.input[:2], conv.input[2] if len(conv.input) > 2 else "", added]
            return self._fresh(node, conv, term.channels, reach, term.rate)
        total = self._graph.node("Add", [left.name, right.name])
        return _Value(total, left.channels, reach, left.rate)

    def _scaled(self, node: onnx.NodeProto) -> _Value:
        """A tensor times or divided by a constant, which is remembered."""
        constant = self._weights.get(node.input[1])
        if constant is None or constant.size != 1:
            raise Unsuitable(f"the product {node.name}")
        factor = float(constant.reshape(()))
        given = self._value(node.input[0])
        scaled = given.scale / factor if node.op_type == "Div" else given.scale * factor
        return _Value(given.name, given.channels, given.reach, given.rate, scaled,
                      given.conv if self._uses[node.input[0]] == 1 else None)  # fmt: skip

    def _value(self, tensor: str) -> _Value:
        if tensor not in self._values:
            raise Unsuitable(f"a decoder that is given {tensor}")
        return self._values[tensor]

    def _plain(self, tensor: str) -> _Value:
        """The value with no factor outstanding."""
        given = self._value(tensor)
        if given.scale == 1.0:
            return given
        factor = self._graph.constant(np.array(given.scale, np.float32))
        return _Value(self._graph.node("Mul", [given.name, factor]), given.channels,
                      given.reach, given.rate)  # fmt: skip

    def _fresh(
        self, node: onnx.NodeProto, conv: onnx.NodeProto, channels: int, reach: float, rate: int
    ) -> _Value:
        alone = self._uses[node.output[0]] == 1
        return _Value(conv.output[0], channels, reach, rate, conv=conv if alone else None)


def _follow(given: _Value, name: str) -> _Value:
    """What an operation makes of a value place by place."""
    return _Value(name, given.channels, given.reach, given.rate, given.scale)


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    """The attributes by name, with the defaults of a convolution."""
    given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    lists = {name: list(v) if hasattr(v, "__len__") else v for name, v in given.items()}
    return {"group": 1, "strides": [1], "dilations": [1], "alpha": 0.01, **lists}
