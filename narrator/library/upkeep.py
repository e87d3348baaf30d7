"""What a library holds, what of it can go, and whether it is whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from narrator.errors import LibraryError
from narrator.library import ENCODED, SEGMENTS, Library
from narrator.library.early import EARLY
from narrator.library.segments import decode_segment

LEFT = 3600.0
"""Seconds after which early sound was left behind; a sentence is spoken in some."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How much a library holds."""

    segments: int
    segment_bytes: int
    """With what they were encoded to."""
    others: int
    other_bytes: int


@dataclass(frozen=True, slots=True)
class Damage:
    """A segment that cannot be used, and why."""

    name: str
    reason: str


def usage(library: Library) -> Usage:
    """How many files and bytes there are."""
    counts: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for entry in library.entries():
        kind = next((kind for kind in (SEGMENTS, ENCODED) if entry.name.startswith(kind)), "")
        counts[kind] += 1
        sizes[kind] += entry.size
    return Usage(counts[SEGMENTS], sizes[SEGMENTS] + sizes[ENCODED], counts[""], sizes[""])


def to_collect(
    library: Library, *, now: float, max_age: float | None = None, max_bytes: int | None = None
) -> Iterator[tuple[str, int]]:
    """Names and sizes of the segments and encodings to remove: those not used for `max_age` seconds
    before `now`, then the least recently used until what is left fits `max_bytes`."""
    entries = sorted(
        [*library.entries(SEGMENTS), *library.entries(ENCODED)], key=lambda entry: entry.used
    )
    left = sum(entry.size for entry in entries)
    for entry in entries:
        old = max_age is not None and now - entry.used > max_age
        over = max_bytes is not None and left > max_bytes
        if old or over:
            left -= entry.size
            yield entry.name, entry.size


def left_behind(library: Library, *, now: float) -> Iterator[tuple[str, int]]:
    """Names and sizes of what stands in the library for a moment only, and whose writer is gone."""
    for entry in library.entries(EARLY):
        if now - entry.used > LEFT:
            yield entry.name, entry.size


def damaged(library: Library) -> Iterator[Damage | None]:
    """One item a segment, None where it is whole, so that a caller can count along."""
    for entry in library.entries(SEGMENTS):
        try:
            data = library.read(entry.name, use=False)
        except LibraryError as error:
            yield Damage(entry.name, str(error))
            continue
        if data is None:
            continue  # Removed meanwhile.
        key = entry.name.removeprefix(SEGMENTS).removesuffix(".flac")
        try:
            decode_segment(key, data)
        except LibraryError as error:
            yield Damage(entry.name, str(error))
        else:
            yield None
