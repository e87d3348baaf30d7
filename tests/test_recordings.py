"""A recording by a person takes the place of speech in every output."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
from serving import serving as service_of
from site_folder import kept_bytes, manifest_of, ran, states
from web import answer, known, serving

from narrator import narrate, read
from narrator.errors import AudioError, FetchError, NarratorError
from narrator.model import Narration

SECONDS = 6.0
TEXT = "---\ntitle: Tides\naudio: {audio}\n---\nThe tide comes in.\n"

pytestmark = pytest.mark.usefixtures("library")


def sound(rate: int = 48000, channels: int = 2, level: float = 0.05) -> np.ndarray:
    """Bursts of a tone over a little noise, as loud as a quiet talker."""
    time = np.arange(round(rate * SECONDS)) / rate
    noise = np.random.default_rng(1).standard_normal(len(time)) * level / 20
    bursts = level * np.sin(2 * np.pi * 180 * time) * (np.sin(2 * np.pi * 2 * time) > 0)
    return np.stack([bursts + noise] * channels, axis=1)


def written(path: Path, rate: int = 48000, channels: int = 2, level: float = 0.05) -> Path:
    soundfile.write(path, sound(rate, channels, level), rate)
    return path


def article(folder: Path, audio: str) -> Path:
    path = folder / "tides.md"
    path.write_text(TEXT.format(audio=audio))
    return path


@pytest.mark.parametrize(
    ("name", "rate", "channels"),
    [("a.wav", 48000, 2), ("a.mp3", 44100, 1), ("a.flac", 96000, 2), ("a.ogg", 22050, 1)],
)
@pytest.mark.parametrize("output", ["out.mp3", "out.opus"])
def test_a_recording_is_heard_as_loud_as_speech(
    tmp_path: Path, name: str, rate: int, channels: int, output: str
) -> None:
    written(tmp_path / name, rate, channels)
    made = narrate(article(tmp_path, name), output=tmp_path / output, captions=True)
    samples, found = soundfile.read(tmp_path / output)
    assert len(samples) / found == pytest.approx(SECONDS, abs=0.01)
    assert made.duration == pytest.approx(SECONDS, abs=0.01)
    assert pyloudnorm.Meter(found).integrated_loudness(samples) == pytest.approx(-16, abs=0.5)
    assert (made.cues, made.spoken, made.voice.name) == ((), 0, "Recording by a person")
    assert Path(made.captions).read_text() == "WEBVTT\n"
    assert json.loads(Path(made.cue_file).read_text())["audio"]["duration"] == made.duration


def test_the_sound_is_that_of_the_recording(tmp_path: Path) -> None:
    written(tmp_path / "a.wav", 48000, 1)
    narrate(article(tmp_path, "a.wav"), output=tmp_path / "out.flac")
    samples, _ = soundfile.read(tmp_path / "out.flac")
    before = sound(48000, 1)[:, 0]
    assert np.corrcoef(before, samples)[0, 1] > 0.999


def test_intro_and_outro_stand_around_it(tmp_path: Path) -> None:
    written(tmp_path / "a.wav")
    soundfile.write(tmp_path / "jingle.wav", sound(22050, 1)[:22050], 22050)
    jingle = tmp_path / "jingle.wav"
    made = narrate(
        article(tmp_path, "a.wav"), output=tmp_path / "out.wav", intro=jingle, outro=jingle
    )
    assert made.duration > SECONDS + 2
    alone = narrate(article(tmp_path, "a.wav"), output=tmp_path / "alone.wav")
    assert alone.id != made.id


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="M4A needs ffmpeg")
def test_an_m4a_is_unpacked(tmp_path: Path) -> None:
    written(tmp_path / "a.wav")
    paths = [str(tmp_path / name) for name in ("a.wav", "a.m4a")]
    subprocess.run(["ffmpeg", "-v", "error", "-i", paths[0], "-c:a", "aac", paths[1]], check=True)
    made = narrate(article(tmp_path, "a.m4a"), output=tmp_path / "out.mp3")
    assert made.duration == pytest.approx(SECONDS, abs=0.1)


def test_a_list_that_only_looks_like_an_m4a_reads_no_other_file(tmp_path: Path) -> None:
    secret = written(tmp_path / "secret.wav")
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x18ftypM4A #EXTM3U\n" + str(secret).encode() + b"\n")
    with pytest.raises(AudioError):
        narrate(article(tmp_path, "a.m4a"), output=tmp_path / "out.mp3")


@pytest.mark.parametrize(
    ("audio", "says"),
    [("gone.mp3", "no such file"), ("text.mp3", "no sound that can be read"),
     ("silent.wav", "silent"), (".", "no such file")],
)  # fmt: skip
def test_what_is_no_recording_is_told(tmp_path: Path, audio: str, says: str) -> None:
    (tmp_path / "text.mp3").write_text("This is a text.")
    soundfile.write(tmp_path / "silent.wav", np.zeros(48000), 48000)
    with pytest.raises(AudioError, match=says):
        narrate(article(tmp_path, audio), output=tmp_path / "out.mp3")
    assert not (tmp_path / "out.mp3").exists()


def test_a_text_from_elsewhere_opens_no_file_here() -> None:
    for named in ("/etc/hostname", "a.mp3", "file:///etc/hostname", "ftp://example.org/a.mp3"):
        found = read(TEXT.format(audio=named), format="markdown")
        assert found.recording == ""
        assert "it is not used" in found.warnings[0]
    page = "<meta name='narrator:audio' content='/etc/hostname'><p>The tide comes in.</p>"
    assert read(page, format="html").recording == ""
    kept = read(TEXT.format(audio="https://example.org/a.mp3"), format="markdown")
    assert kept.recording == "https://example.org/a.mp3"


def mp3(level: float = 0.05) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound(44100, 1, level), 44100, format="MP3")
    return file.getvalue()


HEARD = answer(body=mp3(), content_type="audio/mpeg")


def test_a_page_names_its_recording(tmp_path: Path) -> None:
    page = (
        b"<html lang=en><title>Tides</title><meta name='narrator:audio' content='/read.mp3'>"
        b"<article><h1>Tides</h1><p>The tide comes in twice a day, as it always did.</p></article>"
    )
    with serving({"/tides": answer(body=page), "/read.mp3": HEARD}) as site:
        made = narrate(f"{site.url}/tides", output=tmp_path / "out.mp3", allow_private=True)
        assert site.asked == ["/tides", "/read.mp3"]
    assert made.duration == pytest.approx(SECONDS, abs=0.1)
    assert made.voice.id == "recording"


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (answer(404, b"no"), "answered 404"),
        (answer(body=b"<p>Not here.</p>"), "text/html, not a recording"),
        (answer(body=b"nothing", content_type="audio/mpeg"), "not a recording, by its first"),
    ],
)
def test_an_address_without_a_recording_is_told(tmp_path: Path, sent: object, says: str) -> None:
    with serving({"/read.mp3": sent}) as site, pytest.raises(NarratorError, match=says):  # type: ignore[dict-item]
        narrate(
            article(tmp_path, f"{site.url}/read.mp3"), output=tmp_path / "out.mp3",
            allow_private=True,
        )  # fmt: skip


def test_a_recording_on_a_private_address_is_not_fetched(tmp_path: Path) -> None:
    with serving({"/read.mp3": answer(body=mp3())}) as site:
        with pytest.raises(FetchError, match="cannot be had"):
            narrate(article(tmp_path, f"{site.url}/read.mp3"), output=tmp_path / "out.mp3")
        assert site.asked == []


def test_a_site_publishes_it_and_notices_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content").mkdir()
    article(tmp_path / "content", "read.wav")
    written(tmp_path / "content" / "read.wav")
    assert states(ran()) == {"content/tides.md": "made"}
    manifest = manifest_of("tides")
    assert not manifest.synthetic
    assert manifest.duration == pytest.approx(SECONDS, abs=0.1)
    assert [voice.name for voice in manifest.voices] == ["Recording by a person"]
    snippet = Path("out/tides/snippet.html").read_text()
    assert "ynthetic" not in snippet
    assert "TrainedAlgorithmicMedia" not in snippet
    before = kept_bytes()
    assert states(ran()) == {"content/tides.md": "unchanged"}
    assert kept_bytes() == before
    written(tmp_path / "content" / "read.wav", level=0.2)
    assert states(ran()) == {"content/tides.md": "made"}
    assert manifest_of("tides").narration != manifest.narration


def test_a_recording_on_the_web_is_asked_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its server tells it apart; else it comes each time, and is compared."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NARRATOR_ALLOW_PRIVATE", "true")
    (tmp_path / "content").mkdir()
    heard = mp3()
    with serving({"/read.mp3": known('"1"', heard, "audio/mpeg")}) as site:
        article(tmp_path / "content", f"{site.url}/read.mp3")
        assert states(ran()) == {"content/tides.md": "made"}
        before = kept_bytes()
        for sent in (known('"1"', b"would be heard", "audio/mpeg"), HEARD):
            site.answers["/read.mp3"] = sent
            assert states(ran()) == {"content/tides.md": "unchanged"}
        assert kept_bytes() == before
        site.answers["/read.mp3"] = known('"2"', mp3(level=0.1), "audio/mpeg")
        assert states(ran()) == {"content/tides.md": "made"}
        site.answers["/read.mp3"] = answer(404, b"no")
        assert states(ran()) == {"content/tides.md": "failed"}


def test_a_stream_is_the_recording(tmp_path: Path) -> None:
    written(tmp_path / "a.wav")
    data = b"".join(narrate(article(tmp_path, "a.wav"), stream=True))
    samples, rate = soundfile.read(io.BytesIO(data))
    assert len(samples) / rate == pytest.approx(SECONDS, abs=0.1)


def test_the_service_plays_it(tmp_path: Path) -> None:
    with (
        serving({"/read.mp3": HEARD}) as site,
        service_of(
            tmp_path / "served", NARRATOR_ALLOW_PRIVATE="1", NARRATOR_SERVICE__HOSTS="127.0.0.1:*"
        ) as service,
    ):
        asked = service.ask(TEXT.format(audio=f"{site.url}/read.mp3"))
        status = service.finished(asked["id"])
        assert status["duration"] == pytest.approx(SECONDS, abs=0.1)
        assert (status["voice"], status["credit"]) == ("recording", "Recording by a person")
        heard = service.client.get(status["links"]["audio"]).content
        samples, rate = soundfile.read(io.BytesIO(heard))
        assert len(samples) / rate == pytest.approx(SECONDS, abs=0.1)
        transcript = service.client.get(status["links"]["transcript"]).text
        assert transcript == "Tides\n\nThe tide comes in.\n"


def test_temporary_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    with serving({"/read.mp3": HEARD}) as site:
        made: Narration = narrate(
            article(tmp_path, f"{site.url}/read.mp3"), output=tmp_path / "out.mp3",
            allow_private=True,
        )  # fmt: skip
    assert made.duration
    assert list((tmp_path / "temporary").iterdir()) == []
