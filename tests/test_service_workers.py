"""Several processes at one socket; and how the service ends, alone or as several."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import Serving, paragraphs, serving
from waiting import PATIENCE, until


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Serving]:
    with serving(tmp_path / "library", "--workers", "2") as running:
        until(lambda: len(pids(running)) == 2 and all(map(alive, pids(running))))
        until(lambda: sum(line["message"] == "listening" for line in running.log) >= 2)
        yield running


def pids(service: Serving) -> list[int]:
    """Processes that were started, in order."""
    return [line["pid"] for line in list(service.log) if line["message"] == "worker started"]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def fresh(service: Serving, method: str, path: str, **options: object) -> httpx.Response:
    """An answer over a connection of its own, so that any worker may give it."""
    with httpx.Client(base_url=service.url, timeout=PATIENCE, trust_env=False) as client:
        return client.request(method, path, **options)  # type: ignore[arg-type]


def test_all_serve_and_share_what_each_makes(service: Serving) -> None:
    texts = [paragraphs(20, f"Worker or worker, text {number} is said") for number in range(6)]

    def ask(text: str) -> tuple[str, bytes]:
        asked = fresh(service, "POST", "/v1/narrations", json={"markdown": text})
        assert asked.status_code in (201, 202), asked.text
        link = asked.json()["links"]["audio"]
        live = fresh(service, "GET", link)
        assert live.status_code == 200
        return asked.json()["id"], live.content

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(ask, texts * 2))
    assert len({narration_id for narration_id, _ in answers}) == 6
    for narration_id, _ in answers:
        status = service.finished(narration_id)
        audio = [fresh(service, "GET", status["links"]["audio"]).content for _ in range(4)]
        assert {hashlib.sha256(data).hexdigest() for data in audio} == {status["sha256"]}
    until(lambda: not list((service.library / "requests").rglob("*.json")))
    segments = list((service.library / "segments").rglob("*.flac"))
    assert len(segments) == 120
    samples = {
        (sample.name, sample.labels.get("method"), sample.labels.get("status")): sample.value
        for family in text_string_to_metric_families(fresh(service, "GET", "/metrics").text)
        for sample in family.samples
    }
    posted = [samples.get(("narrator_requests_total", "POST", s), 0.0) for s in ("201", "202")]
    assert sum(posted) == 12


@pytest.mark.soak
def test_a_worker_that_is_killed_is_replaced_and_its_work_is_finished(service: Serving) -> None:
    asked = [service.ask(paragraphs(60, f"Killed in the middle of number {n}")) for n in range(3)]
    first, second = pids(service)
    os.kill(first, signal.SIGKILL)
    until(lambda: len(pids(service)) == 3)
    service.client.close()  # It may have been connected to the dead.
    service.client = httpx.Client(base_url=service.url, timeout=PATIENCE, trust_env=False)
    for answer in asked:
        assert service.finished(answer["id"])["progress"]["done"] == 60
    assert alive(second)
    os.kill(second, signal.SIGKILL)
    until(lambda: len(pids(service)) == 4)
    until(lambda: sum(line["message"] == "listening" for line in service.log) >= 4)
    assert fresh(service, "GET", "/readyz").status_code in (200, 503)
    started = pids(service)
    assert service.stop() == 0
    assert not any(map(alive, started))


def test_workers_do_not_outlive_their_parent(service: Serving) -> None:
    service.kill()
    until(lambda: not any(map(alive, pids(service))))


def test_a_takedown_holds_in_all_at_once(service: Serving) -> None:
    ready = service.narrated("Soon to be taken down.")
    working = service.ask(paragraphs(1000, "Long enough to be taken down in time"))
    for links in (ready["links"], working["links"]):
        for _ in range(8):  # So that both know it.
            assert fresh(service, "GET", links["self"]).status_code == 200
        assert fresh(service, "DELETE", links["self"]).status_code == 204
        for name in ("self", "audio", "cues", "events") * 4:
            assert fresh(service, "GET", links[name]).status_code == 410, name


@pytest.mark.soak
def test_what_is_taken_down_here_is_not_made_there(service: Serving) -> None:
    asked = service.ask(paragraphs(1000, "Long enough to be taken down in time"))
    with ThreadPoolExecutor(8) as pool:  # So that both make it.
        list(pool.map(lambda _: fresh(service, "GET", asked["links"]["self"]), range(8)))
    assert fresh(service, "DELETE", asked["links"]["self"]).status_code == 204

    def spoken() -> int:
        return len(list((service.library / "segments").rglob("*.flac")))

    def still() -> bool:
        before = spoken()
        time.sleep(1)
        return spoken() == before < 1000

    def gone() -> bool:
        return all(
            fresh(service, "GET", asked["links"]["self"]).status_code == 410 for _ in range(6)
        )

    until(gone)
    until(still)


def test_a_service_that_cannot_start_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for workers in ("1", "2"):
            done = subprocess.run(
                [sys.executable, "-m", "narrator", "serve", "--workers", workers,
                 "--port", str(taken.getsockname()[1])],
                capture_output=True, text=True, cwd=tmp_path, timeout=PATIENCE,
            )  # fmt: skip
            assert done.returncode == 2
            assert "--port" in done.stderr
            assert "Traceback" not in done.stderr


def faults(service: Serving) -> list[object]:
    return [line for line in service.log if line["level"] in ("error", "raw")]


def test_a_stream_is_heard_to_its_end_when_the_service_is_told_to_stop(tmp_path: Path) -> None:
    with serving(tmp_path / "library", NARRATOR_SERVICE__GRACE=str(PATIENCE)) as running:
        asked = running.ask(paragraphs(150, "Nobody is cut off in this one"))
        with running.client.stream("GET", asked["links"]["audio"]) as live:
            pieces = live.iter_raw()
            heard = [next(pieces)]
            running.process.send_signal(signal.SIGTERM)
            heard += list(pieces)  # Raises where it is cut.
        assert running.process.wait(PATIENCE) == 0
        assert not faults(running)
    assert not list((tmp_path / "library" / "requests").rglob("*.json"))


@pytest.mark.soak
def test_a_stream_that_is_too_long_for_that_is_cut_and_not_taken_for_whole(tmp_path: Path) -> None:
    with serving(tmp_path / "library", NARRATOR_SERVICE__GRACE="1") as running:
        asked = running.ask(paragraphs(2000, "Too long to be heard to its end"))
        with running.client.stream("GET", asked["links"]["audio"]) as live:
            pieces = live.iter_raw()
            next(pieces)
            running.process.send_signal(signal.SIGTERM)
            with pytest.raises(httpx.RemoteProtocolError):
                list(pieces)
        assert running.process.wait(PATIENCE) == 0
        assert not [line for line in faults(running) if "grace" not in str(line)]
    assert list((tmp_path / "library" / "requests").rglob("*.json"))


def test_a_worker_that_cannot_start_ends_the_service_with_its_reason(tmp_path: Path) -> None:
    """It is told to serve at what is no socket."""
    program = tmp_path / "program.py"
    program.write_text(
        "from narrator.errors import NarratorError\n"
        "from narrator.service.workers import run_workers\n"
        "from narrator.settings import load_settings\n"
        "if __name__ == '__main__':\n"
        "    try:\n"
        "        run_workers(load_settings(service={'workers': 2}), [1, 2])\n"
        "    except NarratorError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, cwd=tmp_path,
        env={**os.environ, "NARRATOR_LIBRARY": str(tmp_path / "library")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == "A worker could not start (exit code 1). Its log says why.\n"
