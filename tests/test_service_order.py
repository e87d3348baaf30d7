"""Whose sentence is spoken next, where several narrations are made at once."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Protocol

import pytest
from serving import paragraphs
from waiting import PATIENCE, until

from narrator.making import make
from narrator.model import Cue, Progress, Segment
from narrator.planning import plan
from narrator.queue.turns import always
from narrator.reading import read_text
from narrator.service.makings import Bell, Making
from narrator.service.requests import Request
from narrator.settings import load_settings
from narrator.studio import Studio


class Noting(Studio):
    """A studio with one place to speak that notes which sentences were spoken, in their order."""

    def __init__(self, library: Path) -> None:
        settings = load_settings(library=str(library), voice="tone", threads=1)
        super().__init__(settings)
        self.keys: list[str] = []

    def keep(self, segment: Segment) -> None:
        """See Studio.keep."""
        self.keys.append(segment.key)
        super().keep(segment)


@pytest.fixture
def studio(tmp_path: Path) -> Noting:
    return Noting(tmp_path / "library")


class Begun(Protocol):
    """Begins the making of an article of four sentences."""

    def __call__(self, name: str, *, began: float, batch: bool = False) -> Making: ...


@pytest.fixture
def begun(studio: Noting) -> Iterator[Begun]:
    loop = asyncio.new_event_loop()
    makings = []

    def begin(name: str, *, began: float, batch: bool = False) -> Making:
        planned = plan(studio, read_text(paragraphs(4, f"The {name} kettle"), "markdown"))
        making = Making(Request(id=planned.id, received=0.0, batch=batch), planned, Bell(loop))
        making.began = began
        makings.append(making)
        return making

    yield begin
    for making in makings:
        making.end("failed")
    loop.close()


def advance(made: Making, seconds: float) -> None:
    """One more sentence is in the audio, which ends at these seconds."""
    done = len(made.cues) + 1
    cue = Cue(made.seconds, seconds, "b-1", 0, 0, "", "", ())
    made.advance(Progress(done, made.total, seconds, cue))


def order(*makings: Making) -> list[tuple[str, int]]:
    """All sentences of the makings, the most urgent first: a word of each, and its number."""
    due = {}
    for made in makings:
        for number in range(made.total):
            at = made.due(number)
            assert at is not None
            due[made.planned.script.sentences[0].spoken.split()[1], number] = at
    return sorted(due, key=lambda each: due[each])


def test_first_sentences_go_before_all_others(begun: Begun) -> None:
    makings = [begun(name, began=at) for name, at in (("red", 1.0), ("blue", 1.1))]
    late = begun("late", began=60.0)
    assert order(*makings, late)[:3] == [("red", 0), ("blue", 0), ("late", 0)]


def test_then_goes_who_has_the_least_left_to_play(begun: Begun) -> None:
    hungry = begun("hungry", began=10.0)
    fed = begun("fed", began=9.0)
    advance(hungry, 3.0)  # It is silent at 13.
    advance(fed, 7.5)  # And this one at 16.5.
    found = order(hungry, fed)
    assert found.index(("hungry", 1)) < found.index(("fed", 1)) < found.index(("fed", 2))
    assert found.index(("hungry", 1)) < found.index(("hungry", 2))
    advance(hungry, 30.0)
    found = order(hungry, fed)
    assert found.index(("fed", 1)) < found.index(("fed", 2)) < found.index(("hungry", 2))


def test_what_may_wait_waits_until_somebody_listens(begun: Begun) -> None:
    batch = begun("batch", began=0.0, batch=True)
    other = begun("other", began=100.0)
    assert [name for name, _ in order(batch, other)] == ["other"] * 4 + ["batch"] * 4
    assert batch.join()
    batch.began = 101.0
    assert order(batch, other)[:2] == [("other", 0), ("batch", 0)]
    batch.leave()


def test_all_are_heard_before_anybody_hears_a_second_sentence(studio: Noting, begun: Begun) -> None:
    now = time.monotonic()
    makings = [begun(name, began=now + at)
               for at, name in enumerate(("red", "blue", "green", "white"))]  # fmt: skip
    threads = [Thread(target=made, args=(studio, each)) for each in makings]
    with studio.turns.taken(always):
        for count, thread in enumerate(threads, 1):
            thread.start()
            until(lambda count=count: len(studio.turns._waiting) >= count)  # type: ignore[misc]
    for thread in threads:
        thread.join(PATIENCE)
    assert studio.keys[:4] == [each.planned.segments[0] for each in makings]
    assert sorted(studio.keys) == sorted(key for each in makings for key in each.planned.segments)


def made(studio: Studio, each: Making) -> None:
    """Make it as the service does."""
    for _ in make(studio, each.planned, io.BytesIO(), "mp3", live=True, due=each.due):
        pass
