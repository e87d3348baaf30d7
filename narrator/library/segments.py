"""Segment <-> bytes: a FLAC file whose comment holds the word times and a hash of the samples."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import soundfile

from narrator.errors import LibraryError
from narrator.library import SEGMENTS
from narrator.model import Segment, WordTime


def segment_name(key: str) -> str:
    """The name of a segment in a library."""
    return f"{SEGMENTS}{key}.flac"


def encode_segment(segment: Segment) -> bytes:
    """The segment as a FLAC file."""
    about = {
        "words": [[w.start, w.end] for w in segment.words],
        "estimated": segment.estimated,
        "sha256": _sha256(segment),
    }
    sink = io.BytesIO()
    with soundfile.SoundFile(
        sink, "w", segment.sample_rate, channels=1, subtype="PCM_16", format="FLAC"
    ) as file:
        file.comment = json.dumps(about, separators=(",", ":"))
        file.write(segment.samples)
    return sink.getvalue()


def decode_segment(key: str, data: bytes) -> Segment:
    """The segment of a FLAC file; LibraryError if it is damaged."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            about = json.loads(file.comment)
            samples = file.read(dtype="int16")
            rate = file.samplerate
        words = tuple(WordTime(start, end) for start, end in about["words"])
        segment = Segment(key, samples, rate, words, about["estimated"])
        intact = about["sha256"] == _sha256(segment)
    except (soundfile.SoundFileError, ValueError, KeyError, TypeError) as error:
        raise LibraryError(f"Segment {key} is damaged ({error}).") from error
    if not intact:
        raise LibraryError(f"Segment {key} is damaged (it is not what was written).")
    return segment


def _sha256(segment: Segment) -> str:
    """Hash of the samples and of the word times."""
    digest = hashlib.sha256(np.ascontiguousarray(segment.samples, dtype="<i2").tobytes())
    times = [[word.start, word.end] for word in segment.words]
    digest.update(json.dumps([segment.sample_rate, times, segment.estimated]).encode())
    return digest.hexdigest()
