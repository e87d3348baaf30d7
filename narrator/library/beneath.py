"""A library within another: what is spoken they share, all other names stand under a prefix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import BinaryIO

from narrator.library import ENCODED, SEGMENTS, Entry, Library

SHARED = (SEGMENTS, ENCODED)
"""Prefixes of the names that mean the same in both."""


class Beneath:
    """A Library whose names are, but for those of what is spoken, another's under a prefix."""

    def __init__(self, library: Library, prefix: str) -> None:
        """`prefix` ends in a slash."""
        self.library = library
        self.prefix = prefix

    def outer(self, name: str) -> str:
        """What the other library calls it."""
        return name if name.startswith(SHARED) else f"{self.prefix}{name}"

    def read(self, name: str, *, use: bool = True) -> bytes | None:
        """See Library.read."""
        return self.library.read(self.outer(name), use=use)

    def read_range(self, name: str, start: int, end: int) -> bytes | None:
        """See Library.read_range."""
        return self.library.read_range(self.outer(name), start, end)

    def size(self, name: str) -> int | None:
        """See Library.size."""
        return self.library.size(self.outer(name))

    def at_once(self, name: str, start: int, end: int) -> bytearray | None:
        """See Library.at_once."""
        return self.library.at_once(self.outer(name), start, end)

    def holds(self, name: str) -> bool | None:
        """See Library.holds."""
        return self.library.holds(self.outer(name))

    def write(self, name: str, data: bytes | BinaryIO, *, lasting: bool = True) -> None:
        """See Library.write."""
        self.library.write(self.outer(name), data, lasting=lasting)

    def replace(self, name: str, data: bytes) -> None:
        """See Library.replace."""
        self.library.replace(self.outer(name), data)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """See Library.entries; what is spoken only where the prefix asks for it."""
        outer = self.outer(prefix)
        for entry in self.library.entries(outer):
            yield (
                entry
                if outer == prefix
                else replace(entry, name=entry.name.removeprefix(self.prefix))
            )

    def remove(self, name: str) -> None:
        """See Library.remove."""
        self.library.remove(self.outer(name))

    def lease(self, name: str) -> AbstractContextManager[bool]:
        """See Library.lease."""
        return self.library.lease(self.outer(name))

    def free(self) -> int | None:
        """See Library.free."""
        return self.library.free()

    def address(self, name: str, seconds: float) -> str | None:
        """See Library.address."""
        return self.library.address(self.outer(name), seconds)
