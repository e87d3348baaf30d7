"""What is kept of a finished narration: its manifest, and its files."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from narrator.errors import DamagedRecord

FILES = "files/"
"""Prefix of the names of finished files."""

SEGMENT_LIST = "segments.json"
"""The file of a narration that names its segments."""

SOUND = "audio.mp3"
"""The file without which there is no narration."""

TRANSCRIPT = "transcript.txt"
"""The words of a narration's article; its hash stands for them."""

LATEST = 1e11
"""Seconds since the epoch; no clock of ours says more."""

_STORED = re.compile(rf"{FILES}f1-[0-9a-f]{{64}}\.[a-z0-9]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A finished file of a narration."""

    name: str
    """In the library."""
    size: int
    """Bytes."""
    sha256: str
    type: str
    """Content type."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A finished narration: what it is, and its files."""

    id: str
    article: str
    """Id of the article that it was first made for."""
    title: str
    language: str
    voice: str
    speed: float
    duration: float
    """Seconds."""
    sentences: int
    created: float
    """Seconds since the epoch."""
    author: str = ""
    date: str = ""
    url: str = ""
    summary: str = ""
    """How the body begins."""
    listed: bool = True
    files: dict[str, StoredFile] = field(default_factory=dict)
    """By the last part of their address, such as "audio.mp3"."""
    warnings: tuple[str, ...] = ()


MANIFEST = TypeAdapter(Manifest)


def check_manifest(manifest: Manifest, narration_id: str) -> None:
    """DamagedRecord where a manifest has the right form and says what none of ours says."""
    numbers = (manifest.speed, manifest.duration, manifest.created)
    right = (
        manifest.id == narration_id
        and SOUND in manifest.files
        and all(math.isfinite(number) and number >= 0 for number in numbers)
        and manifest.created < LATEST
        and all(
            _STORED.fullmatch(file.name) and _SHA256.fullmatch(file.sha256) and file.size >= 0
            for file in manifest.files.values()
        )
    )
    if not right:
        raise DamagedRecord(
            f"The manifest of {narration_id} is damaged: it says what cannot be. `narrator library "
            "repair` mends it; the narration is made anew when it is asked for again."
        )
