"""Encoding: the right length, the same bytes, and what happens when the file refuses."""

from __future__ import annotations

import errno
import io
import shutil
from pathlib import Path
from typing import Any

import mutagen
import numpy as np
import pytest
import soundfile

from narrator.audio.encode import Encoder
from narrator.errors import AudioError
from narrator.model import AudioFormat, Sound

RATE = 22050
WITHOUT_FFMPEG: list[AudioFormat] = ["mp3", "opus", "flac", "wav"]

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def voice_like(seconds: float = 3.0, rate: int = RATE) -> Sound:
    time = np.arange(round(seconds * rate)) / rate
    tones = sum(np.sin(2 * np.pi * 110 * n * time) / n for n in range(1, 20))
    return np.asarray(0.15 * tones * np.sin(np.pi * 3 * time) ** 2, dtype=np.float32)


def encoded(sound: Sound, audio_format: AudioFormat, block: int = 10**9, rate: int = RATE) -> bytes:
    file = io.BytesIO()
    with Encoder(file, audio_format, rate) as encoder:
        for start in range(0, len(sound), block):
            encoder.write(sound[start : start + block])
    return file.getvalue()


def decoded(data: bytes) -> tuple[Sound, int]:
    sound, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    return sound, rate


@pytest.mark.parametrize("audio_format", WITHOUT_FFMPEG)
@pytest.mark.parametrize("seconds", [0.05, 1.0, 7.3])
def test_length_is_exact(audio_format: AudioFormat, seconds: float) -> None:
    data = encoded(voice_like(seconds), audio_format)
    sound, rate = decoded(data)
    info: Any = mutagen.File(io.BytesIO(data)).info
    assert len(sound) / rate == pytest.approx(seconds, abs=0.001)
    assert info.length == pytest.approx(seconds, abs=0.001)


@pytest.mark.parametrize("audio_format", WITHOUT_FFMPEG)
def test_level_is_kept(audio_format: AudioFormat) -> None:
    before = voice_like()
    after, rate = decoded(encoded(before, audio_format))
    ratio = np.sqrt((after**2).mean() * RATE / rate / (before**2).mean() * rate / RATE)
    assert 20 * np.log10(ratio) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("audio_format", WITHOUT_FFMPEG)
def test_same_sound_same_bytes_however_it_is_cut(audio_format: AudioFormat) -> None:
    sound = voice_like()
    whole = encoded(sound, audio_format)
    assert encoded(sound, audio_format) == whole
    assert encoded(sound, audio_format, block=1234) == whole


@pytest.mark.parametrize("rate", [8000, 12000, 16000, 24000, 32000, 44100, 48000])
@pytest.mark.parametrize("audio_format", WITHOUT_FFMPEG)
def test_voices_of_other_rates(audio_format: AudioFormat, rate: int) -> None:
    sound, decoded_rate = decoded(encoded(voice_like(1.0, rate), audio_format, rate=rate))
    assert len(sound) / decoded_rate == pytest.approx(1.0, abs=0.001)
    assert np.sqrt((sound**2).mean()) == pytest.approx(
        np.sqrt((voice_like(1.0, rate) ** 2).mean()), rel=0.02
    )


def test_an_mp3_is_that_of_libsndfile() -> None:
    """Its LAME writes the head that ours is modelled on; the frames are the same but for the
    rounding to whole numbers."""
    sound = voice_like(5.0)
    reference = io.BytesIO()
    with soundfile.SoundFile(
        reference, "w", RATE, channels=1, format="MP3", subtype="MPEG_LAYER_III",
        compression_level=(160 - 64) / (160 - 8), bitrate_mode="CONSTANT",
    ) as file:  # fmt: skip
        file.write(sound / np.float32(0.95))
    ours, theirs = encoded(sound, "mp3"), reference.getvalue()
    assert len(ours) == len(theirs)
    ours_info, theirs_info = (mutagen.File(io.BytesIO(data)).info for data in (ours, theirs))
    for told in ("length", "bitrate", "bitrate_mode", "sample_rate", "channels", "encoder_info"):
        assert getattr(ours_info, told) == getattr(theirs_info, told)
    difference = decoded(ours)[0] - decoded(theirs)[0]
    assert np.sqrt((difference**2).mean()) < 1e-3 * np.sqrt((sound**2).mean())


def test_a_rate_that_the_format_does_not_know() -> None:
    with pytest.raises(AudioError, match="22000"):
        Encoder(io.BytesIO(), "mp3", 22000)


def test_an_mp3_comes_out_while_it_is_written() -> None:
    """What is out is final, but for the first frame, which is written anew at the end."""
    file = io.BytesIO()
    seen = []
    with Encoder(file, "mp3", RATE) as encoder:
        for _ in range(4):
            encoder.write(voice_like(1.0))
            encoder.taken()  # Waits for what is in work.
            seen.append(file.getvalue())
    first_frame = 1000
    assert len(seen[0]) > 5000
    for early in seen:
        assert file.getvalue()[first_frame : len(early)] == early[first_frame:]


@pytest.mark.parametrize("audio_format", WITHOUT_FFMPEG)
def test_no_sound_is_an_error(audio_format: AudioFormat) -> None:
    with pytest.raises(AudioError, match="no sound"), Encoder(io.BytesIO(), audio_format, RATE):
        pass


def encode_seconds(file: Any, audio_format: AudioFormat, count: int) -> None:
    with Encoder(file, audio_format, RATE) as encoder:
        for _ in range(count):
            encoder.write(voice_like(1.0))


class Refusing(io.BytesIO):
    """A file that takes so many bytes and then raises."""

    def __init__(self, room: int, refusal: BaseException) -> None:
        super().__init__()
        self.room = room
        self.refusal = refusal

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self.room:
            raise self.refusal
        return super().write(data)


@pytest.mark.parametrize("audio_format", WITHOUT_FFMPEG)
@pytest.mark.parametrize("refusal", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_what_the_file_raises_is_raised(
    audio_format: AudioFormat, refusal: BaseException, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(type(refusal)) as caught:
        encode_seconds(Refusing(3000, refusal), audio_format, 20)
    assert caught.value is refusal
    assert capfd.readouterr().err == "", "nothing is printed behind our back"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("audio_format", WITHOUT_FFMPEG)
def test_a_full_disk(audio_format: AudioFormat) -> None:
    with Path("/dev/full").open("r+b", buffering=0) as file:
        with pytest.raises(OSError, match="No space") as caught:
            encode_seconds(file, audio_format, 5)
        assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("audio_format", WITHOUT_FFMPEG)
def test_an_error_of_the_caller_comes_through(audio_format: AudioFormat) -> None:
    def fail() -> None:
        with Encoder(io.BytesIO(), audio_format, RATE) as encoder:
            encoder.write(voice_like(0.5))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_m4a_without_ffmpeg_says_so_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(AudioError, match="--format mp3"):
        Encoder(io.BytesIO(), "m4a", RATE)


@needs_ffmpeg
def test_m4a() -> None:
    data = encoded(voice_like(3.0), "m4a")
    info: Any = mutagen.File(io.BytesIO(data)).info
    assert info.codec == "mp4a.40.2"
    assert info.length == pytest.approx(3.0, abs=0.1)
    assert encoded(voice_like(3.0), "m4a", block=999) == data
