"""Where temporary files go when the system has no folder for them, as on a read-only root."""

from __future__ import annotations

import os
import sys
import tempfile
from multiprocessing import process, util
from pathlib import Path

from narrator.errors import SettingsError

FOLDER = "temporary"
"""Within a library; what lies there is none of its entries."""

LONGEST_FOLDER = 80
"""Bytes of the path of a folder in which a socket still fits."""

_USUAL = ("/tmp", "/var/tmp", "/usr/tmp")
"""Folders that `tempfile` tries after those that TMPDIR, TEMP and TMP name."""


def ensure_scratch(library: str) -> str:
    """The folder of `tempfile` in this process from now on: the usual one, else one in the library
    if that is a folder. SettingsError where neither can be written."""
    try:
        found = tempfile.gettempdir()
    except FileNotFoundError:
        found = ""
    if found and not _is_last_resort(found):
        return found
    place = library.removeprefix("file://")
    try:
        if "://" in place:
            raise OSError(f"{library} is no folder")
        folder = Path(place).expanduser().absolute() / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            tempfile.tempdir = str(folder)
    except (OSError, RuntimeError) as error:  # RuntimeError: there is no home folder.
        if found:
            return found
        raise SettingsError(
            "There is no folder for temporary files: neither TMPDIR nor "
            f"{', '.join(_USUAL)} can be written, nor the library ({error}). Set TMPDIR to a "
            "folder that can (in a container, --tmpfs /tmp makes one)."
        ) from error
    return str(folder)


def shorten_socket_paths() -> None:
    """Let multiprocessing in this process name its sockets by a short path where the folder for
    temporary files has a long one: the system takes 107 bytes, and a library may lie deep."""
    folder = util.get_temp_dir()
    if len(os.fsencode(folder)) > LONGEST_FOLDER and sys.platform == "linux":
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        process.current_process()._config["tempdir"] = f"/proc/self/fd/{descriptor}"  # type: ignore[attr-defined]


def _is_last_resort(found: str) -> bool:
    """Whether tempfile took the working folder because there was nothing else: files of ours have
    no business among articles."""
    return Path(found) == Path.cwd() and not any(os.access(usual, os.W_OK) for usual in _USUAL)
