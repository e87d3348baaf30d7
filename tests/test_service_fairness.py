"""Callers take turns; a plan drawn in a reader is the plan drawn anywhere else."""

from __future__ import annotations

import multiprocessing
import pickle
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

import pytest
import readers
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from narrator import errors
from narrator.cli import app
from narrator.engines import load
from narrator.engines.catalogue import voices
from narrator.errors import Busy, NarratorError, SettingsError
from narrator.model import Article, Plan
from narrator.planning import plan
from narrator.reading import TextFormat, read_text
from narrator.service import reading_pool
from narrator.service.fairness import FairLine
from narrator.service.reading_child import Document, Terms, _pickled
from narrator.service.reading_pool import ReadingPool
from narrator.settings import ServiceSettings, Settings, load_settings
from narrator.studio import Studio


@pytest.fixture(scope="module", autouse=True)
def server() -> None:
    """What readers are forked from, once for all tests."""
    reading_pool.start_server()


CALLERS = st.sampled_from("abcde")


@given(
    st.integers(1, 5), st.integers(1, 5),
    st.lists(st.one_of(CALLERS, st.just("leave"), st.just("take")), max_size=60),
)  # fmt: skip
def test_places_are_never_more_than_there_are_and_no_caller_exceeds_its_share(
    places: int, share: int, steps: list[str]
) -> None:
    line: FairLine[int] = FairLine(places, share)
    holding: Counter[str] = Counter()
    waiting: dict[str, list[int]] = {}
    for number, step in enumerate(steps):
        if step == "leave":
            if holding:
                caller = min(holding)
                line.leave(caller)
                holding -= Counter((caller,))
        elif step == "take":
            taken = line.take()
            able = [
                caller for caller, items in waiting.items() if items and holding[caller] < share
            ]
            assert (taken is None) == (not able or holding.total() >= places)
            if taken is not None:
                caller, item = taken
                assert waiting[caller].pop(0) == item  # Each caller's own in their order.
                holding[caller] += 1
        else:
            line.put(step, number, size=number)
            waiting.setdefault(step, []).append(number)
        assert holding.total() <= places
        assert all(count <= share for count in holding.values())
        assert len(line) == sum(map(len, waiting.values()))
        assert line.size == sum(sum(items) for items in waiting.values())
    assert sorted(line.clear()) == sorted(item for items in waiting.values() for item in items)
    assert len(line) == line.size == 0


def test_one_with_a_hundred_holds_up_nobody() -> None:
    line: FairLine[str] = FairLine(4, 3)
    for number in range(100):
        line.put("loud", f"loud {number}")
    running = [line.take() for _ in range(5)]
    assert running.count(None) == 2  # The last place is for others.
    line.put("quiet", "quiet 0")
    line.put("silent", "silent 0")
    assert line.take() == ("quiet", "quiet 0")
    line.leave("loud")
    assert line.take() == ("silent", "silent 0")  # Before the 97 that came earlier.


@given(st.lists(st.tuples(CALLERS, st.integers(0, 60)), max_size=200))
def test_a_line_is_bounded_and_a_caller_gets_half_of_it_at_most(
    arrivals: list[tuple[str, int]],
) -> None:
    line: FairLine[int] = FairLine(1, 1)
    accepted: Counter[str] = Counter()
    for caller, size in arrivals:
        crowded = line.crowded(caller, size, count=20, most=200)
        if not len(line):
            assert not crowded  # Whatever its size, one may always wait.
        if not crowded:
            line.put(caller, 0, size)
            accepted[caller] += 1
        assert len(line) <= 20
        assert line.size <= max(200, 60)
        assert all(count <= 10 for count in accepted.values())


PAGES: list[tuple[TextFormat, str]] = [
    ("markdown", "# Tea\n\nIt cost $5, *Dr. Smith* said on 3 May 2024.\n\n> Warm.\n\n- one\n- two"),
    ("html", "<!doctype html><html lang=en><title>Tea</title><h1>Tea</h1><p>It was 80 °C.</html>"),
    ("text", "The IPCC met on the 1st.\n\nIt took 2 1/2 h, i.e. 150 min."),
]


