"""How loud a finished audio file is, hundredth by hundredth of a second: what can be told of sound
without a recognizer. Memory grows by 5 bytes a hundredth."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from narrator.errors import AudioError
from narrator.model import Sound

STEP = 0.01
"""Seconds of a frame."""

FULL = 0.98
"""Amplitude from which a sample counts as clipped; the limiter stays below 0.9."""

CLIPPED = 3
"""Samples at full scale in a row that are heard as a click."""

SILENT = -120.0
"""dB of a frame without any sound."""

_BLOCK = 1 << 18
"""Samples that are decoded at once."""

_M4A_RATE = 22_050
"""Samples a second that ffmpeg is asked for."""


class Forward(soundfile.SoundFile):  # type: ignore[misc]
    """A file that is read from its start to its end: after each block soundfile would seek to where
    it is anyway, for which libmpg123 decodes some frames again, and complains of them."""

    def seekable(self) -> bool:
        return False


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """What was heard of a file."""

    frames: npt.NDArray[np.float32]
    """Root mean square of each frame in dB, full scale at 0, shape (frames,)."""
    clipped: npt.NDArray[np.bool_]
    """Whether a frame has a run of samples at full scale, shape (frames,)."""
    duration: float
    """Seconds."""
    sample_rate: int
    """Samples a second; 0 where the decoder chose it."""

    def between(self, start: float, end: float) -> npt.NDArray[np.float32]:
        """The frames that lie wholly between two times, at least one; seconds."""
        first = min(int(np.ceil(start / STEP - 1e-6)), max(len(self.frames) - 1, 0))
        return self.frames[first : max(int(end / STEP + 1e-6), first + 1)]

    def clips(self, start: float, end: float) -> bool:
        """Whether the sound is at full scale somewhere between two times; seconds."""
        return bool(self.clipped[int(start / STEP) : int(end / STEP) + 1].any())


def levels(path: Path) -> Levels:
    """What is heard of an audio file; AudioError where it cannot be decoded to its end."""
    rate, blocks = _by_ffmpeg(path) if path.suffix == ".m4a" else _by_libsndfile(path)
    step = rate * STEP  # Of 22,050 samples a second, 220.5: frames differ by one sample.
    powers: list[npt.NDArray[np.float64]] = []
    clipped: list[npt.NDArray[np.bool_]] = []
    rest: Sound = np.zeros(0, np.float32)
    done = counted = 0
    for block in blocks:
        sound = np.concatenate([rest, block])
        end = done + len(sound)
        count = int(end / step) - counted
        edges = np.round((counted + np.arange(count + 1)) * step).astype(np.int64) - done
        if count > 0:
            last = int(edges[-1])
            powers.append(
                np.add.reduceat(sound[:last].astype(np.float64) ** 2, edges[:-1]) / np.diff(edges)
            )
            clipped.append(_clips(sound[:last], edges[:-1]))
            rest, done, counted = sound[last:], done + last, counted + count
        else:
            rest = sound
    power = np.concatenate(powers) if powers else np.zeros(0)
    return Levels(
        frames=(10 * np.log10(power + 10 ** (SILENT / 10))).astype(np.float32),
        clipped=np.concatenate(clipped) if clipped else np.zeros(0, np.bool_),
        duration=(done + len(rest)) / rate,
        sample_rate=0 if path.suffix == ".m4a" else rate,
    )


def _clips(sound: Sound, starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether each frame has CLIPPED samples in a row at full scale."""
    full = np.abs(sound) >= FULL
    if not full.any():
        return np.zeros(len(starts), np.bool_)
    runs = full.copy()
    for shift in range(1, CLIPPED):
        runs[:-shift] &= full[shift:]
        runs[-shift:] = False
    return np.logical_or.reduceat(runs, starts)


def _by_libsndfile(path: Path) -> tuple[int, Iterator[Sound]]:
    try:
        file = Forward(path)
    except (soundfile.SoundFileError, OSError) as error:
        raise AudioError(f"{path} is no sound that can be decoded: {error}.") from error

    def blocks() -> Iterator[Sound]:
        with file:
            read = 0
            try:
                while len(block := file.read(_BLOCK, dtype="float32", always_2d=True)):
                    read += len(block)
                    yield block.mean(axis=1) if block.shape[1] > 1 else block[:, 0]
            except soundfile.SoundFileError as error:
                raise AudioError(
                    f"{path} cannot be decoded after {read / file.samplerate:.1f} s: {error}."
                ) from error

    return file.samplerate, blocks()


def _by_ffmpeg(path: Path) -> tuple[int, Iterator[Sound]]:
    """AAC, which libsndfile does not know."""
    if shutil.which("ffmpeg") is None:
        raise AudioError(f"{path} cannot be decoded without ffmpeg. Install it to look at M4A.")

    def blocks() -> Iterator[Sound]:
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ac", "1",
                   "-ar", str(_M4A_RATE), "-"]  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            while data := process.stdout.read(_BLOCK * 4):
                yield np.frombuffer(data, np.float32)
            said = process.stderr.read().decode("utf-8", "replace").strip()
        if process.returncode or said:
            raise AudioError(f"{path} cannot be decoded: {said.splitlines()[-1] if said else ''}.")

    return _M4A_RATE, blocks()
