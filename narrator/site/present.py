"""What an article's folder in a site folder holds: looked at, and taken away, but not made."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

from narrator.errors import SiteError
from narrator.outputs import refusing
from narrator.publishing import names
from narrator.publishing.manifest import Manifest, read_manifest

STAGING = ".making"
"""Folder beside the files, where the new ones wait until all are there. Where it is found, whoever
made it was stopped, and the files are of two minds."""

OURS = frozenset({
    names.CAPTIONS, names.CUES, names.SCRIPT, names.CHAPTERS, names.SNIPPET, names.MANIFEST,
    "audio.mp3", "audio.opus", "audio.m4a", "audio.flac", "audio.wav",
})  # fmt: skip
"""What an article's folder may hold; nothing else in it is ever touched."""


def manifest_in(folder: Path) -> Manifest | None:
    """The manifest of a folder, None if there is none; SiteError if it is damaged."""
    path = folder / names.MANIFEST
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise SiteError(f"{path} cannot be read: {error.strerror}.") from error
    return read_manifest(data, name=str(path))


def intact(folder: Path, manifest: Manifest) -> bool:
    """Whether the files that the manifest names are there in their size and nobody was stopped
    while changing them. Their content is not looked at; `check` does."""
    try:
        sizes = ((folder / file.name).stat().st_size == file.size for file in manifest.files)
        return all(sizes) and not (folder / STAGING).exists()
    except OSError:
        return False


def retire(folder: Path) -> None:
    """Delete what is ours in the folder, the manifest first, and the folder if nothing is left."""
    with refusing(folder):
        for name in sorted(OURS, key=lambda name: name != names.MANIFEST):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder / STAGING, ignore_errors=True)
    with suppress(OSError):
        folder.rmdir()
