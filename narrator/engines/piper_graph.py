"""The rewrite of a Piper model that makes its sound repeatable, its timing visible, and its first
sound early.

A Piper voice (VITS, Kim et al. 2021) draws noise twice, with RandomNormalLike: for the duration
predictor and for the prior. The runtime's generator advances with every call, so the same
sentence sounds different in another order or thread. Here both nodes become graph inputs, cut to
the length of the tensor that they imitated, and the frame count of each phoneme id an output.

Then the graph is cut in two where its decoder (HiFi-GAN, Kong et al. 2020) begins: the first half
says in one go what each frame shall be, the second makes the samples of any stretch of frames.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from math import ceil

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper
from piper.patch_voice_with_alignment import add_alignment_output

from narrator.engines.piper_blocks import Unsuitable, part_of
from narrator.engines.piper_decoder import sections
from narrator.engines.piper_flow import NAME, fast_flow
from narrator.engines.piper_part import NOISE_INPUTS, Section, SplitModel
from narrator.engines.piper_text import quicken_text, text_nodes

DECODER_START = "dec.conv_pre.weight"
"""Weights of the decoder's first convolution; its input are the frames."""

POINTWISE = frozenset({"LeakyRelu", "Add", "Div", "Mul", "Tanh", "Unsqueeze"})
"""Operations whose output depends on the same place of their inputs only."""


def split(model: bytes, block: int) -> SplitModel:
    """The model with explicit noise, cut before its flow and its decoder, which are written for
    kernels with `block` channels in a block if that can be. ValueError if it is no Piper model."""
    proto = onnx.load_from_string(model)
    channels = _make_noise_explicit(proto)
    frames_per_id = add_alignment_output(proto)
    sound = proto.graph.output[0].name
    start = [node for node in proto.graph.node if DECODER_START in node.input]
    if len(start) != 1:
        raise ValueError(f"no decoder ({DECODER_START})")
    frames = start[0].input[0]
    decoder = _downstream(proto, frames)
    flow = None
    others: list[str] = []
    try:
        parts = sections(decoder, _constants(proto, decoder), frames, block)
        flowing = [node for node in proto.graph.node if node.name.startswith(NAME)]
        flow = fast_flow(flowing, _constants(proto, flowing), block)
    except Unsuitable:
        others = _outside(proto, decoder, frames)
        parts = (_as_it_is(proto, decoder, [frames, *others], sound),)
    with suppress(Unsuitable):
        quicken_text(proto, _constants(proto, text_nodes(proto)), block)
    _keep(proto, [flow.prior if flow else frames, frames_per_id, *others])
    return SplitModel(part_of(proto), flow, parts, channels)


def _make_noise_explicit(proto: onnx.ModelProto) -> tuple[int, int]:
    """Put NOISE_INPUTS in the place of the random nodes; the channels of each."""
    nodes = proto.graph.node
    draws = [node for node in nodes if node.op_type == "RandomNormalLike"]
    if len(draws) != len(NOISE_INPUTS):
        raise ValueError(f"{len(draws)} random nodes instead of {len(NOISE_INPUTS)}")
    draws.sort(key=lambda node: not node.name.startswith("/dp/"))
    channels = (2, _prior_channels(proto))
    for draw, name, depth in zip(draws, NOISE_INPUTS, channels, strict=True):
        index = next(i for i, node in enumerate(nodes) if node.name == draw.name)
        del nodes[index]
        for offset, node in enumerate(_cut_to(draw.input[0], name, draw.output[0])):
            nodes.insert(index + offset, node)
        proto.graph.input.append(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, depth, f"{name}_length"])
        )
    for name, value in (("noise_first", 0), ("noise_axis", 2), ("shape_last", 3)):
        proto.graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [1], [value]))
    return channels


def _cut_to(like: str, noise: str, output: str) -> list[onnx.NodeProto]:
    """Nodes that cut the input `noise` to the last dimension of the tensor `like`."""
    return [
        helper.make_node("Shape", [like], [f"{noise}_shape"]),
        helper.make_node(
            "Slice",
            [f"{noise}_shape", "noise_axis", "shape_last", "noise_first"],
            [f"{noise}_last"],
        ),
        helper.make_node("Slice", [noise, "noise_first", f"{noise}_last", "noise_axis"], [output]),
    ]