def test_a_reader_draws_the_plan_that_the_process_itself_would(tmp_path: Path) -> None:
    settings = roomy(tmp_path)
    studio = Studio(settings)
    pool = begun(settings)
    try:
        for kind, text in PAGES:
            for voice in ("tone", "en_US-joe-medium"):
                here = plan(studio, read_text(text, kind), voice=voice, speed=1.25)
                document = Document(text, "it", kind, voice=voice, speed=1.25)
                there = pool.read(document, "me").result(60)
                assert isinstance(there, Plan)
                assert there.id == here.id
                assert there.segments == here.segments
                assert there.article == here.article
                assert there.script == here.script
                again = pool.read(Document(there.article, "it", voice=voice, speed=1.25), "me")
                found = again.result(60)
                assert isinstance(found, Plan)
                assert found.id == here.id
    finally:
        pool.close()


def test_who_waits_in_a_long_line_is_refused_and_told_when_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_pool, "WAITING", 8)
    pool = ReadingPool(roomy(tmp_path))  # Not started: all that come wait.
    waiting: list[Future[Plan | Article]] = []
    waiting += [pool.read(Document("Tea.", "it", "text"), "loud") for _ in range(4)]
    with pytest.raises(Busy) as refused:
        pool.read(Document("Tea.", "it", "text"), "loud")
    assert refused.value.retry_after is not None
    waiting.append(pool.read(Document("Tea.", "it", "text"), "quiet"))
    waiting.append(pool.read(Document("Tea.", "it", "text"), "loud", patient=True))
    pool.start()
    try:
        assert all(isinstance(each.result(60), Plan) for each in waiting)
    finally:
        pool.close()
    with pytest.raises(Busy, match="stopped"):
        pool.read(Document("Tea.", "it", "text"), "quiet")


def test_whoever_waits_is_told_when_the_readers_are_closed(tmp_path: Path) -> None:
    pool = begun(roomy(tmp_path))
    waiting = [pool.read(Document(readers.long(), "it", "text"), name) for name in "abcde"]
    pool.close()
    for each in waiting:
        assert isinstance(each.exception(60), Busy)
    for child in multiprocessing.active_children():
        child.join(60)
        assert not child.is_alive()


def test_every_error_comes_out_of_a_reader_as_what_it_is() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) > 20
    for kind in kinds:
        error = kind("why")
        found = pickle.loads(_pickled(error))
        assert type(found) is kind
        assert str(found) == "why"


def test_an_error_that_cannot_be_pickled_comes_out_as_a_plain_one() -> None:
    class Odd(NarratorError):
        def __init__(self, one: str, two: str) -> None:
            super().__init__(one + two)

    found = pickle.loads(_pickled(Odd("why", " not")))
    assert type(found) is NarratorError
    assert str(found) == "why not"


def floats(model: type[Settings] | type[ServiceSettings]) -> list[str]:
    return [name for name, field in model.model_fields.items() if field.annotation is float]


@pytest.mark.parametrize("given_", ["inf", "-inf", "nan", "1e300", "-1"])
@pytest.mark.parametrize(
    "name", [*floats(Settings), *(f"service__{name}" for name in floats(ServiceSettings))]
)
def test_a_number_that_makes_no_sense_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, given_: str
) -> None:
    monkeypatch.setenv(f"NARRATOR_{name.upper()}", given_)
    if name == "service__keep_earlier" and given_ in ("inf", "1e300"):
        assert load_settings().service.keep_earlier > 1e299  # For ever.
        return
    with pytest.raises(SettingsError, match=name.rpartition("__")[2]):
        load_settings()


def test_serving_with_an_endless_grace_is_an_error_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NARRATOR_SERVICE__GRACE", "inf")
    ran = CliRunner().invoke(app, ["serve", "--show-settings"])
    assert isinstance(ran.exception, SettingsError | SystemExit)


def roomy(tmp_path: Path, **service: object) -> Settings:
    return load_settings(
        library=str(tmp_path / "library"), voice="tone",
        service={"article_limit": 10_000_000, "test_voices": True, "readers": 2, **service},
    )  # fmt: skip


def begun(settings: Settings) -> ReadingPool:
    pool = ReadingPool(settings)
    pool.start()
    return pool


def test_what_readers_are_told_holds_no_secret(tmp_path: Path) -> None:
    settings = roomy(tmp_path, keys={"a": f"read:sha256:{'0' * 64}"}).model_copy(
        update={"queue": "postgresql://user:hush@host/database"}
    )
    pool = ReadingPool(settings)
    terms: Terms = pool._terms
    told = pickle.dumps(terms)
    assert b"hush" not in told
    assert b"0" * 64 not in told
    assert terms.identities == {voice.id: load(voice).identity for voice in voices()}
    pool.close()
