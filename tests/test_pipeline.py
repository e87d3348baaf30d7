"""The stages together: a plan, the events of its making, a live stream and the finished file."""

from __future__ import annotations

import io
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from waiting import PATIENCE

from narrator import narrate, read
from narrator.engines import Hear
from narrator.engines.catalogue import default_voice
from narrator.engines.piper import PiperEngine
from narrator.errors import NarratorError
from narrator.model import Article, Encoded, Narration, Progress, Samples, Segment, Sentence
from narrator.pipeline import Options, narrating
from narrator.planning import plan
from narrator.settings import load_settings
from narrator.studio import Speaker, Studio

TEXT = "# A title\n\nFirst sentence here. Second one follows.\n\n## A heading\n\nThe end.\n"


@pytest.fixture
def article() -> Article:
    return read(TEXT, format="markdown")


def decoded(data: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(soundfile.read(io.BytesIO(data))[0])


def test_events_come_in_order_and_the_narration_last(
    article: Article, library: Path, tmp_path: Path
) -> None:
    events = list(narrating(article, live=True, voice="tone", output=tmp_path / "a.mp3"))
    progress = [event for event in events if isinstance(event, Progress)]
    assert [event.done for event in progress] == [1, 2, 3, 4, 5]
    assert {event.total for event in progress} == {5}
    assert all(a.seconds < b.seconds for a, b in pairwise(progress))
    assert [type(event) for event in events].count(Narration) == 1
    narration = events[-1]
    assert isinstance(narration, Narration)
    assert Path(narration.audio.path).stat().st_size == narration.audio.size


def test_the_stream_begins_before_the_last_sentence(article: Article, library: Path) -> None:
    events = list(narrating(article, live=True, voice="tone"))
    first_bytes = next(i for i, event in enumerate(events) if isinstance(event, Encoded))
    last_sentence = max(i for i, event in enumerate(events) if isinstance(event, Progress))
    assert first_bytes < last_sentence


HEAD = 208
"""Bytes of an MP3 that are written again at the end: a frame that is no sound."""

LATE = 1105
"""Samples by which a stream is late: the encoder's delay and the decoder's, which the final head
takes off."""


def assert_same_sound(stream: bytes, finished: bytes) -> None:
    """The file has the frames of the stream, and tags before them."""
    assert finished.endswith(stream[HEAD:])
    live, later = decoded(stream), decoded(finished)
    # A decoder that begins elsewhere rounds the last bit otherwise.
    assert np.allclose(live[LATE : LATE + len(later)], later, rtol=0, atol=2**-22)


def test_a_stream_and_its_finished_file_are_the_same_sound(
    article: Article, library: Path, tmp_path: Path
) -> None:
    target = tmp_path / "a.mp3"
    streamed = b"".join(narrate(article, stream=True, voice="tone", output=target))
    assert_same_sound(streamed, target.read_bytes())


SPOKEN = (
    "# The ferry\n\nEvery morning at half past six, a small ferry leaves the old harbour, crosses "
    "the grey bay, and comes back with teachers, bakers, two doctors and a surprising number of "
    "chickens. Hold on! Nobody asks how long it takes.\n"
)


@pytest.mark.parametrize(
    ("speed", "threads", "held", "sounds"),
    [(1.0, 2, 0, False), (1.0, 1, 2, True), (1.6, 2, 1, False), (0.7, 1, 0, True)],
)
def test_the_real_voice_streamed_finished_and_kept_is_the_same_sound(
    speed: float, threads: int, held: int, sounds: bool, library: Path, tmp_path: Path
) -> None:
    """Streamed from a library that holds some of its sentences, written to a file from one that
    holds none, and from one that holds all."""
    article = read(SPOKEN, format="markdown")
    jingle = tmp_path / "jingle.wav"
    soundfile.write(jingle, np.sin(np.arange(22050) / 20) * 0.3, 22050)
    sound = jingle if sounds else None

    def options(name: str, library: Path, threads: int) -> Options:
        return Options(
            output=tmp_path / name, library=str(library), threads=threads, speed=speed,
            intro=sound, outro=sound,
        )  # fmt: skip

    if held:
        studio = Studio(load_settings(library=str(library), speed=speed))
        planned = plan(studio, article)
        speaker = Speaker(studio, studio.engine(planned.voice), speed)
        for sentence in planned.script.sentences[-held:]:
            speaker.segment(sentence)
    streamed = b"".join(narrate(article, stream=True, **options("a.mp3", library, threads)))
    target = tmp_path / "a.mp3"
    assert len(decoded(streamed)) > 5 * 22050
    assert_same_sound(streamed, target.read_bytes())
    again = narrate(article, **options("again.mp3", library, threads))
    assert again.spoken == 0
    anew = narrate(article, **options("anew.mp3", tmp_path / "other", 3 - threads))
    assert anew.spoken == 4
    assert target.read_bytes() == Path(again.audio.path).read_bytes()
    assert target.read_bytes() == Path(anew.audio.path).read_bytes()


def test_an_edit_is_the_same_as_a_first_time(library: Path, tmp_path: Path) -> None:
    """What was encoded before the edit is used again, and not a byte tells."""
    names = (
        "# A title",
        *(f"This is sentence {number}, of no great length." for number in range(9)),
    )
    first, edited = "\n\n".join(names), "\n\n".join([*names[:5], "A new one.", *names[5:]])
    narrate(read(first, format="markdown"), voice="tone", output=tmp_path / "a.mp3")
    kept = {path: path.stat().st_mtime_ns for path in (library / "encoded").rglob("*.mp3")}
    assert len(kept) == len(names)
    made = narrate(read(edited, format="markdown"), voice="tone", output=tmp_path / "b.mp3")
    assert made.spoken == 1
    new = set((library / "encoded").rglob("*.mp3")) - set(kept)
    assert len(new) == 1
    options = Options(output=tmp_path / "c.mp3", library=str(tmp_path / "other"), voice="tone")
    assert narrate(read(edited, format="markdown"), **options).spoken == len(names) + 1
    assert (tmp_path / "b.mp3").read_bytes() == (tmp_path / "c.mp3").read_bytes()


def test_a_voice_is_expected_only_where_something_is_missing(
    article: Article, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected: list[str] = []
    monkeypatch.setattr(Studio, "expect", lambda _, voice: expected.append(voice.id))
    output = tmp_path / "a.mp3"
    narrate(article, voice="tone", output=output)
    assert expected == ["tone"]
    narrate(article, voice="tone", output=output)
    assert expected == ["tone"], "all is there"
    narrate(read(f"{TEXT}\nOne more.\n", format="markdown"), voice="tone", output=output)
    assert expected == ["tone", "tone"]


def test_a_damaged_encoding_is_encoded_anew(
    article: Article, library: Path, tmp_path: Path
) -> None:
    narrate(article, voice="tone", output=tmp_path / "a.mp3")
    whole, cut, other = sorted((library / "encoded").rglob("*.mp3"))[:3]
    cut.write_bytes(cut.read_bytes()[:-1])
    other.write_bytes(whole.read_bytes())
    narrate(article, voice="tone", output=tmp_path / "b.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()
    assert other.read_bytes() != whole.read_bytes(), "it is whole again"


def test_the_first_sound_comes_before_the_first_sentence_is_spoken(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor has any other begun."""
    voice = default_voice("en")
    engine = Studio(load_settings(library=str(library))).engine(voice)
    heard: list[str] = []
    done: list[str] = []
    go_on = threading.Event()

    def speak(sentence: Sentence, speed: float, hear: Hear) -> Segment:
        heard.append(sentence.spoken)

        def hear_slowly(samples: Samples) -> None:
            hear(samples)
            if len(heard) == 1 and not go_on.is_set():
                go_on.wait(PATIENCE)

        segment = PiperEngine.speak(engine, sentence, speed, hear_slowly)  # type: ignore[arg-type]
        done.append(sentence.spoken)
        return segment

    monkeypatch.setattr(engine, "speak", speak)
    article = read(SPOKEN.partition("\n\n")[2], format="markdown")
    stream = narrate(article, stream=True)
    data = next(stream)
    sound = decoded(data)
    assert np.abs(sound).max() > 0.02, "there is speech in it"
    assert len(heard) == 1
    assert not done
    go_on.set()
    assert len(decoded(data + b"".join(stream))) > len(sound)


def test_a_voice_stays_loaded_from_one_call_to_the_next(library: Path) -> None:
    voice = default_voice("en")
    first = Studio(load_settings(library=str(library))).engine(voice)
    assert Studio(load_settings(library=str(library / "other"))).engine(voice) is first


def test_a_stream_without_output_leaves_no_file(
    article: Article, library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert decoded(b"".join(narrate(article, stream=True, voice="tone"))).any()
    assert not list((tmp_path / "here").iterdir())


def test_a_listener_who_leaves_early_leaves_no_file(
    article: Article, library: Path, tmp_path: Path
) -> None:
    stream = narrate(article, stream=True, voice="tone", output=tmp_path / "out" / "a.mp3")
    assert next(stream)
    stream.close()  # type: ignore[attr-defined]
    assert not list((tmp_path / "out").iterdir())


def test_errors_come_before_the_first_byte(library: Path) -> None:
    with pytest.raises(NarratorError, match="no-such-voice"):
        next(narrate("README.md", stream=True, voice="no-such-voice"))


def test_a_plan_is_named_by_all_that_decides_it(
    article: Article, library: Path, tmp_path: Path
) -> None:
    sound = tmp_path / "jingle.wav"
    soundfile.write(sound, np.sin(np.arange(22050) / 20) * 0.3, 22050)
    studio = Studio(load_settings(library=str(library), voice="tone"))
    elsewhere = read(TEXT.replace("## A heading", "### A heading"), format="markdown")
    other_pause = read(TEXT.replace("here. Second", "here.\n\nSecond"), format="markdown")
    ids = [
        plan(studio, article).id,
        plan(studio, article, speed=1.1).id,
        plan(studio, article, intro=sound).id,
        plan(studio, article, outro=sound).id,
        plan(studio, other_pause).id,
    ]
    assert len(set(ids)) == len(ids)
    assert plan(studio, article).id == ids[0]
    assert plan(studio, elsewhere).script.sentences[0] == plan(studio, article).script.sentences[0]


@pytest.mark.parametrize(
    ("usual", "own", "month"),
    [
        ("", "", "March"),
        ("en-GB", "", "April"),
        ("en-GB", "en", "April"),
        ("en-GB", "en-US", "March"),
        ("en-US", "en", "March"),
        ("", "en-GB", "April"),
        ("de", "en", "March"),
    ],
)
def test_the_region_of_the_settings_says_how_dates_are_written(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usual: str, own: str, month: str
) -> None:
    """From narrator.toml to the script: 3/4/2024 where the article names a language, or none."""
    (tmp_path / "narrator.toml").write_text(f'language = "{usual}"\n')
    monkeypatch.chdir(tmp_path)
    article = read("It opened on 3/4/2024.", format="text")
    planned = plan(Studio(load_settings(voice="tone")), replace(article, language=own))
    assert planned.script.sentences[0].spoken.split()[3] == month