def _prior_channels(proto: onnx.ModelProto) -> int:
    """Channels of the prior: the projection after the text encoder gives mean and deviation."""
    weights = {tensor.name: tensor.dims for tensor in proto.graph.initializer}
    projection = weights.get("enc_p.proj.weight")
    if projection is None:
        raise ValueError("no text encoder projection (enc_p.proj.weight)")
    return int(projection[0]) // 2


def _downstream(proto: onnx.ModelProto, tensor: str) -> list[onnx.NodeProto]:
    """The nodes that depend on the tensor, in order."""
    reached = {tensor}
    nodes = []
    for node in proto.graph.node:
        if reached.intersection(node.input):
            nodes.append(node)
            reached.update(node.output)
    return nodes


def _constants(
    proto: onnx.ModelProto, nodes: Iterable[onnx.NodeProto]
) -> dict[str, npt.NDArray[np.float32]]:
    """The constant tensors that the nodes use, by name."""
    used = {name for node in nodes for name in node.input}
    tensors = {t.name: t for t in proto.graph.initializer if t.name in used}
    tensors |= {
        node.output[0]: node.attribute[0].t
        for node in proto.graph.node
        if node.op_type == "Constant" and node.output[0] in used
    }
    return {name: numpy_helper.to_array(tensor) for name, tensor in tensors.items()}


def _outside(proto: onnx.ModelProto, decoder: Sequence[onnx.NodeProto], frames: str) -> list[str]:
    """What the decoder is given besides the frames: the speaker of a voice that has several."""
    made = {name for node in decoder for name in node.output}
    needed = {name for node in decoder for name in node.input}
    return sorted(needed - made - set(_constants(proto, decoder)) - {"", frames})


def _as_it_is(
    proto: onnx.ModelProto, decoder: Sequence[onnx.NodeProto], inputs: Sequence[str], sound: str
) -> Section:
    """The decoder as one section, for a processor or model that the rewrite is not made for."""
    constants = [
        numpy_helper.from_array(value, name) for name, value in _constants(proto, decoder).items()
    ]
    graph = helper.make_graph(
        decoder,
        "decoder",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in inputs],
        [helper.make_tensor_value_info(sound, TensorProto.FLOAT, None)],
        constants,
    )
    part = helper.make_model(graph, opset_imports=proto.opset_import, ir_version=proto.ir_version)
    reach, rate, width = _sizes(decoder, constants)
    whole = part_of(part)
    return Section(
        part=whole, any_length=whole, multiple=1, shape=(1, _prior_channels(proto), -1),
        reach=reach, rate=rate, width=width, groups=1, block=1,
    )  # fmt: skip


def _keep(proto: onnx.ModelProto, outputs: Collection[str]) -> None:
    """Leave of the model only what makes the outputs."""
    graph = proto.graph
    wanted = set(outputs)
    for i in reversed(range(len(graph.node))):
        if wanted.intersection(graph.node[i].output):
            wanted.update(graph.node[i].input)
        else:
            del graph.node[i]
    for i in reversed(range(len(graph.initializer))):
        if graph.initializer[i].name not in wanted:
            del graph.initializer[i]
    del graph.output[:]
    graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs
    )


def _sizes(
    decoder: Iterable[onnx.NodeProto], weights: Iterable[onnx.TensorProto]
) -> tuple[int, int, int]:
    """How many frames away a frame still changes a sample, the samples of a frame, and the numbers
    of the widest tensor for a frame, by the sizes of the kernels."""
    shapes = {tensor.name: list(tensor.dims) for tensor in weights}
    known: dict[str, tuple[int, int]] = {}  # Reach in positions, and positions of a frame.
    width = 0
    for node in decoder:
        reach, rate = max((known[name] for name in node.input if name in known), default=(0, 1))
        sizes = {a.name: list(a.ints) for a in node.attribute}
        if node.op_type == "Conv":
            reach += sizes["dilations"][0] * (sizes["kernel_shape"][0] - 1) // 2
            width = max(width, shapes[node.input[1]][0] * rate)
        elif node.op_type == "ConvTranspose":
            (stride,), (kernel,) = sizes["strides"], sizes["kernel_shape"]
            reach = reach * stride + max(sizes["pads"][0], kernel - 1 - sizes["pads"][0])
            rate *= stride
        elif node.op_type not in POINTWISE:
            raise ValueError(f"a decoder with {node.op_type}")
        known[node.output[0]] = (reach, rate)
    return max(ceil(reach / rate) for reach, rate in known.values()), rate, width
