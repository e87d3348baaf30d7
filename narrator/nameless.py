"""Files that have no name until they are whole: whoever is killed meanwhile leaves nothing behind.

Where the system has no such files (other than Linux, some network disks), they have a temporary
name from the start.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import BinaryIO, cast


def open_nameless(temporary: Path) -> BinaryIO:
    """A new file to write and read, on the disk where `temporary` would be; OSError."""
    try:
        descriptor = os.open(temporary.parent, os.O_TMPFILE | os.O_RDWR, 0o666)
    except (AttributeError, OSError):
        return temporary.open("x+b")
    if not _by_descriptor(descriptor).exists():
        os.close(descriptor)
        return temporary.open("x+b")
    return cast(BinaryIO, os.fdopen(descriptor, "w+b"))


def is_nameless(file: BinaryIO) -> bool:
    """Whether a file of `open_nameless` has no name yet."""
    return isinstance(file.name, int)


def give_name(file: BinaryIO, name: Path, *, lasting: bool = True) -> None:
    """Flush the file, if it is `lasting` to the disk, and give it that name if it is nameless;
    FileExistsError if there is such a file, OSError."""
    file.flush()
    if lasting:
        os.fsync(file.fileno())
    if is_nameless(file):
        folder = os.open(name.parent, os.O_RDONLY)
        try:
            # With the folder's descriptor Python calls linkat, which follows the link to the file.
            os.link(_by_descriptor(file.fileno()), name.name, dst_dir_fd=folder)
        finally:
            os.close(folder)


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, to stay through a crash; OSError."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        keep_names(folder.parent)


def keep_names(folder: Path) -> None:
    """Make sure that the names in a folder stay through a crash; OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise  # Else it is a file system that knows no such thing.
    finally:
        os.close(descriptor)


def _by_descriptor(descriptor: int) -> Path:
    return Path(f"/proc/self/fd/{descriptor}")
