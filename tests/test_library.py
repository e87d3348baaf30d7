"""The library: whole files or none, first written wins, damage is found."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from conftest import MakeSentence
from waiting import until

from narrator.engines import Engine
from narrator.errors import LibraryError, UsageError
from narrator.library import Library, open_library
from narrator.library.files import STALE, TEMPORARY, FolderLibrary
from narrator.library.segments import decode_segment, encode_segment, segment_name
from narrator.library.upkeep import damaged, to_collect, usage


@pytest.fixture
def store(tmp_path: Path) -> FolderLibrary:
    return FolderLibrary(tmp_path / "library")


@pytest.fixture(params=["folder", "objects"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> Library:
    """Each kind of library in turn: all keep the same promises."""
    if request.param == "folder":
        return FolderLibrary(tmp_path / "library")
    bucket: str = request.getfixturevalue("bucket")
    return open_library(f"{bucket}/{tmp_path.name}")


def test_what_is_written_is_read(any_store: Library) -> None:
    assert any_store.read("segments/n1-ab.flac") is None
    any_store.write("segments/n1-ab.flac", b"one")
    assert any_store.read("segments/n1-ab.flac") == b"one"
    assert [entry.name for entry in any_store.entries("segments/")] == ["segments/n1-ab.flac"]
    assert list(any_store.entries("narrations/")) == []
    any_store.remove("segments/n1-ab.flac")
    any_store.remove("segments/n1-ab.flac")
    assert any_store.read("segments/n1-ab.flac") is None


def test_the_first_one_written_stays(any_store: Library) -> None:
    any_store.write("segments/n1-ab.flac", b"one")
    any_store.write("segments/n1-ab.flac", b"two")
    assert any_store.read("segments/n1-ab.flac") == b"one"


def test_a_file_is_stored_and_read_in_parts(any_store: Library, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    (tmp_path / "long").write_bytes(b"skipped" + data)
    with (tmp_path / "long").open("rb") as file:
        file.seek(7)
        any_store.write("files/f1-long.mp3", file)
    assert any_store.size("files/f1-long.mp3") == len(data)
    assert any_store.read("files/f1-long.mp3") == data
    assert (
        any_store.read_range("files/f1-long.mp3", 1_999_990, 2_000_010) == data[1_999_990:2_000_010]
    )
    assert any_store.read_range("files/f1-long.mp3", len(data) - 3, len(data) + 9) == data[-3:]
    assert any_store.at_once("files/f1-long.mp3", 5, 500) in (None, data[5:500])
    assert any_store.at_once("files/f1-long.mp3", len(data) - 3, len(data) + 9) is None
    assert any_store.at_once("files/f1-none.mp3", 0, 1) is None
    assert any_store.holds("files/f1-long.mp3") in (None, True)
    assert any_store.holds("files/f1-none.mp3") in (None, False)
    assert any_store.size("files/f1-none.mp3") is None
    assert any_store.read_range("files/f1-none.mp3", 0, 1) is None


def test_many_writers_of_one_name(any_store: Library) -> None:
    data = [bytes([i]) * 100_000 for i in range(16)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda d: any_store.write("segments/n1-ab.flac", d), data))
    assert any_store.read("segments/n1-ab.flac") in data
    assert [entry.size for entry in any_store.entries()] == [100_000]
    if isinstance(any_store, FolderLibrary):
        assert list(any_store.root.rglob(f"{TEMPORARY}*")) == []


def test_a_lease_is_held_by_one(any_store: Library) -> None:
    made: list[int] = []
    waste: list[int] = []

    def make(number: int) -> None:
        with any_store.lease("segments/n1-ab.flac") as had:
            assert had
            if any_store.read("segments/n1-ab.flac") is not None:
                return
            time.sleep(0.2)
            (waste if made else made).append(number)
            any_store.write("segments/n1-ab.flac", b"made")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(make, range(4)))
    assert (len(made), waste) == (1, [])
    assert [entry.name for entry in any_store.entries()] == ["segments/n1-ab.flac"]


@pytest.mark.parametrize("name", ["../n1-ab", "/n1-ab", "segments/../../n1-ab", "", "segments/"])
def test_names_cannot_leave_the_library(any_store: Library, name: str) -> None:
    with pytest.raises(LibraryError):
        any_store.read(name)


def test_a_killed_writer_leaves_whole_files_only(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from narrator.library.files import FolderLibrary\n"
        "store = FolderLibrary(Path(sys.argv[1]))\n"
        "for i in range(10**6):\n"
        "    store.write(f'segments/n1-{i:08x}.flac', bytes([i % 256]) * 300_000)\n"
    )
    for delay in (0.3, 0.4, 0.5):
        process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / str(delay))])
        until((tmp_path / str(delay) / "segments").is_dir)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        entries = list(FolderLibrary(tmp_path / str(delay)).entries())
        assert all(entry.size == 300_000 for entry in entries)


def test_leftovers_are_swept_once_they_are_old(store: FolderLibrary) -> None:
    store.write("segments/n1-ab.flac", b"one")
    leftover = store.root / "segments" / "ab" / f"{TEMPORARY}0123"
    leftover.write_bytes(b"half")
    assert store.sweep() == 0
    os.utime(leftover, (time.time() - STALE - 1,) * 2)
    assert store.sweep() == 4
    assert [entry.name for entry in store.entries()] == ["segments/n1-ab.flac"]


def test_a_segment_survives_the_library(tone: Engine, sentence: MakeSentence) -> None:
    segment = tone.speak(sentence("One two three."), 1.0)
    again = decode_segment(segment.key, encode_segment(segment))
    assert np.array_equal(again.samples, segment.samples)
    assert (again.key, again.words, again.sample_rate, again.estimated) == (
        segment.key, segment.words, segment.sample_rate, segment.estimated,
    )  # fmt: skip
    assert encode_segment(again) == encode_segment(segment)


@pytest.mark.parametrize("part", ["head", "word times", "sound", "end"])
def test_damage_is_found(tone: Engine, sentence: MakeSentence, part: str) -> None:
    segment = tone.speak(sentence("One two three."), 1.0)
    data = bytearray(encode_segment(segment))
    places = {
        "head": 0,
        "word times": data.index(b'"words":[[') + 13,
        "sound": len(data) // 2,
        "end": len(data) - 5,
    }
    data[places[part]] ^= 0x01
    with pytest.raises(LibraryError, match="damaged"):
        decode_segment(segment.key, bytes(data))


def test_half_a_segment_is_damage(tone: Engine, sentence: MakeSentence) -> None:
    data = encode_segment(tone.speak(sentence("One two three."), 1.0))
    with pytest.raises(LibraryError, match="damaged"):
        decode_segment("n1-ab", data[: len(data) // 2])


def test_upkeep(store: FolderLibrary, tone: Engine, sentence: MakeSentence) -> None:
    names = []
    now = time.time()
    for age, text in ((300, "Old words."), (200, "Newer words."), (100, "The newest words.")):
        segment = tone.speak(sentence(text), 1.0)
        store.write(segment_name(segment.key), encode_segment(segment))
        path = store._path(segment_name(segment.key))
        os.utime(path, (now - age, now - age))
        names.append(segment_name(segment.key))
    held = usage(store)
    assert held.segments == 3
    assert [n for n, _ in to_collect(store, now=now, max_age=150)] == names[:2]
    assert [n for n, _ in to_collect(store, now=now, max_bytes=held.segment_bytes - 1)] == names[:1]
    assert [n for n, _ in to_collect(store, now=now, max_bytes=0)] == names
    assert list(damaged(store)) == [None, None, None]
    assert min(e.used for e in store.entries()) < now - 250
    store._path(names[1]).write_bytes(b"fLaC")
    assert [d.name for d in damaged(store) if d] == [names[1]]


def test_a_use_makes_it_young(store: FolderLibrary) -> None:
    store.write("segments/n1-ab.flac", b"one")
    os.utime(store._path("segments/n1-ab.flac"), (0, 0))
    store.read("segments/n1-ab.flac", use=False)
    assert next(store.entries()).used == 0
    store.read("segments/n1-ab.flac")
    assert next(store.entries()).used > 0


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(UsageError, match="gopher"):
        open_library("gopher://somewhere")


def test_a_library_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LibraryError, match="NARRATOR_LIBRARY"):
        open_library(str(tmp_path / "file")).write("segments/n1-ab.flac", b"")
