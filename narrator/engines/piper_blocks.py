"""The runtime's kernels for tensors in blocks of channels ("NCHWc"), written down by hand.

ONNX Runtime has them for pictures: a block of channels, as many as a register of the processor
holds, lies side by side in memory. Its own rewrite to this layout goes back and forth around each
operation that it has no such kernel for. Operations that work number by number need none: a graph
that is written in the layout from the start stays in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from narrator.engines.piper_part import Part, blocked

SMALL = 1024
"""Bytes of a constant that stays in the graph."""

BLOCKED = "com.microsoft.nchwc"
"""The runtime's domain for operations on tensors in blocks of channels."""


class Unsuitable(Exception):
    """A part of the model is not built as its rewrite expects; it can be run as it is."""


@cache
def block_size() -> int:
    """Channels in a block of this processor, 1 where the runtime has no such kernels or they do
    not compute what is expected of them."""
    random = np.random.default_rng(1)
    sound, weights, each, mixed = (
        random.integers(-2, 3, shape).astype(np.float32)
        for shape in ((32, 8), (32, 32, 3), (32, 3), (2, 16, 16))
    )
    try:
        graph = Graph(16)
        graph.node("ReorderInput", ["in"], BLOCKED)
        numbers = np.arange(256, dtype=np.float32).reshape(1, 32, 1, 8)
        (order,) = graph.part({"in": (1, 32, 1, 8)}).load().run(None, {"in": numbers})
        block = int(np.argmax(order.reshape(-1) == 1.0))  # Position 1 follows a block of channels.
        if block not in (8, 16):
            return 1
        graph = Graph(block)
        full = graph.conv("in", weights, pads=(1, 1), plus="in", activation="LeakyRelu", alpha=0.5)
        alone = graph.each(full, each[:1], 32, pads=(0, 1, 0, 1))
        graph.conv(alone, mixed.reshape(32, 16, 1), groups=2)
        (found,) = (
            graph.part({"in": (1, 32, 1, 8)})
            .load()
            .run(None, {"in": blocked(sound, block).reshape(1, 32, 1, 8)})
        )
    except Exception:  # Whatever the runtime says, its kernels cannot be used.
        return 1
    expected = sound + np.einsum("oik,kip->op", weights, _shifts(sound))
    expected = np.einsum("k,kip->ip", each[0], _shifts(np.where(expected < 0, 0.5, 1) * expected))
    expected = np.einsum("goi,gip->gop", mixed, expected.reshape(2, 16, 8)).reshape(32, 8)
    return block if np.array_equal(found.reshape(-1), blocked(expected, block).reshape(-1)) else 1


