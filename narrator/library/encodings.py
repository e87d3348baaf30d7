"""Sentences as they were last encoded: what is encoded the same need not be encoded again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress

from narrator.errors import LibraryError, StorageFull
from narrator.library import ENCODED, Library

_HASH = hashlib.sha256().digest_size


def encoding_name(key: str) -> str:
    """The name in a library of what the segment with that key was encoded to."""
    return f"{ENCODED}{key}.mp3"


class KeptEncodings:
    """One encoding a segment, so that there are never more than what the segments account for: one
    of something else (another gain, or pause) takes its place."""

    def __init__(
        self, library: Library, check_room: Callable[[], None], wrote: Callable[[int], None]
    ) -> None:
        """`check_room` raises StorageFull where nothing may be written, `wrote` is told of the
        bytes that were."""
        self._library = library
        self._check_room = check_room
        self._wrote = wrote

    def encoded(self, name: str, made_of: str) -> bytes | None:
        """What the segment of that name was encoded to, if it was made of the same and is whole."""
        kept = self._library.read(encoding_name(name))
        if kept is None:
            return None
        data = kept[_HASH:]
        return data if kept[:_HASH] == _digest(made_of, data) else None

    def keep_encoded(self, name: str, made_of: str, data: bytes) -> None:
        """Keep what a segment was encoded to. If that cannot be, it is encoded again next time."""
        with suppress(LibraryError, StorageFull):
            self._check_room()
            self._library.remove(encoding_name(name))
            self._library.write(encoding_name(name), _digest(made_of, data) + data, lasting=False)
            self._wrote(len(data))


def _digest(made_of: str, data: bytes) -> bytes:
    return hashlib.sha256(made_of.encode() + data).digest()
