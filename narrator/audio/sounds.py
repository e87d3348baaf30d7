"""Sounds from outside, and what needs ffmpeg: the only module that imports pydub.

pydub holds a sound in memory whole, so it is for intros and outros, never for joining speech.
"""

from __future__ import annotations

import mmap
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import soundfile

from narrator.audio.loudness import loudness
from narrator.audio.resample import resampled
from narrator.errors import AudioError
from narrator.model import Sound

if TYPE_CHECKING:
    from pydub import AudioSegment

LONGEST = 60
"""Seconds of an intro or outro at most."""

FADE_IN = 10
"""Milliseconds."""

FADE_OUT = 400
"""Milliseconds; half of a sound that is shorter than twice that."""

SILENT = -60.0
"""LUFS below which a sound is taken for silence."""

AAC_RATE = "64k"
"""Bits a second."""


def read_sound(path: Path, sample_rate: int, target: float) -> Sound:
    """An intro or outro: mono at `sample_rate`, its edges faded, at `target` LUFS.

    WAV, FLAC, Ogg, Opus, MP3 and AIFF are read without ffmpeg, all else by it. AudioError if it
    cannot be read, is silent, or lasts more than a minute.
    """
    segment = _decoded(path)
    if segment.duration_seconds > LONGEST:
        raise AudioError(
            f"{path} lasts longer than {LONGEST} seconds, too long for an intro or outro. "
            "Give a shorter one."
        )
    fade_out = min(FADE_OUT, len(segment) // 2)
    segment = segment.set_channels(1).fade_in(min(FADE_IN, len(segment) // 2)).fade_out(fade_out)
    full_scale = np.float32(2 ** (8 * segment.sample_width - 1))
    samples = np.array(segment.get_array_of_samples(), np.float32) / full_scale
    # pydub would resample by drawing lines between samples, which folds high tones into low ones.
    sound = resampled(samples, segment.frame_rate, sample_rate)
    level = loudness(sound, sample_rate)
    if level < SILENT:
        raise AudioError(f"{path} is silent. Give a sound that can be heard, or none.")
    return sound * np.float32(10 ** ((target - level) / 20))


def require_ffmpeg() -> None:
    """AudioError where M4A cannot be made."""
    if shutil.which("ffmpeg") is None:
        raise AudioError("M4A needs ffmpeg. Install ffmpeg, or choose --format mp3.")


def export_m4a(spool: BinaryIO, sample_rate: int, file: BinaryIO) -> None:
    """Write the mono 16-bit samples of a `spool` file to `file` as AAC in MP4."""
    from pydub.exceptions import CouldntEncodeError

    spool.flush()
    # Mapped, not read: memory does not grow with the article.
    with mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ) as samples:
        segment = _pydub()(data=samples, sample_width=2, frame_rate=sample_rate, channels=1)
        try:
            segment.export(
                file, format="ipod", codec="aac", bitrate=AAC_RATE,
                # Nothing in the file is to depend on when and by which ffmpeg it was made.
                parameters=["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact",
                            "-movflags", "+faststart"],
            )  # fmt: skip
        except CouldntEncodeError as error:
            raise AudioError(
                f"ffmpeg could not make an M4A ({_last_line(error)}). Choose --format mp3."
            ) from error


def _decoded(path: Path) -> AudioSegment:
    """The sound as pydub holds it, at its own rate and with its own channels."""
    if not path.is_file():
        raise AudioError(f"There is no sound file {path}. Check --intro and --outro.")
    try:
        with soundfile.SoundFile(path) as file:
            samples = file.read((LONGEST + 1) * file.samplerate, dtype="int32", always_2d=True)
            return _pydub()(
                data=samples.tobytes(), sample_width=4, frame_rate=file.samplerate,
                channels=file.channels,
            )  # fmt: skip
    except soundfile.SoundFileError:
        return _decoded_by_ffmpeg(path)


def _decoded_by_ffmpeg(path: Path) -> AudioSegment:
    """What libsndfile cannot read: AAC, WMA, the sound of a video."""
    if shutil.which("ffmpeg") is None or shutil.which("ffprobe") is None:
        raise AudioError(
            f"{path} cannot be read without ffmpeg. Install ffmpeg, or convert the sound to WAV, "
            "FLAC, Ogg or MP3."
        )
    from pydub.exceptions import CouldntDecodeError

    try:
        return _pydub().from_file(str(path), duration=LONGEST + 1)
    except (CouldntDecodeError, LookupError, OSError) as error:
        raise AudioError(
            f"{path} is no sound that ffmpeg can read ({_last_line(error)}). Give a WAV, FLAC, Ogg "
            "or MP3 file."
        ) from error


def _pydub() -> Any:
    """The class AudioSegment, without what pydub says of ffmpeg and audioop at its import."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pydub import AudioSegment
    return AudioSegment


def _last_line(error: Exception) -> str:
    """What ffmpeg said last, which is what stopped it."""
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]
