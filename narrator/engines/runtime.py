"""ONNX Runtime, its telemetry off: the only module that imports it.

`narrator/__init__.py` switches the telemetry off before this import. Where a program imported the
runtime before narrator, that comes too late for what the runtime reports about the process; what
it would report about models and runs is switched off here.
"""

from __future__ import annotations

import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import Fail

__all__ = ["Fail", "onnxruntime"]

onnxruntime.disable_telemetry_events()
