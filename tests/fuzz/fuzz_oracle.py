"""Whether what an input does is as it should be, and the smallest input that does the same."""

from __future__ import annotations

import hashlib
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fuzz_targets import EXPECTED, Target

SECONDS = 1.0
SECONDS_BYTE = 300e-6
"""CPU seconds that an input may take, and more for each byte. A reader that the fuzzer watches is
a few times slower than it is otherwise."""

MEMORY = 200_000_000
MEMORY_BYTE = 5_000
"""Bytes of memory that an input may take, and more for each byte."""

SHRINKING_SECONDS = 60.0
"""For which a smaller input is looked for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an input did that none should."""

    kind: str
    """The same for inputs that do the same."""
    detail: str


def judge(target: Target, data: bytes) -> Finding | None:
    """What is wrong with what comes of the input, if anything."""
    _forget_peak()
    before = _memory("VmRSS")
    first, seconds = _timed(target, data)
    grown = _memory("VmHWM") - before
    if isinstance(first, Finding):
        return first
    again, seconds_again = _timed(target, data)
    if again != first:
        return Finding("answers differ", f"{first!r:.500}\n{again!r:.500}")
    allowed = SECONDS + SECONDS_BYTE * len(data)
    if min(seconds, seconds_again) > allowed:
        taken = min(seconds, seconds_again)
        return Finding("slow", f"{len(data)} bytes take {taken:.1f} s of CPU, not {allowed:.1f} s")
    if grown > MEMORY + MEMORY_BYTE * len(data):
        return Finding("memory", f"{len(data)} bytes take {grown / 1e6:.0f} MB")
    if not isinstance(first, Refusal):
        word = target.invented(data, first)
        if word:
            return Finding("a word is invented", repr(word))
    return None


@dataclass(frozen=True, slots=True)
class Refusal:
    """The error of ours that an input was answered with."""

    kind: str
    message: str


def _timed(target: Target, data: bytes) -> tuple[object, float]:
    began = time.process_time()
    result = _outcome(target, data)
    return result, time.process_time() - began


def _outcome(target: Target, data: bytes) -> object:
    try:
        return target.read(data)
    except EXPECTED as error:
        return Refusal(type(error).__name__, str(error))
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if "/narrator/" in frame.filename] or frames
        where = f"{Path(ours[-1].filename).name}:{ours[-1].name}"
        return Finding(f"{type(error).__name__} in {where}", traceback.format_exc())


def digest(target: Target, data: bytes) -> str:
    """A hash of what comes of an input, to be compared with other processes'."""
    return hashlib.sha256(repr(_outcome(target, data)).encode("utf-8", "replace")).hexdigest()


def shrunk(data: bytes, same: Callable[[bytes], bool]) -> bytes:
    """A part of the input that is still the `same`, as small as is found soon."""
    deadline = time.monotonic() + SHRINKING_SECONDS
    step = len(data) // 2
    while step:
        start = 0
        while start < len(data):
            if time.monotonic() > deadline:
                return data
            smaller = data[:start] + data[start + step :]
            if same(smaller):
                data = smaller
            else:
                start += step
        step //= 2
    return data


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _memory(what: str) -> int:
    """Bytes that this process takes, or took at most."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024
    return 0
