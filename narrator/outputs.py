"""What the files of a narration are called, and how they come to be whole or not at all."""

# ruff: noqa: A002 - `format` is the word that callers know

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast, get_args
from urllib.parse import unquote, urlsplit

from narrator.devices import is_regular, open_stream
from narrator.errors import NarratorError, StorageFull, UnknownFormat, UsageError
from narrator.model import AudioFile, AudioFormat
from narrator.nameless import give_name, keep_names, make_folder, open_nameless

FORMATS: tuple[AudioFormat, ...] = get_args(AudioFormat)

LONGEST_NAME = 80
"""Characters of a file name made from a title or an address."""


def audio_format(asked: str | None, output: str) -> AudioFormat:
    """The format that was asked for, else the one that the output's ending names, else mp3;
    UnknownFormat for any other, UsageError where the two differ."""
    ending = Path(output).suffix.lstrip(".").lower()
    for name in (asked, ending):
        if name and name not in FORMATS:
            known = ", ".join(FORMATS)
            raise UnknownFormat(f"No audio format {name!r}. Known: {known}.")
    if asked and ending and asked != ending:
        raise UsageError(
            f"--format {asked} and the output {output!r} contradict each other. Drop one of them."
        )
    return next((known for known in FORMATS if known in (asked, ending)), "mp3")


def audio_path(source: str, title: str, output: str, format: AudioFormat) -> Path:
    """Where the audio goes: the output itself, or a name in that folder; without an output, a
    name in the working folder. The name is that of the source, else made from the title."""
    if output and not output.endswith("/") and not Path(output).is_dir():
        return Path(output)
    address = urlsplit(source) if "://" in source else None
    stem = Path(unquote(address.path) if address else source).stem if source != "-" else ""
    name = slug(stem) or slug(title) or "article"
    return Path(output or ".") / f"{name}.{format}"


def slug(text: str) -> str:
    """A file name of a text: its letters and digits, in lower case where it was not one word,
    joined by hyphens. Empty if it has none."""
    plain = unicodedata.normalize("NFC", text)
    words = re.findall(r"[\w.]+", plain)
    return "-".join(words)[:LONGEST_NAME].strip(".-")


@contextmanager
def output_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, seekable, whose content gets to where a person wants it when the block ends
    well. A regular file is replaced, also behind a link, which stays. Everything else (a device, a
    named pipe, /dev/stdout) is written into. StorageFull or UsageError where it cannot be."""
    with refusing(path):
        regular = is_regular(path)
        if regular and path.is_symlink():
            place = Path(os.path.realpath(path))
            place.parent.stat()  # A link that leads to no folder makes none.
        else:
            place = path
    if regular:
        with whole_file(place) as file:
            yield file
        return
    with refusing(path), open_stream(path) as stream, tempfile.TemporaryFile() as spool:
        yield cast(BinaryIO, spool)
        spool.seek(0)
        shutil.copyfileobj(spool, stream)


def replaceable(path: Path) -> bool:
    """Whether `output_file` makes a regular file at the path; UsageError where it makes nothing."""
    with refusing(path):
        return is_regular(path)


@contextmanager
def whole_file(path: Path, *, lasting: bool = True) -> Iterator[BinaryIO]:
    """A file to write, seekable, that takes its place at `path` when the block ends well; on any
    error, interruption or kill nothing is left of it. A link at `path` is replaced, never followed.
    Its bytes are on the disk then, and if it is `lasting` its name, too. StorageFull or UsageError
    where it cannot be."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        make_folder(path.parent)
        _refuse_special(path)
        with open_nameless(temporary) as file:
            yield file
            give_name(file, temporary)
        temporary.replace(path)
        if lasting:
            keep_names(path.parent)
    except OSError as error:
        raise refusal(path, error) from error
    finally:
        with suppress(OSError):  # A folder that cannot be written holds nothing of ours.
            temporary.unlink(missing_ok=True)


def _refuse_special(path: Path) -> None:
    """UsageError where something stands that a file must not replace."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode)):
        raise UsageError(
            f"{path} is a device, a pipe or a socket, which no file may replace. Remove it, or "
            "choose another place."
        )


def sweep(folder: Path) -> None:
    """Remove what a killed process left of whole files in a folder where nobody else writes."""
    for path in folder.glob(".*.????????"):
        if re.fullmatch(r"\..+\.[0-9a-f]{8}", path.name) and path.is_file():
            path.unlink(missing_ok=True)


def described(file: BinaryIO, path: Path, format: AudioFormat) -> AudioFile:
    """Size and hash of an audio file that is complete but not at its `path` yet, if it will have
    one."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1 << 20):
        digest.update(chunk)
    return AudioFile(str(path) if path.name else "", format, file.tell(), digest.hexdigest())


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Errors of the system become ours."""
    try:
        yield
    except OSError as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: OSError) -> NarratorError:
    """The error of ours for one of the system's."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            f"No space left to write {path}. Free some, or write elsewhere with --output. "
            "What was spoken is kept in the library."
        )
    if error.errno == errno.EPIPE:
        return UsageError(
            f"Cannot write {path}: its reader went away before the end. Start the reader again, "
            "then the same command: what was spoken is kept in the library."
        )
    if error.errno == errno.ENXIO:
        return UsageError(
            f"Cannot write {path}: nobody reads it. Of a named pipe start the reader first; a "
            "socket cannot be written like a file."
        )
    return UsageError(
        f"Cannot write {path}: {error.strerror or error}. Choose another place with --output."
    )
