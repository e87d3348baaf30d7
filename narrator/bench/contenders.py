"""Whole commands that make sound of the same script, and what is needed to run each.

A contender other than ours gets the script that we wrote, a sentence a line, so that all speak the
same words; none of them masters and encodes and keeps and times what it says, as ours does.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from narrator.bench.measured import Run, finished
from narrator.engines.catalogue import default_voice, voice_paths
from narrator.errors import BenchError

START_LIMIT = 60.0
"""Seconds that a server may take until it answers."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every contender is given."""

    article: Path
    script: str
    """Our spoken sentences, one a line."""
    model: Path
    """The voice's model file."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to have an article spoken."""

    name: str
    makes: str
    """What comes out."""
    needs: tuple[str, ...]
    """Modules that must be installed."""
    package: str
    """How to install them."""
    speak: Callable[[Task, Path], Run]
    """One run from start to end, its files in an empty folder."""

    @property
    def missing(self) -> bool:
        """Whether something that it needs is not installed."""
        return any(find_spec(module) is None for module in self.needs)


def task(article: Path) -> Task:
    """What is to be spoken of an article."""
    script = finished([sys.executable, "-m", "narrator", "script", str(article)])
    return Task(article, script.output, voice_paths(default_voice("en"))[0])


def _narrator(given: Task, folder: Path) -> Run:
    done = finished(
        [sys.executable, "-m", "narrator", "narrate", str(given.article), "--json",
         "-o", str(folder / "narrator.mp3"), "--library", str(folder / "library")]
    )  # fmt: skip
    return done.playing(float(json.loads(done.output)["duration"]))


def _piper(given: Task, folder: Path) -> Run:
    target = folder / "piper.wav"
    command = [sys.executable, "-m", "piper", "-m", str(given.model), "-f", str(target)]
    return finished(command, given.script).playing(seconds_of(target))


def _loudness(given: Task, folder: Path) -> Run:
    target = folder / "loudness.wav"
    command = [
        sys.executable, "-m", "loudness_tts", "-", "-o", str(target), "--voice", str(given.model),
        "--offline", "--quiet",
    ]  # fmt: skip
    return finished(command, given.script).playing(seconds_of(target))


CONTENDERS = (
    Contender("narrator", "mastered MP3 with chapters", (), "", _narrator),
    Contender("piper", "WAV", (), "", _piper),
    Contender(
        "loudness-tts", "WAV at -16 LUFS", ("loudness_tts",), "article-narrator[bench]", _loudness
    ),
)
"""Ours comes first; the others are compared with it."""


def seconds_of(path: Path) -> float:
    """How long a WAV file plays."""
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


@contextmanager
def piper_server(model: Path) -> Iterator[str]:
    """The address of Piper's own HTTP server with the voice loaded, for the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "piper.http_server", "--host", "127.0.0.1", "--port", str(port),
        "-m", str(model),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise BenchError("Piper's HTTP server did not start. Is flask installed?")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
