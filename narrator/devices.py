"""Places to write that are no regular files: devices, pipes, and descriptors that a shell opened.

A regular file can be replaced by a whole one. Everything else is opened and written into: whoever
replaces /dev/null by a file breaks the machine.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path
from typing import BinaryIO, cast

READER_SECONDS = 10.0
"""Time that a named pipe is given to find a reader."""

LOOK_SECONDS = 0.02
"""Time between two looks for one."""

MOST_LINKS = 40
"""Links that lead from one to the next, as the kernel counts."""


def descriptor_of(path: Path) -> int | None:
    """The descriptor of this process that a path such as /dev/stdout or /dev/fd/3 leads to; None
    for every other path."""
    own = {"/dev/fd", os.path.realpath("/proc/self/fd"), os.path.realpath("/proc/thread-self/fd")}
    for _ in range(MOST_LINKS):
        folder = os.path.realpath(path.parent)
        if folder in own and path.name.isdecimal():
            return int(path.name)
        try:
            path = Path(folder) / path.readlink()
        except OSError:
            return None
    return None


def is_regular(path: Path) -> bool:
    """Whether a whole file can take this place: nothing is there, or a regular file, maybe behind
    links. OSError where that cannot be told, IsADirectoryError for a folder."""
    if descriptor_of(path) is not None:
        return False
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return True
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return stat.S_ISREG(mode)


def open_stream(path: Path) -> BinaryIO:
    """What is not regular, open for writing; OSError where it cannot be, and where nobody has
    opened a named pipe for reading within READER_SECONDS."""
    descriptor = descriptor_of(path)
    if descriptor is not None:
        return cast(BinaryIO, os.fdopen(os.dup(descriptor), "wb"))
    deadline = time.monotonic() + READER_SECONDS
    while True:
        try:
            # A pipe without a reader would keep us waiting for one without end.
            opened = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            break
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > deadline or _is_socket(path):
                raise
            time.sleep(LOOK_SECONDS)
    os.set_blocking(opened, True)
    return cast(BinaryIO, os.fdopen(opened, "wb"))


def _is_socket(path: Path) -> bool:
    return stat.S_ISSOCK(path.stat().st_mode)
