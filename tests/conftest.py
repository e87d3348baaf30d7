"""What many tests need: one loaded voice, sentences made of words, a place for a library."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from database import Database
from hypothesis import settings
from object_store import ObjectStore

from narrator.engines import Engine, load
from narrator.engines.catalogue import default_voice, find_voice
from narrator.model import Sentence, Word
from narrator.queue.postgres import PostgresQueue

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHARED = Path(__file__).parents[2] / "shared" / "articles"
"""Real articles that are not ours to commit."""

# Every run in CI tries the same examples; by hand, and in `make soak`, each run tries new ones.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "new")

MakeSentence = Callable[..., Sentence]


def make_sentence(
    text: str, phonemes: dict[str, str] | None = None, pause: float = 0.3
) -> Sentence:
    """A sentence that is spoken as it is written; `phonemes` by word."""
    words = tuple(
        Word(m.start(), m.end(), m.start(), m.end(), "", (phonemes or {}).get(m.group(), ""))
        for m in re.finditer(r"\w[\w'’.-]*\w|\w", text)
    )
    return Sentence("b1-test", "paragraph", 0, len(text), text, text, words, pause)


@pytest.fixture(scope="session")
def sentence() -> MakeSentence:
    return make_sentence


@pytest.fixture(scope="session")
def joe() -> Engine:
    """The real voice, loaded once."""
    return load(default_voice("en"))


@pytest.fixture(scope="session")
def tone() -> Engine:
    return load(find_voice("tone"))


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty library that commands and `narrate()` use."""
    folder = tmp_path / "library"
    monkeypatch.setenv("NARRATOR_LIBRARY", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real articles; skips where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the real articles (../shared/articles) are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """An S3 bucket that the environment leads to: moto's server, for a real one cannot be had."""
    with ObjectStore() as store:
        for name, value in store.environment.items():
            os.environ[name] = value
        yield store.url
        for name in store.environment:
            del os.environ[name]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A PostgreSQL server."""
    with Database() as database:
        yield database


@pytest.fixture
def queue(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PostgresQueue]:
    """A fresh queue, named in the environment as every machine has it."""
    with database.queue(tmp_path.name) as queue:
        monkeypatch.setenv("NARRATOR_QUEUE", queue.url)
        yield queue


@pytest.fixture
def place(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A library in an object store, named in the environment."""
    place = f"{bucket}/{tmp_path.name}"
    monkeypatch.setenv("NARRATOR_LIBRARY", place)
    return place


@pytest.fixture
def worker(queue: PostgresQueue, place: str) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Begins a `narrator work` of one thread; what was begun is ended after the test."""
    begun = []

    def begin(*options: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "narrator", "work", "--threads", "1", *options],
            stderr=subprocess.DEVNULL,
        )
        begun.append(process)
        return process

    yield begin
    for process in begun:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    from browsing import chromium  # Here: other tests need no Playwright.

    with chromium() as browser:
        yield browser
