"""The rewrite of a Piper model that makes its sound repeatable, its timing visible, and its first
sound early.

A Piper voice (VITS, Kim et al. 2021) draws noise twice, with RandomNormalLike: for the duration
predictor and for the prior. The runtime's generator advances with every call, so the same
sentence sounds different in another order or thread. Here both nodes become graph inputs, cut to
the length of the tensor that they imitated, and the frame count of each phoneme id an output.

Then the graph is cut in two where its decoder (HiFi-GAN, Kong et al. 2020) begins: the first half
says in one go what each frame shall be, the second makes the samples of any stretch of frames,
which depend on no frame farther off than `reach`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

import onnx
from onnx import TensorProto, helper
from piper.patch_voice_with_alignment import add_alignment_output

NOISE_INPUTS = ("duration_noise", "prior_noise")
"""Graph inputs in the order in which the model draws them: (1, 2, ids) and (1, C, frames)."""

DECODER_START = "dec.conv_pre.weight"
"""Weights of the decoder's first convolution; its input are the frames."""

POINTWISE = frozenset({"LeakyRelu", "Add", "Div", "Mul", "Tanh", "Unsqueeze"})
"""Operations whose output depends on the same place of their inputs only."""


@dataclass(frozen=True, slots=True)
class SplitModel:
    """A Piper model in two halves, each serialized."""

    encoder: bytes
    """Phoneme ids, lengths, scales, NOISE_INPUTS -> frames (1, C, n), frames of each id, and what
    else the decoder needs, in the order of its inputs."""
    decoder: bytes
    """Frames -> samples (1, 1, n x hop)."""
    noise_channels: tuple[int, int]
    """C of each of NOISE_INPUTS."""
    reach: int
    """Frames on either side that have a part in the samples of a frame."""


def split(model: bytes) -> SplitModel:
    """The model with explicit noise, cut before its decoder. ValueError if it is no Piper model."""
    proto = onnx.load_from_string(model)
    channels = _make_noise_explicit(proto)
    frames_per_id = add_alignment_output(proto)
    sound = proto.graph.output[0].name
    start = [node for node in proto.graph.node if DECODER_START in node.input]
    if len(start) != 1:
        raise ValueError(f"no decoder ({DECODER_START})")
    frames = start[0].input[0]
    decoder = _downstream(proto, frames)
    made = {name for node in decoder for name in node.output}
    weights = {tensor.name for tensor in proto.graph.initializer}
    constants = [
        node for node in proto.graph.node if node.op_type == "Constant" and node not in decoder
    ]
    known = made | weights | {name for node in constants for name in node.output} | {"", frames}
    others = sorted({name for node in decoder for name in node.input} - known)
    return SplitModel(
        encoder=_part(proto, (), [frames, frames_per_id, *others]),
        decoder=_part(proto, [frames, *others], [sound]),
        noise_channels=channels,
        reach=_reach(decoder, frames),
    )


def _make_noise_explicit(proto: onnx.ModelProto) -> tuple[int, int]:
    """Put NOISE_INPUTS in the place of the random nodes; the channels of each."""
    nodes = proto.graph.node
    draws = [node for node in nodes if node.op_type == "RandomNormalLike"]
    if len(draws) != len(NOISE_INPUTS):
        raise ValueError(f"{len(draws)} random nodes instead of {len(NOISE_INPUTS)}")
    draws.sort(key=lambda node: not node.name.startswith("/dp/"))
    channels = (2, _prior_channels(proto))
    for draw, name, depth in zip(draws, NOISE_INPUTS, channels, strict=True):
        index = list(nodes).index(draw)
        nodes.remove(draw)
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


def _part(proto: onnx.ModelProto, inputs: Iterable[str], outputs: Iterable[str]) -> bytes:
    """The part of the model that makes the outputs of the inputs, and of the model's own."""
    given = set(inputs)
    wanted = set(outputs)
    nodes = []
    for node in reversed(proto.graph.node):
        if wanted.intersection(node.output):
            nodes.append(node)
            wanted.update(set(node.input) - given)
    own = [value for value in proto.graph.input if value.name in wanted]
    graph = helper.make_graph(
        nodes[::-1],
        "part",
        [*(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in inputs), *own],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [tensor for tensor in proto.graph.initializer if tensor.name in wanted],
    )
    part = helper.make_model(graph, opset_imports=proto.opset_import, ir_version=proto.ir_version)
    return bytes(part.SerializeToString())


def _reach(decoder: Iterable[onnx.NodeProto], frames: str) -> int:
    """How many frames away a frame still changes a sample, by the sizes of the kernels."""
    reach = {frames: (0, 1)}  # Samples of the tensor, and how many of them a frame has.
    for node in decoder:
        known = [reach[name] for name in node.input if name in reach]
        width, rate = max(known)
        sizes = {a.name: list(a.ints) for a in node.attribute}
        if node.op_type == "Conv":
            width += sizes["dilations"][0] * (sizes["kernel_shape"][0] - 1) // 2
        elif node.op_type == "ConvTranspose":
            (stride,), (kernel,) = sizes["strides"], sizes["kernel_shape"]
            width = width * stride + max(sizes["pads"][0], kernel - 1 - sizes["pads"][0])
            rate *= stride
        elif node.op_type not in POINTWISE:
            raise ValueError(f"a decoder with {node.op_type}")
        reach[node.output[0]] = (width, rate)
    return max(ceil(width / rate) for width, rate in reach.values())
