"""Nothing leaves the machine that nobody asked for: real commands with a real voice, an empty home
and no CI in their environment, whose system calls are followed (docs/privacy.md)."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import httpx
import pytest
from database import Database
from tracing import Traced, traced
from waiting import PATIENCE, until

from narrator import narrate, read

ARTICLE = "# Tea\n\nIt cost $3.50 on May 12. The kettle sings.\n"

HOME = ("home/.cache/narrator/voices", "home/.local/share/narrator/library")
"""Where narrator keeps things unless it is told otherwise: what it may fill in a home."""

BARE = "import onnxruntime, time; time.sleep(600)"
"""A program that uses the runtime and does not know how to silence it."""


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.md"
    path.write_text(ARTICLE)
    return path


def is_ours(path: Path, places: Iterable[Path]) -> bool:
    """Whether it is in one of the places, or one of the folders that lead there."""
    return any(path.is_relative_to(place) or place.is_relative_to(path) for place in places)


def keeps_to_itself(seen: Traced, *more: str) -> None:
    """Check all that a finished process did; `more` are places in its folder that it may fill."""
    assert any("onnxruntime_pybind11_state" in call for call in seen.calls())
    assert seen.lookups() == set()
    assert seen.strangers() == set()
    places = [seen.folder / place for place in (*HOME, "tmp", *more)]
    places += [Path("/dev/null"), Path("/dev/shm"), Path("/proc/self/oom_score_adj")]
    assert {path for path in seen.written() if not is_ours(path, places)} == set()
    left = {path for path in seen.folder.rglob("*") if path.is_file()}
    left -= {seen.folder / "trace", seen.folder / "article.md"}
    assert {path for path in left if not is_ours(path, places)} == set()
    assert list((seen.folder / "tmp").iterdir()) == []


def until_it_would_have_told(folder: Path) -> None:
    """Wait as long as a program takes to look up the host of the runtime's maker that begins now,
    which is longer than one that began before."""
    with traced([sys.executable, "-c", BARE], folder) as bare:
        until(bare.lookups, "Nothing is looked up. Does this version report at all?", 0.1)
        assert list(folder.glob("home/.cache/Microsoft/**/deviceid"))


def test_a_command_keeps_to_itself(article: Path) -> None:
    command = [sys.executable, "-m", "narrator", "narrate", "article.md", "-o", "out/talk.mp3"]
    with traced(command, article.parent) as seen:
        assert "plays 0:" in seen.wait()
    keeps_to_itself(seen, "out")


def test_the_library_keeps_to_itself(article: Path) -> None:
    """Also where somebody wanted the runtime to report."""
    code = "import narrator; narrator.narrate('article.md', output='out/talk.mp3')"
    with traced([sys.executable, "-c", code], article.parent, ORT_DISABLE_TELEMETRY="0") as seen:
        seen.wait()
    keeps_to_itself(seen, "out")


def listening(seen: Traced) -> str:
    """Where a service that is being started listens."""
    assert seen.process.stderr is not None
    for line in seen.process.stderr:
        record = json.loads(line)
        if record["message"] == "listening":
            return str(record["url"])
    raise AssertionError("The service ended.")


def test_a_service_keeps_to_itself(tmp_path: Path) -> None:
    """Whether one process serves or several that it begins."""
    command = [sys.executable, "-m", "narrator", "serve", "--port", "0"]
    slow = {"NARRATOR_SERVICE__READ_SECONDS": str(PATIENCE)}
    with (
        traced(command, tmp_path / "one", **slow) as one,
        traced(command, tmp_path / "two", **slow, NARRATOR_SERVICE__WORKERS="2") as two,
    ):
        for url in (listening(one), listening(two)):
            with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
                asked = client.post("/v1/narrations", json={"markdown": ARTICLE, "id": "tea"})
                assert asked.status_code in (201, 202)
                audio = client.get(asked.json()["links"]["audio"], follow_redirects=True)
                assert audio.status_code == 200
                assert len(audio.content) > 10_000
        until_it_would_have_told(tmp_path / "bare")
        assert one.process.poll() is two.process.poll() is None
    keeps_to_itself(one)
    keeps_to_itself(two)


def test_a_worker_keeps_to_itself(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "worker"
    with database.queue(tmp_path.name) as queue:
        settings = {"NARRATOR_QUEUE": queue.url, "NARRATOR_LIBRARY": str(folder / "library")}
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        command = [sys.executable, "-m", "narrator", "work"]
        with traced(command, folder, **settings) as seen:
            made = narrate(read(ARTICLE, format="markdown"), output=tmp_path / "talk.mp3")
            assert made.spoken == len(made.script.sentences)
            until_it_would_have_told(tmp_path / "bare")
        keeps_to_itself(seen, "library")


def test_a_runtime_that_was_imported_before_is_told_to_report_no_models() -> None:
    """What it reports of the process by then cannot be taken back (docs/privacy.md)."""
    code = (
        "import onnxruntime\n"
        "real, calls = onnxruntime.disable_telemetry_events, []\n"
        "onnxruntime.disable_telemetry_events = lambda: calls.append(real())\n"
        "import narrator.engines.piper_model\n"
        "assert calls == [None]\n"
    )
    env = {**os.environ, "CI": "true"}  # Here it shall not even begin to report.
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_documents_name_all_that_connects() -> None:
    """A module that can open a connection is described in docs/privacy.md."""
    root = Path(__file__).parents[1]
    told = (root / "docs/privacy.md").read_text()
    able = re.compile(
        r"^\s*(?:import|from) "
        r"(?:httpx|httpcore|socket|obstore|psycopg|procrastinate|urllib\.request|http\.client)\b",
        re.M,
    )
    for path in (root / "narrator").rglob("*.py"):
        if able.search(path.read_text()):
            assert f"`{path.relative_to(root / 'narrator')}`" in told, path
