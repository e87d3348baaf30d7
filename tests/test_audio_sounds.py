"""Intros and outros: whatever they were, they come out fit to stand beside the voice."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile

from narrator.audio.encode import Encoder
from narrator.audio.sounds import read_sound
from narrator.errors import AudioError

RATE = 22050
TARGET = -16.0

needs_ffmpeg = pytest.mark.skipif(
    not (shutil.which("ffmpeg") and shutil.which("ffprobe")), reason="ffmpeg is not installed"
)


def jingle(path: Path, seconds: float = 2.0, rate: int = 44100, channels: int = 2) -> Path:
    """A chord, one tone a channel."""
    time = np.arange(round(seconds * rate)) / rate
    tones = [0.02 * np.sin(2 * np.pi * 440 * (n + 2) / 2 * time) for n in range(channels)]
    soundfile.write(path, np.stack(tones, axis=1), rate)
    return path


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
def test_any_common_format_without_ffmpeg(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    sound = read_sound(jingle(tmp_path / f"intro.{ending}"), RATE, TARGET)
    assert sound.dtype == np.float32
    assert len(sound) / RATE == pytest.approx(2.0, abs=0.01)
    assert pyloudnorm.Meter(RATE).integrated_loudness(sound.astype(np.float64)) == pytest.approx(
        TARGET, abs=0.3
    )


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (22050, 1), (48000, 2), (96000, 6)])
def test_any_rate_and_channels(rate: int, channels: int, tmp_path: Path) -> None:
    sound = read_sound(jingle(tmp_path / "intro.wav", 1.0, rate, channels), RATE, TARGET)
    assert sound.shape == (RATE,)


def test_both_channels_are_heard(tmp_path: Path) -> None:
    sound = read_sound(jingle(tmp_path / "intro.wav", 1.0), RATE, TARGET)
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum[440] == pytest.approx(spectrum[660], rel=0.1)


def test_edges_are_faded(tmp_path: Path) -> None:
    sound = read_sound(jingle(tmp_path / "intro.wav"), RATE, TARGET)
    middle = np.abs(sound[RATE // 2 : RATE]).max()
    assert np.abs(sound[:20]).max() < 0.1 * middle
    assert np.abs(sound[-RATE // 50 :]).max() < 0.1 * middle


def test_a_very_short_sound(tmp_path: Path) -> None:
    sound = read_sound(jingle(tmp_path / "beep.wav", 0.05), RATE, TARGET)
    assert len(sound) == pytest.approx(0.05 * RATE, abs=2)


def test_what_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent, text = tmp_path / "silent.wav", tmp_path / "intro.m4a"
    soundfile.write(silent, np.zeros(RATE), RATE)
    text.write_text("This is no sound.")
    monkeypatch.setenv("PATH", "")
    for path, message in (
        (tmp_path / "none.wav", "There is no sound file"),
        (tmp_path, "There is no sound file"),
        (silent, "silent"),
        (jingle(tmp_path / "long.wav", 61, 8000, 1), "longer than 60 seconds"),
        (text, "Install ffmpeg"),
    ):
        with pytest.raises(AudioError, match=message):
            read_sound(path, RATE, TARGET)


@needs_ffmpeg
def test_what_only_ffmpeg_reads(tmp_path: Path) -> None:
    path = tmp_path / "intro.m4a"
    with path.open("w+b") as file, Encoder(file, "m4a", RATE) as encoder:
        encoder.write((0.1 * np.sin(np.arange(2 * RATE) / 8)).astype(np.float32))
    assert len(read_sound(path, RATE, TARGET)) / RATE == pytest.approx(2.0, abs=0.1)


@needs_ffmpeg
def test_what_not_even_ffmpeg_reads(tmp_path: Path) -> None:
    path = tmp_path / "intro.mp4"
    path.write_text("This is no sound.")
    with pytest.raises(AudioError, match="no sound that ffmpeg can read"):
        read_sound(path, RATE, TARGET)
