"""The stages together: a plan, the events of its making, a live stream and the finished file."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from narrator import narrate, read
from narrator.errors import NarratorError
from narrator.model import Article, Encoded, Narration, Progress
from narrator.pipeline import narrating
from narrator.planning import plan
from narrator.settings import load_settings
from narrator.studio import Studio

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


def test_a_stream_and_its_finished_file_are_the_same_sound(
    article: Article, library: Path, tmp_path: Path
) -> None:
    target = tmp_path / "a.mp3"
    stream = b"".join(narrate(article, stream=True, voice="tone", output=target))
    head = 208  # Bytes: the only frame that is written again.
    assert target.read_bytes().endswith(stream[head:])
    streamed, finished = decoded(stream), decoded(target.read_bytes())
    late = 1105  # Samples: the encoder's delay and the decoder's, which the final head takes off.
    # A decoder that begins elsewhere rounds the last bit otherwise.
    assert np.allclose(streamed[late : late + len(finished)], finished, rtol=0, atol=1e-7)


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
