"""Samples of a sentence that is being spoken elsewhere, for who listens already.

They are the beginning of its segment, in stretches that are numbered from 0, and stand in the
library until that does: whoever speaks puts them there and takes them away. Nothing depends on
them but how soon the sound begins.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrator.library import Library
from narrator.model import Samples

EARLY = "early/"
"""Prefix of their names."""

FIRST = 1.0
"""Seconds of the first stretch: mastering hears ahead and the encoder holds back; less would be no
sound yet."""

LONGER = 2
"""Each stretch is so many times as long as the one before: few are needed, and all come in time."""


def early_name(key: str, number: int) -> str:
    """The name of a stretch of the segment of that key."""
    return f"{EARLY}{key}.{number}"


def early_samples(library: Library, key: str, number: int) -> Samples | None:
    """A stretch, if it is there."""
    data = library.read(early_name(key, number), use=False)
    return None if data is None else np.frombuffer(data, "<i2").astype(np.int16)


class EarlySound:
    """Puts into a library what is heard of one sentence."""

    def __init__(
        self, library: Library, key: str, sample_rate: int, tell: Callable[[str], None]
    ) -> None:
        self._library = library
        self._key = key
        self._tell = tell
        self._wanted = round(FIRST * sample_rate)
        """Samples of the next stretch."""
        self._heard: list[Samples] = []
        """Not in the library yet."""
        self._count = 0

    def hear(self, samples: Samples) -> None:
        """The next samples; see Engine.speak. What is told is the name of each stretch."""
        self._heard.append(samples)
        if sum(map(len, self._heard)) >= self._wanted:
            name = early_name(self._key, self._count)
            self._library.write(name, np.concatenate(self._heard).astype("<i2").tobytes())
            self._tell(name)
            self._heard.clear()
            self._count += 1
            self._wanted *= LONGER

    def remove(self) -> None:
        """The segment is in the library, or will not be."""
        for number in range(self._count):
            self._library.remove(early_name(self._key, number))
