"""The text encoder of a Piper model (a transformer; VITS, Kim et al. 2021) with fewer products.

Most of its cost are the two convolutions over three phonemes of each layer's feed-forward part,
computed here as in piper_winograd.py. A voice says one run of phonemes at a time, so the masks of
the model, for what fills a shorter text of a batch, leave everything as it is: they are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import onnx

from narrator.engines.piper_blocks import Graph, Unsuitable
from narrator.engines.piper_winograd import pays, tiled

LAYERS = "/enc_p/encoder/ffn_layers."
"""How the names of the nodes begin; the number of the layer follows."""

STEPS = {
    "Mul": "Mul", "Pad": "Pad", "conv_1/Conv": "Conv", "Relu": "Relu",
    "Mul_1": "Mul", "Pad_1": "Pad", "conv_2/Conv": "Conv", "Mul_2": "Mul",
}  # fmt: skip
"""The nodes of a layer, one after the other, and what each does."""

KERNEL = 3

Weights = Mapping[str, npt.NDArray[np.float32]]


def text_nodes(proto: onnx.ModelProto) -> list[onnx.NodeProto]:
    """The nodes of all feed-forward parts."""
    return [node for node in proto.graph.node if node.name.startswith(LAYERS)]


def quicken_text(proto: onnx.ModelProto, weights: Weights, block: int) -> None:
    """Rewrite the feed-forward parts of the model for kernels with blocks of that size; its
    constants are `weights`. Unsuitable, and nothing is changed, if they have another structure."""
    named = {node.name: node for node in text_nodes(proto)}
    numbers = {name[len(LAYERS) :].partition("/")[0] for name in named}
    if block == 1 or not numbers:
        raise Unsuitable("no feed-forward parts for kernels for blocks of channels")
    layers = [_layer(named, number) for number in sorted(numbers, key=int)]
    graph = Graph(block)
    written = []
    for first, last, convolutions in layers:
        made = _fed_forward(
            graph, first.input[0], [[weights[name] for name in c.input[1:]] for c in convolutions]
        )
        graph.made_by(made).output[0] = last.output[0]
        written.append((last, graph.taken()))
    nodes = proto.graph.node
    for last, new in written:
        index = next(i for i, node in enumerate(nodes) if node.name == last.name)
        del nodes[index]
        for offset, node in enumerate(new):
            nodes.insert(index + offset, node)
    graph.give_constants(proto)


def _layer(
    named: Mapping[str, onnx.NodeProto], number: str
) -> tuple[onnx.NodeProto, onnx.NodeProto, list[onnx.NodeProto]]:
    """The first and the last node of a layer, and its convolutions."""
    steps = [named.get(f"{LAYERS}{number}/{name}") for name in STEPS]
    known = [step for step in steps if step is not None]
    chained = all(before.output[0] == after.input[0] for before, after in pairwise(known))
    if [step.op_type for step in known] != list(STEPS.values()) or not chained:
        raise Unsuitable(f"feed-forward part {number}")
    convolutions = [step for step in known if step.op_type == "Conv"]
    for node in convolutions:
        given = {a.name: list(a.ints) or a.i for a in node.attribute}
        expected = {"kernel_shape": [KERNEL], "dilations": [1], "strides": [1], "group": 1}
        if any(given.get(k, v) != v for k, v in expected.items()) or any(given.get("pads", [])):
            raise Unsuitable(f"the convolution {node.name}")
    return known[0], known[-1], convolutions


def _fed_forward(
    graph: Graph, given: str, convolutions: list[list[npt.NDArray[np.float32]]]
) -> str:
    """Both convolutions, the first with a Relu, over (1, channels, phonemes)."""
    block = graph.block
    ends = graph.node("Shape", [given], start=2, end=3)
    zero, one = (graph.constant(np.array([number])) for number in (0, 1))
    (wide, bias), (narrow, other_bias) = convolutions
    if not pays(wide) or not pays(narrow) or {wide.shape[2], narrow.shape[2]} != {KERNEL}:
        raise Unsuitable(f"weights {wide.shape} and {narrow.shape}")
    hidden = graph.reshaped(given, wide.shape[1] // block, block, -1)
    hidden = graph.node("Transpose", [hidden], perm=[0, 2, 1])
    for weights, offset, activation in ((wide, bias, "Relu"), (narrow, other_bias, "")):
        out, into, _ = weights.shape
        if out % block or into % block:
            raise Unsuitable(f"weights {weights.shape} do not fill blocks of {block}")
        picture = graph.reshaped(hidden, 1, into, 1, -1)
        made = tiled(graph, picture, weights, offset, 1, ragged=True, activation=activation)
        whole = graph.reshaped(made, out // block, -1, block)
        hidden = graph.node("Slice", [whole, zero, ends, one])
    turned = graph.node("Transpose", [hidden], perm=[0, 2, 1])
    return graph.reshaped(turned, 1, narrow.shape[0], -1)
