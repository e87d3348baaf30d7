"""A name for all that decides a narration besides its article: it is cheap to ask for, and while
it and the bytes of an article stay the same there is nothing to do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import narrator
from narrator.engines.catalogue import voices
from narrator.errors import UsageError
from narrator.model import fingerprint
from narrator.packed import packed

PACKAGES = ("piper-tts", "onnxruntime", "numpy", "soundfile", "lameenc")
"""Whose versions the sound depends on, besides our own."""

DECISIVE = ("audio", "engines", "languages", "publishing", "reading", "script", "site")
"""Our packages whose code decides what is written."""


@cache
def versions() -> dict[str, str]:
    """Versions of the programs that make a narration."""
    return {"narrator": version("article-narrator")} | {name: version(name) for name in PACKAGES}


@cache
def rules() -> str:
    """Hash of our code and data that decide what is said and written: a rule may be mended without
    the version telling."""
    package = Path(str(narrator.__file__)).parent
    files = [
        *(path for part in DECISIVE for path in (package / part).rglob("*.py")),
        *package.glob("*.py"),
        *packed("voices").rglob("*.toml"),
    ]
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def settings_hash(decided: object, sounds: Iterable[Path]) -> str:
    """The name; `decided` holds JSON values, `sounds` are files whose content counts."""
    return fingerprint(
        "s1",
        decided,
        [_sha256(path) for path in sounds],
        versions(),
        rules(),
        [[voice.id, voice.gain, voice.files] for voice in voices()],
    )


def _sha256(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Check the path.") from error
