"""How soon something is heard after an article is asked for, the voice being loaded.

`python -m narrator.bench.listening ROUNDS` prints ours as JSON, measured in a process of its own.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from time import perf_counter

import numpy as np
import soundfile

from narrator.bench.measured import finished
from narrator.bench.server import WARM_UP, PiperServer
from narrator.errors import BenchError
from narrator.making import make
from narrator.model import Article, Encoded
from narrator.planning import plan
from narrator.reading import read
from narrator.settings import load_settings
from narrator.studio import Studio

AUDIBLE = 0.01
"""Amplitude, full scale at 1.0, that is taken for the beginning of speech."""

OPENINGS = {
    "an ordinary first sentence": "Two very different dreams changed that, and neither was a toy.",
    "a first sentence of 15 seconds": (
        "When the first machines that could hold a voice were shown to the public, people who had "
        "never doubted a photograph refused to believe what they heard, looked behind the curtain "
        "for the man who must be speaking, and went home to tell their families that somebody had "
        "found a way to keep the breath of a stranger in a box."
    ),
}
"""What is heard first -> the sentence."""


def ours(rounds: int) -> dict[str, list[float]]:
    """Seconds from the request to the first MP3 bytes that decode to speech, by opening; nothing of
    the article being in the library."""
    done = finished([sys.executable, "-m", "narrator.bench.listening", str(rounds)])
    heard: dict[str, list[float]] = json.loads(done.output)
    return heard


def _ours(opening: str, rounds: int) -> list[float]:
    """The seconds for one opening, measured in this process."""
    article = read(f"{opening}\n\nAnother sentence follows it.", format="text")
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(load_settings(library=folder))
        _first_sound(studio, read(WARM_UP, format="text"))
        times = []
        for _ in range(rounds):
            times.append(_first_sound(studio, article))
            for entry in list(studio.library.entries()):
                studio.library.remove(entry.name)
        return times


def _first_sound(studio: Studio, article: Article) -> float:
    with tempfile.TemporaryFile() as file:
        began = perf_counter()
        with closing(make(studio, plan(studio, article), file, "mp3", live=True)) as events:
            return first_heard(
                (perf_counter() - began, event.data)
                for event in events
                if isinstance(event, Encoded)
            )


def first_heard(chunks: Iterable[tuple[float, bytes]]) -> float:
    """When, of chunks of an MP3 stream that came at given seconds, the first speech was there."""
    stream = b""
    for came, data in chunks:
        stream += data
        if _audible(stream):
            return came
    raise BenchError("The stream ended without speech.")


def _audible(stream: bytes) -> bool:
    """Whether a beginning of an MP3 stream holds speech."""
    try:
        samples, _ = soundfile.read(io.BytesIO(stream), dtype="float32")
    except soundfile.SoundFileError:
        return False
    return bool(len(samples) and np.abs(samples).max() > AUDIBLE)


def piper_server_answers(server: PiperServer, opening: str, rounds: int) -> list[float]:
    """Seconds until Piper's HTTP server, its voice loaded, has answered with the first sentence
    alone as a WAV: the soonest that a client which sends sentence by sentence can play."""
    times = []
    for _ in range(rounds):
        began = perf_counter()
        server.answer(opening)
        times.append(perf_counter() - began)
    return times


if __name__ == "__main__":
    print(json.dumps({what: _ours(text, int(sys.argv[1])) for what, text in OPENINGS.items()}))
