"""Bytes from a file or from standard input, never more than an article can have."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

from narrator.errors import SourceNotFound, SourceUnreadable
from narrator.reading.decode import MAX_BYTES, check_size

STDIN = "-"


def exists(path: Path) -> bool:
    """Whether something of that name is there; a name that no file can have is not."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def load_file(path: Path) -> bytes:
    """The content; SourceNotFound or SourceUnreadable where it cannot be had."""
    if not exists(path):
        raise SourceNotFound(f"There is no file {str(path)!r}. Check the path.")
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise SourceUnreadable(f"{str(path)!r} is a folder. Name one article in it.")
        check_size(status.st_size, repr(str(path)))
        with path.open("rb") as file:
            # A pipe does not know its size beforehand.
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceUnreadable(
            f"{str(path)!r} cannot be read: {error.strerror or error}. Check its permissions."
        ) from error


def load_stdin() -> bytes:
    """All of standard input, up to one byte more than the limit."""
    return sys.stdin.buffer.read(MAX_BYTES + 1)
