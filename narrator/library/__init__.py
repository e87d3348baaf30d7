"""Named bytes: where segments and narrations are kept.

To add a store: write `narrator/library/<name>.py` with an `open_at(url) -> Library`, and add one
line to LIBRARIES. Names look like paths ("segments/n1-0a1b.flac"); what they name never changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO, Protocol

from narrator.errors import LibraryError, UsageError

SEGMENTS = "segments/"
"""Prefix of the names of segments."""

ENCODED = "encoded/"
"""Prefix of the names of sentences as they were last encoded; they go as segments do."""

NARRATIONS = "narrations/"
"""Prefix of the names of manifests."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that a library holds."""

    name: str
    size: int
    """Bytes."""
    used: float
    """When it was last written or read, seconds since the epoch."""


class Library(Protocol):
    """A store of named bytes that several threads and processes share."""

    def read(self, name: str, *, use: bool = True) -> bytes | None:
        """What is stored under the name, or None; counts as a use unless told otherwise."""
        ...

    def read_range(self, name: str, start: int, end: int) -> bytes | None:
        """The bytes from `start` up to `end`, exclusively, or None; no use of it. Fewer bytes
        where what is stored ends before."""
        ...

    def size(self, name: str) -> int | None:
        """Bytes stored under the name, or None; no use of it."""
        ...

    def at_once(self, name: str, start: int, end: int) -> bytearray | None:
        """As `read_range`, where all of it is in the memory of this machine; None where it would
        have to be waited for, or is not there. An event loop may ask."""
        ...

    def holds(self, name: str) -> bool | None:
        """Whether something is stored under the name; None where to ask takes a network. An event
        loop may ask."""
        ...

    def write(self, name: str, data: bytes | BinaryIO, *, lasting: bool = True) -> None:
        """Store it (of a file, what follows its position) unless the name is taken: the first one
        written stays. StorageFull where there is no room, LibraryError where it cannot be written;
        never half a file, and what is written stays through a crash. What is not `lasting` is
        written sooner, and a crash of the machine may leave it lost or damaged."""
        ...

    def replace(self, name: str, data: bytes) -> None:
        """Store it under the name in place of what is there, which nobody ever sees half replaced;
        only for what was found damaged. Errors as those of `write`."""
        ...

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """All that is stored under names that begin with the prefix, in no order; LibraryError
        where that cannot be told."""
        ...

    def remove(self, name: str) -> None:
        """Forget the name; nothing happens if there is none."""
        ...

    def lease(self, name: str) -> AbstractContextManager[bool]:
        """For the block, the right to make what the name stands for: others wait, to find it made.
        False where the holder took too long, or the store knows no leases: it may then be made
        twice, which is a waste and no harm."""
        ...

    def free(self) -> int | None:
        """Bytes that can still be written; None where that is not known."""
        ...

    def address(self, name: str, seconds: float) -> str | None:
        """A URL at which anyone can fetch what is stored under the name, for so long; None where
        the store serves nobody. Asks nothing of the store."""
        ...


LIBRARIES = {
    "file": "narrator.library.files",
    "s3": "narrator.library.objects",
    "gs": "narrator.library.objects",
    "az": "narrator.library.objects",
}
"""URL scheme -> module that holds open_at(url), imported at use; a plain path is a `file`."""


def open_library(where: str) -> Library:
    """The library at a folder or URL; UsageError for a scheme that is not known."""
    scheme, separator, _ = where.partition("://")
    if not separator:
        scheme = "file"
    if scheme not in LIBRARIES:
        known = ", ".join(sorted(LIBRARIES))
        raise UsageError(f"No library at {where!r}: known schemes are {known}, or give a folder.")
    library: Library = import_module(LIBRARIES[scheme]).open_at(where)
    return library


def checked(name: str) -> str:
    """The name, if it can name something; LibraryError. It ends in "<tag>-<hash>.<kind>"."""
    folder, _, base = name.rpartition("/")
    if "-" not in base or ".." in folder.split("/") or name.startswith("/"):
        raise LibraryError(f"{name!r} cannot name anything in a library.")
    return name
