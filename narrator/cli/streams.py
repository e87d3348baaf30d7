"""stdin, stdout and stderr: names of files that are no UTF-8 pass, and what cannot be written is
told in one line."""

from __future__ import annotations

import codecs
import errno
import io
import json
import os
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ESCAPING = "narrator-escape"
"""Name of the error handler of stdout: a byte of a file name that is no UTF-8 comes out as it is,
and a character that the encoding lacks as JSON escapes it."""

_LONE = re.compile("[\ud800-\udfff]")


def prepare() -> None:
    """Have stdin, stdout and stderr open, and able to carry every name of a file."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # Closed by whoever started us: the next file that is opened would take its place. What
            # is written to stdout then fails, as it should.
            os.open(os.devnull, os.O_RDWR if descriptor == 2 else os.O_RDONLY)
    codecs.register_error(ESCAPING, _escaped)
    sys.stdin = sys.stdin or _opened(0, "r")
    sys.stdout = sys.stdout or _opened(1, "w")
    sys.stderr = sys.stderr or _opened(2, "w")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Watched(1, "w", closefd=False)), encoding=sys.stdout.encoding,
            errors=ESCAPING, line_buffering=sys.stdout.isatty(),
        )  # fmt: skip


class _Watched(io.FileIO):
    """Remembers in `failed` why something could not be written."""

    failed: OSError | None = None

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            _Watched.failed = error
            raise


def print_json(value: object, *, indent: int | None = None) -> None:
    """Print a value as JSON, at once; a byte of a name that is no UTF-8 is escaped as Python
    decodes it (os.fsencode makes the name of it again). JSON is UTF-8: for stdout in another
    encoding all but ASCII is escaped."""
    other = sys.stdout.encoding.lower().replace("-", "") not in ("utf8", "ascii")
    text = json.dumps(value, ensure_ascii=other, indent=indent)
    print(_LONE.sub(lambda found: f"\\u{ord(found[0]):04x}", text), flush=True)


def failure() -> OSError | None:
    """Why what was printed does not get out; None where it does."""
    with suppress(OSError):
        sys.stdout.flush()
    if _Watched.failed:
        # The interpreter would try again at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return _Watched.failed


def is_broken_pipe(error: OSError) -> bool:
    """Whether the reader of a pipe went away."""
    return error.errno == errno.EPIPE


def _opened(descriptor: int, mode: str) -> TextIO:
    return cast(TextIO, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    run = error.object[error.start : error.end]
    return b"".join(map(_bytes_of, run)), error.end


def _bytes_of(character: str) -> bytes:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return bytes([code - 0xDC00])
    return json.dumps(character)[1:-1].encode("ascii")