def _shifts(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What a kernel of three sees: (3, channels, positions)."""
    padded = np.pad(sound, ((0, 0), (1, 1)))
    return np.stack([padded[:, k : k + sound.shape[1]] for k in range(3)])


@dataclass(slots=True)
class Graph:
    """An ONNX graph being written; its tensors (1, channels, rows, positions) are in blocks."""

    block: int
    _nodes: list[onnx.NodeProto] = field(default_factory=list)
    _constants: list[TensorProto] = field(default_factory=list)
    _weights: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    _known: dict[tuple[str, tuple[int, ...], bytes], str] = field(default_factory=dict)
    _names: count[int] = field(default_factory=count)

    def node(
        self, operation: str, inputs: Sequence[str], domain: str = "", **attributes: Any
    ) -> str:
        """The output of a new node."""
        output = f"{operation}_{next(self._names)}"
        self._nodes.append(
            helper.make_node(operation, inputs, [output], output, domain=domain, **attributes)
        )
        return output

    def constant(self, value: npt.NDArray[Any]) -> str:
        """The name of a constant tensor; small ones that are alike are one."""
        if value.nbytes > SMALL:
            name = f"constant_{next(self._names)}"
            self._weights[name] = np.ascontiguousarray(value)
            self._constants.append(_elsewhere(name, value))
            return name
        key = (value.dtype.str, value.shape, value.tobytes())
        if key not in self._known:
            self._known[key] = f"constant_{next(self._names)}"
            self._constants.append(numpy_helper.from_array(value, self._known[key]))
        return self._known[key]

    def reshaped(self, given: str, *shape: int) -> str:
        """The same numbers in the same order."""
        return self.node("Reshape", [given, self.constant(np.array(shape, np.int64))])

    def conv(
        self,
        given: str,
        weights: npt.NDArray[np.float32],
        bias: npt.NDArray[np.float32] | None = None,
        *,
        dilation: int = 1,
        pads: tuple[int, int] = (0, 0),
        stride: int = 1,
        groups: int = 1,
        plus: str = "",
        activation: str = "",
        alpha: float | None = None,
    ) -> str:
        """A convolution along the positions, weights (out, in, kernel), or (out, in, 1, kernel) if
        they are in the order of `in_blocks`; `plus` is added to it before the activation."""
        out, into, kernel = *weights.shape[:2], weights.shape[-1]
        if out % (groups * self.block) or into % self.block:
            raise Unsuitable(f"weights {weights.shape} do not fill blocks of {self.block}")
        ordered = weights if weights.ndim == 4 else in_blocks(weights, self.block)
        constants = [self.constant(ordered)]
        if bias is not None or plus:
            constants.append("" if bias is None else self.constant(bias))
        attributes: dict[str, Any] = {
            "kernel_shape": [1, kernel], "dilations": [1, dilation], "strides": [1, stride],
            "pads": [0, pads[0], 0, pads[1]], "group": groups,
        }  # fmt: skip
        if activation:
            attributes["activation"] = activation
        if alpha is not None:
            attributes["activation_params"] = [alpha]
        return self.node(
            "Conv", [given, *constants, *([plus] if plus else [])], BLOCKED, **attributes
        )

    def each(
        self,
        given: str,
        kernel: npt.NDArray[np.float32],
        channels: int,
        bias: npt.NDArray[np.float32] | None = None,
        *,
        pads: tuple[int, int, int, int] = (0, 0, 0, 0),
        dilation: int = 1,
        stride: int = 1,
        activation: str = "",
    ) -> str:
        """Each channel by itself convolved with the same kernel (rows, positions); dilation and
        stride are those of the rows, or where the kernel is a single row, of the positions."""
        rows, width = kernel.shape
        alike = np.broadcast_to(
            kernel.astype(np.float32)[..., None],
            (channels // self.block, rows, width, self.block),
        )
        constants = [self.constant(alike.reshape(channels, 1, rows, width))]
        if bias is not None:
            constants.append(self.constant(bias))
        attributes = {"activation": activation} if activation else {}

        def steps(size: int) -> list[int]:
            return [1, size] if rows == 1 else [size, 1]

        return self.node("Conv", [given, *constants], BLOCKED, kernel_shape=[rows, width],
                         dilations=steps(dilation), strides=steps(stride), pads=list(pads),
                         group=channels, **attributes)  # fmt: skip

    def made_by(self, tensor: str) -> onnx.NodeProto:
        """The node that makes a tensor."""
        return next(node for node in reversed(self._nodes) if tensor in node.output)

    def last(self, node: onnx.NodeProto) -> onnx.NodeProto:
        """The node, moved behind all others, so that it may use what they make."""
        self._nodes = [*(other for other in self._nodes if other is not node), node]
        return node

    def taken(self) -> list[onnx.NodeProto]:
        """The nodes so far, for another model; those that follow may use what they make."""
        nodes, self._nodes = self._nodes, []
        return nodes

    def give_constants(self, proto: onnx.ModelProto) -> None:
        """Put the constants of the nodes that were taken into the model, which has to know their
        operations."""
        proto.graph.initializer.extend(
            numpy_helper.from_array(self._weights[tensor.name], tensor.name)
            if tensor.name in self._weights
            else tensor
            for tensor in self._constants
        )
        proto.opset_import.append(helper.make_opsetid(BLOCKED, 1))

    def part(self, inputs: Mapping[str, Sequence[int]]) -> Part:
        """The model from the inputs, with their shapes (-1 is any size), to what the last node
        makes."""
        graph = helper.make_graph(
            self._nodes,
            "part",
            [
                helper.make_tensor_value_info(
                    name, TensorProto.FLOAT, [size if size > 0 else None for size in shape]
                )
                for name, shape in inputs.items()
            ],
            [helper.make_tensor_value_info(self._nodes[-1].output[0], TensorProto.FLOAT, None)],
            self._constants,
        )
        opsets = [helper.make_opsetid("", 15), helper.make_opsetid(BLOCKED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        return Part(bytes(model.SerializeToString()), self._weights)


def in_blocks(weights: npt.NDArray[np.float32], block: int) -> npt.NDArray[np.float32]:
    """Weights (out, in, kernel) in the runtime's order: blocks of inputs by blocks of outputs,
    shape (out, in, 1, kernel)."""
    out, into, kernel = weights.shape
    split = weights.reshape(out // block, block, into // block, block, kernel)
    ordered = np.ascontiguousarray(split.transpose(0, 2, 4, 3, 1))
    return ordered.reshape(out, into, 1, kernel)


def part_of(proto: onnx.ModelProto) -> Part:
    """The model, whose large constants are taken out of it."""
    weights = {}
    for tensor in proto.graph.initializer:
        if len(tensor.raw_data) > SMALL:
            kind = helper.tensor_dtype_to_np_dtype(tensor.data_type)
            weights[tensor.name] = np.frombuffer(tensor.raw_data, kind).reshape(tensor.dims)
            tensor.CopyFrom(_elsewhere(tensor.name, weights[tensor.name]))
    return Part(bytes(proto.SerializeToString()), weights)


def _elsewhere(name: str, value: npt.NDArray[Any]) -> TensorProto:
    """What stands in a graph for a constant that is given when the graph is loaded."""
    tensor = TensorProto(
        name=name,
        dims=value.shape,
        data_type=helper.np_dtype_to_tensor_dtype(np.dtype(value.dtype)),
        data_location=TensorProto.EXTERNAL,
    )
    tensor.external_data.add(key="location", value="memory")
    return tensor
