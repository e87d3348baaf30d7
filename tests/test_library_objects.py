"""A library in an object store: what a folder has not. The promises that both keep are in
test_library.py."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from object_store import Faulty, environment

from narrator import narrate
from narrator.errors import LibraryError
from narrator.library import objects as module
from narrator.library import open_library
from narrator.library.objects import ObjectLibrary

NAME = "segments/n1-ab.flac"


@pytest.fixture
def store(bucket: str, tmp_path: Path) -> ObjectLibrary:
    return ObjectLibrary(f"{bucket}/{tmp_path.name}")


@pytest.fixture
def faulty(bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    server = Faulty(urlsplit(os.environ["AWS_ENDPOINT_URL"]).port or 0)
    for name, value in environment(server.server_address[1]).items():
        monkeypatch.setenv(name, value)
    yield server
    server.server_close()


def test_an_article_is_narrated_from_a_bucket(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way; the second time nothing is spoken, and the bytes are those of a folder."""
    article = tmp_path / "a.md"
    article.write_text("# A title\n\nOne sentence. And another one.\n")
    monkeypatch.setenv("NARRATOR_LIBRARY", f"{bucket}/{tmp_path.name}")
    first = narrate(article, voice="tone", output=tmp_path / "1.mp3")
    again = narrate(article, voice="tone", output=tmp_path / "2.mp3")
    monkeypatch.setenv("NARRATOR_LIBRARY", str(tmp_path / "folder"))
    narrate(article, voice="tone", output=tmp_path / "3.mp3")
    assert (first.spoken, again.spoken) == (3, 0)
    assert len({(tmp_path / f"{i}.mp3").read_bytes() for i in (1, 2, 3)}) == 1


def test_a_long_file_goes_in_parts(
    store: ObjectLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WHOLE", 1_000_000)
    data = bytes(range(256)) * 60_000
    (tmp_path / "long").write_bytes(data)
    for _ in range(2):  # The second time it is there.
        with (tmp_path / "long").open("rb") as file:
            store.write("files/f1-long.mp3", file)
    assert store.read("files/f1-long.mp3") == data


def test_a_range_beyond_the_end_is_empty(store: ObjectLibrary) -> None:
    store.write(NAME, b"one")
    assert store.read_range(NAME, 3, 9) == b""
    assert store.read_range(NAME, 1, 9) == b"ne"


def test_anyone_can_fetch_a_signed_address(store: ObjectLibrary) -> None:
    store.write("files/f1-ab.mp3", b"one")
    with urllib.request.urlopen(store.address("files/f1-ab.mp3", 60.0)) as answer:
        assert answer.read() == b"one"
        assert answer.headers["Content-Type"] == "audio/mpeg"
        assert "immutable" in answer.headers["Cache-Control"]


def leases(store: ObjectLibrary) -> list[str]:
    """Names of all that are held."""
    return [each["path"] for page in store._store.list("leases") for each in page]


def test_a_lease_of_the_killed_is_taken_over(
    bucket: str, store: ObjectLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIFE", 1.0)
    code = (
        "import sys, time\n"
        "from narrator.library import open_library\n"
        "with open_library(sys.argv[1]).lease(sys.argv[2]):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(600)\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, store.where, NAME], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    begun = time.monotonic()
    with store.lease(NAME) as had:
        assert had
        assert time.monotonic() - begun > 1.0
        assert leases(store)
    assert not leases(store), "it was not given back"


def test_who_lost_a_lease_leaves_the_next_holder_alone(
    store: ObjectLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one that was frozen does when it wakes up."""
    monkeypatch.setattr(module, "LIFE", 0.3)
    with store.lease(NAME) as first:
        second = store.lease(NAME)
        assert first
        assert second.__enter__()
    assert list(ObjectLibrary(store.where)._store.list("leases")) != [[]]
    second.__exit__(None, None, None)


def test_patience_has_an_end(store: ObjectLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    with store.lease(NAME), store.lease(NAME) as had:
        assert not had


def test_a_store_that_fails_now_and_then_is_asked_again(faulty: Faulty, tmp_path: Path) -> None:
    store = open_library(f"s3://narrations/{tmp_path.name}")
    for _ in range(3):
        faulty.failures = 2
        store.write(NAME, b"one")
        faulty.failures = 2
        assert store.read(NAME) == b"one"
    assert faulty.asked >= 18


def test_a_slow_store_is_waited_for(faulty: Faulty, tmp_path: Path) -> None:
    faulty.wait = 0.7
    store = open_library(f"s3://narrations/{tmp_path.name}")
    store.write(NAME, b"one")
    assert store.size(NAME) == 3


def test_a_store_that_keeps_failing_is_an_error_that_helps(
    faulty: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRIES", {"max_retries": 1})
    faulty.failures = 10**6
    store = open_library(f"s3://narrations/{tmp_path.name}")
    for act in (
        lambda: store.read(NAME),
        lambda: store.size(NAME),
        lambda: store.write(NAME, b""),
        lambda: list(store.entries("segments/")),
        lambda: store.remove(NAME),
        lambda: store.lease(NAME).__enter__(),
    ):
        with pytest.raises(LibraryError, match="See that the store answers") as caught:
            act()
        assert "test-secret" not in str(caught.value)


def test_a_bucket_that_is_not_there_says_so(bucket: str) -> None:
    with pytest.raises(LibraryError, match="s3://no-such-bucket"):
        open_library("s3://no-such-bucket/x").write(NAME, b"one")
