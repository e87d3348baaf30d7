"""The rewrite of a Piper model that makes its sound repeatable and its timing visible.

A Piper voice (VITS, Kim et al. 2021) draws noise twice, with RandomNormalLike: for the duration
predictor and for the prior. The runtime's generator advances with every call, so the same
sentence sounds different in another order or thread. Here both nodes become graph inputs, cut to
the length of the tensor that they imitated, and the frame count of each phoneme id an output.
"""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper
from piper.patch_voice_with_alignment import add_alignment_output

NOISE_INPUTS = ("duration_noise", "prior_noise")
"""Graph inputs in the order in which the model draws them: (1, 2, ids) and (1, C, frames)."""


def with_explicit_noise(model: bytes) -> tuple[bytes, tuple[int, int]]:
    """The model with NOISE_INPUTS for its random nodes and the frames of each id as its second
    output, and the channels of each input. ValueError if it is no Piper model."""
    proto = onnx.load_from_string(model)
    nodes = proto.graph.node
    draws = [node for node in nodes if node.op_type == "RandomNormalLike"]
    if len(draws) != len(NOISE_INPUTS):
        raise ValueError(f"{len(draws)} random nodes instead of {len(NOISE_INPUTS)}")
    draws.sort(key=lambda node: not node.name.startswith("/dp/"))
    channels = (2, _prior_channels(proto))
    add_alignment_output(proto)
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
    return proto.SerializeToString(), channels


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
