"""Whole commands that make sound of the same script, and what is needed to run each.

A contender other than ours gets the script that we wrote, a sentence a line, so that all speak the
same words; none of them masters and encodes and keeps and times what it says, as ours does.
"""

from __future__ import annotations

import json
import sys
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from narrator.bench.measured import Run, finished
from narrator.bench.server import piper_server
from narrator.engines.catalogue import default_voice, voice_paths


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


def _server(given: Task, folder: Path) -> Run:
    """Sentence by sentence from a server that is running already, so that its start costs it
    nothing; CPU and memory are those of its whole life."""
    plays = seconds = 0.0
    with piper_server(given.model) as server:
        for sentence in given.script.splitlines():
            began = time.perf_counter()
            answer = server.answer(sentence)
            seconds += time.perf_counter() - began
            (folder / "answer.wav").write_bytes(answer)
            plays += seconds_of(folder / "answer.wav")
    return Run(seconds, server.used.cpu_seconds, server.used.peak_mb, plays)


CONTENDERS = (
    Contender("narrator", "mastered MP3 with chapters", (), "", _narrator),
    Contender("piper", "WAV", (), "", _piper),
    Contender(
        "piper's HTTP server",
        "WAV, sentence by sentence, the voice loaded",
        ("flask",),
        "article-narrator[bench]",
        _server,
    ),
    Contender(
        "loudness-tts", "WAV at -16 LUFS", ("loudness_tts",), "article-narrator[bench]", _loudness
    ),
)
"""Ours comes first; the others are compared with it."""


def seconds_of(path: Path) -> float:
    """How long a WAV file plays."""
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())
