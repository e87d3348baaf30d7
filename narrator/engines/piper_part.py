"""A part of a model: its graph, and its weights beside it, so that nobody copies or parses them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper

SMALL = 1024
"""Bytes of a constant that stays in the graph."""


@dataclass(frozen=True, slots=True)
class Part:
    """An ONNX model ready to be loaded."""

    graph: bytes
    """Serialized, without the large constants."""
    weights: Mapping[str, npt.NDArray[Any]]
    """The large constants by name; not to be changed any more."""

    @classmethod
    def of(cls, proto: onnx.ModelProto) -> Self:
        """The model, whose large constants are taken out of it."""
        weights = {}
        for tensor in proto.graph.initializer:
            if len(tensor.raw_data) > SMALL:
                kind = helper.tensor_dtype_to_np_dtype(tensor.data_type)
                weights[tensor.name] = np.frombuffer(tensor.raw_data, kind).reshape(tensor.dims)
                tensor.CopyFrom(elsewhere(tensor.name, weights[tensor.name]))
        return cls(bytes(proto.SerializeToString()), weights)

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


def elsewhere(name: str, value: npt.NDArray[Any]) -> TensorProto:
    """What stands in a graph for a constant that is given when the graph is loaded."""
    tensor = TensorProto(
        name=name,
        dims=value.shape,
        data_type=helper.np_dtype_to_tensor_dtype(np.dtype(value.dtype)),
        data_location=TensorProto.EXTERNAL,
    )
    tensor.external_data.add(key="location", value="memory")
    return tensor
