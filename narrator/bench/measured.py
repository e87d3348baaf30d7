"""A process as a whole: what it took, and how long what it made plays."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from narrator.errors import BenchError

if TYPE_CHECKING:
    import resource


@dataclass(frozen=True, slots=True)
class Run:
    """One whole process."""

    seconds: float
    """By the clock, from start to end."""
    cpu_seconds: float
    peak_mb: float
    """Most memory at a time, megabytes."""
    plays: float
    """Seconds of audio that it made."""

    @property
    def rtf(self) -> float:
        """Real-time factor: seconds of work for a second of audio."""
        return self.seconds / self.plays


@dataclass(frozen=True, slots=True)
class Used:
    """What a process took of the machine."""

    cpu_seconds: float
    peak_mb: float


def used_by(usage: resource.struct_rusage) -> Used:
    """By a process that has ended."""
    # ru_maxrss is in kilobytes on Linux, in bytes on macOS.
    peak = usage.ru_maxrss / (1e6 if platform.system() == "Darwin" else 1e3)
    return Used(usage.ru_utime + usage.ru_stime, peak)


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that ended well."""

    output: str
    seconds: float
    cpu_seconds: float
    peak_mb: float

    def playing(self, plays: float) -> Run:
        """The run, whose sound plays so many seconds."""
        return Run(self.seconds, self.cpu_seconds, self.peak_mb, plays)


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some measurements, and how far they lie apart."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value."""
    return Spread(statistics.median(values), min(values), max(values))


def finished(command: Sequence[str], text: str = "") -> Finished:
    """A process that was given `text` on stdin; BenchError with the end of its complaints if it
    fails."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as stdin,
        tempfile.TemporaryFile("w+", encoding="utf-8") as stdout,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as stderr,
    ):
        stdin.write(text)
        stdin.seek(0)
        began = perf_counter()
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=stderr)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        seconds = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            stderr.seek(0)
            raise BenchError(
                f"{' '.join(command[:4])} ... failed with exit code {process.returncode}: "
                f"{stderr.read().strip()[-300:]}"
            )
        stdout.seek(0)
        used = used_by(usage)
        return Finished(stdout.read(), seconds, used.cpu_seconds, used.peak_mb)


def machine() -> dict[str, str]:
    """What the figures belong to."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    packages = ("article-narrator", "piper-tts", "onnxruntime", "numpy")
    return {
        "processor": _processor(),
        "cores": str(cores),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{package: version(package) for package in packages},
    }


def _processor() -> str:
    """The name that the processor gives itself."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def load_average() -> float:
    """Processes that wanted to run in the last minute; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
