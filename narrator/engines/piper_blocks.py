"""The runtime's kernels for tensors in blocks of channels ("NCHWc"), written down by hand.

ONNX Runtime has them for pictures: a block of channels, as many as a register of the processor
holds, lies side by side in memory. Its own rewrite to this layout goes back and forth around each
operation that it has no such kernel for. Operations that work number by number need none: a graph
that is written in the layout from the start stays in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

BLOCKED = "com.microsoft.nchwc"
"""The runtime's domain for operations on tensors in blocks of channels."""


class Unsuitable(Exception):
    """The decoder is not built as the rewrite expects; it can be run as it is."""


@cache
def block_size() -> int:
    """Channels in a block of this processor, 1 where the runtime has no such kernels or they do
    not compute what is expected of them."""
    rng = np.random.default_rng(1)
    sound = rng.integers(-9, 9, (1, 32, 1, 8)).astype(np.float32)
    weights = rng.integers(-9, 9, (32, 32, 3)).astype(np.float32)
    graph = Graph(16)
    try:
        graph.node("ReorderInput", ["in"], BLOCKED)
        (order,) = graph.session("in", (1, 32, 1, 8)).run(
            None, {"in": np.arange(256, dtype=np.float32).reshape(1, 32, 1, 8)}
        )
        block = int(np.argmax(order.reshape(-1) == 1.0))  # Position 1 follows a block of channels.
        if block not in (8, 16):
            return 1
        graph = Graph(block)
        given = graph.node("ReorderInput", ["in"], BLOCKED)
        graph.node("Conv", [given, graph.constant(in_blocks(weights, block))], BLOCKED,
                   kernel_shape=[1, 3], pads=[0, 1, 0, 1])  # fmt: skip
        (found,) = graph.session("in", (1, 32, 1, 8)).run(None, {"in": sound})
    except Exception:  # Whatever the runtime says, its kernels cannot be used.
        return 1
    padded = np.pad(sound[0, :, 0], ((0, 0), (1, 1)))
    heard = np.stack([padded[:, k : k + 8] for k in range(3)])
    expected = np.einsum("oik,kip->op", weights, heard)
    right = np.array_equal(found.reshape(-1), blocked(expected, block).reshape(-1))
    return block if right else 1


def blocked(tensor: npt.NDArray[np.float32], block: int) -> npt.NDArray[np.float32]:
    """A tensor (channels, positions) as (groups, positions, block)."""
    channels, positions = tensor.shape
    grouped = tensor.reshape(channels // block, block, positions)
    return np.ascontiguousarray(grouped.transpose(0, 2, 1))


@dataclass(slots=True)
class Graph:
    """An ONNX graph being written."""

    block: int
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    _names: count[int] = field(default_factory=count)

    def node(self, operation: str, inputs: list[str], domain: str = "", **attributes: Any) -> str:
        """The output of a new node."""
        output = f"{operation}_{next(self._names)}"
        self.nodes.append(
            helper.make_node(operation, inputs, [output], output, domain=domain, **attributes)
        )
        return output

    def constant(self, value: npt.NDArray[Any]) -> str:
        name = f"constant_{next(self._names)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def conv(
        self, given: str, weights: npt.NDArray[np.float32], bias: npt.NDArray[np.float32] | None,
        dilation: int, pads: tuple[int, int], stride: int = 1,
    ) -> onnx.NodeProto:  # fmt: skip
        """A new convolution of blocks; weights (out, in, kernel)."""
        if weights.shape[0] % self.block or weights.shape[1] % self.block:
            raise Unsuitable(f"weights {weights.shape} do not fill blocks of {self.block}")
        constants = [self.constant(in_blocks(weights, self.block))]
        if bias is not None:
            constants.append(self.constant(bias))
        self.node(
            "Conv", [given, *constants], BLOCKED, kernel_shape=[1, weights.shape[2]],
            dilations=[1, dilation], pads=[0, pads[0], 0, pads[1]], strides=[1, stride],
        )  # fmt: skip
        return self.nodes[-1]

    def last(self, node: onnx.NodeProto) -> onnx.NodeProto:
        """The node, moved behind all others, so that it may use what they make."""
        self.nodes = [*(other for other in self.nodes if other is not node), node]
        return node

    def serialized(self, given: str, shape: tuple[int, ...]) -> bytes:
        """The model from the input `given` to what the last node makes; -1 is any size."""
        graph = helper.make_graph(
            self.nodes,
            "section",
            [helper.make_tensor_value_info(
                given, TensorProto.FLOAT, [size if size > 0 else "n" for size in shape])],
            [helper.make_tensor_value_info(self.nodes[-1].output[0], TensorProto.FLOAT, None)],
            self.constants,
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 15), helper.make_opsetid(BLOCKED, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        return bytes(model.SerializeToString())

    def session(self, given: str, shape: tuple[int, ...]) -> onnxruntime.InferenceSession:
        """The graph, ready to run."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        return onnxruntime.InferenceSession(
            self.serialized(given, shape), options, providers=["CPUExecutionProvider"]
        )


def in_blocks(weights: npt.NDArray[np.float32], block: int) -> npt.NDArray[np.float32]:
    """Weights (out, in, kernel) in the runtime's order: blocks of inputs by blocks of outputs,
    shape (out, in, 1, kernel)."""
    out, into, kernel = weights.shape
    split = weights.reshape(out // block, block, into // block, block, kernel)
    ordered = np.ascontiguousarray(split.transpose(0, 2, 4, 3, 1))
    return ordered.reshape(out, into, 1, kernel)
