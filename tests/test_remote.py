"""Several machines: real workers, services and a real database; the S3 server is moto's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
from conftest import MakeSentence
from serving import paragraphs, serving
from waiting import PATIENCE, until

from narrator import narrate, read
from narrator.errors import Abandoned, SpeechError
from narrator.library import open_library
from narrator.model import Plan
from narrator.planning import plan
from narrator.queue import LANES, Queue, Run
from narrator.remote import LENGTH, WINDOW, Cast, Order, soon, work
from narrator.settings import load_settings
from narrator.studio import Studio


def ignore(_: object) -> None:
    """Hear nothing."""


def planned(*paragraphs: str) -> tuple[Studio, Plan]:
    studio = Studio(load_settings(voice="tone"))
    return studio, plan(studio, read("\n\n".join(paragraphs), format="text"))


def test_workers_speak_and_the_bytes_are_the_same(
    worker: Callable[..., object], queue: Queue, place: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    article = tmp_path / "a.md"
    article.write_text("# Kettles\n\n" + paragraphs(40))
    for _ in range(2):
        worker()
    made = narrate(article, voice="tone", output=tmp_path / "far.mp3")
    assert made.spoken == 41
    monkeypatch.delenv("NARRATOR_QUEUE")
    monkeypatch.setenv("NARRATOR_LIBRARY", str(tmp_path / "library"))
    narrate(article, voice="tone", output=tmp_path / "near.mp3")
    assert (tmp_path / "far.mp3").read_bytes() == (tmp_path / "near.mp3").read_bytes()
    assert [(c.waiting, c.failed) for c in queue.counts()] == [(0, 0), (0, 0)]


def test_an_edit_asks_for_the_edited_sentence_only(
    worker: Callable[..., object], queue: Queue, place: str, tmp_path: Path
) -> None:
    worker()
    article = tmp_path / "a.md"
    article.write_text(paragraphs(12))
    assert narrate(article, voice="tone", output=tmp_path / "1.mp3").spoken == 12
    article.write_text(paragraphs(12).replace("cup 7", "pot 7"))
    assert narrate(article, voice="tone", output=tmp_path / "2.mp3").spoken == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_is_killed_or_frozen_and_nothing_is_lost(
    worker: Callable[..., subprocess.Popen[bytes]], queue: Queue, place: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, how: signal.Signals,
) -> None:  # fmt: skip
    """The real voice, so that a worker is hit while it speaks."""
    article = tmp_path / "a.md"
    article.write_text(paragraphs(14, "The kettle sings while the cat sleeps on"))
    first = worker()
    library = open_library(place)

    def hit() -> None:
        until(lambda: sum(1 for _ in library.entries("segments/")) >= 4)
        first.send_signal(how)
        worker()

    hitter = Thread(target=hit)
    hitter.start()
    made = narrate(article, output=tmp_path / "far.mp3")
    hitter.join()
    assert len(made.cues) == made.spoken == 14
    monkeypatch.delenv("NARRATOR_QUEUE")
    narrate(article, output=tmp_path / "near.mp3")
    assert (tmp_path / "far.mp3").read_bytes() == (tmp_path / "near.mp3").read_bytes()


def test_two_services_make_one_narration_and_either_streams_it(
    worker: Callable[..., object], queue: Queue, place: str, tmp_path: Path
) -> None:
    worker()
    text = paragraphs(30)
    there = {"NARRATOR_LIBRARY": place}
    with serving(tmp_path / "x", **there) as one, serving(tmp_path / "y", **there) as two:
        with ThreadPoolExecutor(6) as pool:
            services = [one, two] * 3
            ids = set(pool.map(lambda service: service.ask(text)["id"], services))
        (narration,) = ids
        audio = f"/v1/narrations/{narration}/audio.mp3"
        first, second = one.client.get(audio), two.client.get(audio)
        assert (first.status_code, second.status_code) == (200, 200)
        status = one.finished(narration)
        assert two.finished(narration)["duration"] == status["duration"]
        finished = [service.client.get(audio) for service in (one, two)]
        assert finished[0].content == finished[1].content
        assert finished[0].headers["ETag"] == finished[1].headers["ETag"]
    assert [c.failed for c in queue.counts()] == [0, 0]


def test_a_sentence_that_no_worker_can_speak_fails_its_narration_alone(
    queue: Queue, place: str
) -> None:
    """Workers in threads: one whose engine refuses a sentence."""
    studio, bad = planned("One two three.", "The poison sentence.")
    _, good = planned("All is well.")
    engine = studio.engine(bad.voice)
    speak = engine.speak

    def refusing(sentence, speed, hear=None):  # type: ignore[no-untyped-def]
        if "poison" in sentence.spoken:
            raise SpeechError("it cannot be said")
        return speak(sentence, speed, hear)

    stop = Event()
    engine.speak = refusing  # type: ignore[method-assign]
    try:
        working = Thread(target=work, args=(studio, queue), kwargs={"lanes": LANES, "stop": stop})
        working.start()
        with closing(Cast(studio, bad)) as cast:
            said = list(zip(range(2), bad.script.sentences, bad.readers, strict=True))
            assert len(cast.segment(said[0], ignore).samples)
            with pytest.raises(SpeechError, match="it cannot be said"):
                cast.segment(said[1], ignore)
        with closing(Cast(studio, good)) as cast:
            assert len(cast.segment((0, good.script.sentences[0], good.readers[0]), ignore).samples)
    finally:
        engine.speak = speak  # type: ignore[method-assign]
        stop.set()
        working.join()
        studio.close()


def test_a_worker_of_other_versions_says_so(queue: Queue, place: str) -> None:
    studio, made = planned("One two three.")
    stop = Event()
    working = Thread(target=work, args=(studio, queue), kwargs={"lanes": LANES, "stop": stop})
    working.start()
    run = Run("N3-other", 0, "tone", 1.0, tuple(made.script.sentences[:1]), ("n1-other",))
    ticket = queue.ask(run, "interactive", 1)
    until(lambda: queue.state(ticket) == "failed")
    assert "update all machines together" in queue.reason(run.id)
    stop.set()
    working.join()
    studio.close()


def test_who_stops_waiting_is_not_held(queue: Queue, place: str) -> None:
    """No worker runs."""
    studio, made = planned("One two three.")
    cast = Cast(studio, made)
    waiting = ThreadPoolExecutor(1)
    heard = waiting.submit(cast.segment, (0, made.script.sentences[0], made.readers[0]), ignore)
    time.sleep(0.5)
    cast.close()
    with pytest.raises(Abandoned):
        heard.result(PATIENCE)
    studio.close()


def test_a_damaged_segment_is_asked_for_again(
    worker: Callable[..., object], queue: Queue, place: str, tmp_path: Path
) -> None:
    worker()
    article = tmp_path / "a.md"
    article.write_text(paragraphs(3))
    narrate(article, voice="tone", output=tmp_path / "1.mp3")
    library = open_library(place)
    name = next(entry.name for entry in library.entries("segments/"))
    library.remove(name)
    library.write(name, b"fLaC and no more")
    again = narrate(article, voice="tone", output=tmp_path / "2.mp3")
    assert "damaged" in again.warnings[0]
    assert (tmp_path / "1.mp3").read_bytes() == (tmp_path / "2.mp3").read_bytes()


def test_the_queue_is_shown_and_mended_by_command(
    queue: Queue, place: str, sentence: MakeSentence
) -> None:
    def told(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "narrator", *arguments],
            capture_output=True, text=True, env=os.environ, timeout=PATIENCE,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "nothing to do" in told("queue", "migrate")
    queue.ask(Run("N3-a", 0, "tone", 1.0, (sentence("One."),), ("n1-a",)), "batch", 0)
    shown = json.loads(told("queue", "--json"))
    assert [lane["waiting"] for lane in shown["lanes"]] == [0, 1]
    assert "batch" in told("queue")
    assert told("queue", "drop", "N3-a") == "1 dropped\n"
    assert told("queue", "retry") == "0 to be tried again\n"


def test_a_request_is_followed_to_its_jobs(
    queue: Queue, place: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By its own id, or that of the trace that it belongs to: in the log of the service, in what
    `narrator queue` shows, in the log of the worker."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    with serving(tmp_path / "x", NARRATOR_LIBRARY=place) as service:
        for number, headers in enumerate(
            ({"X-Request-Id": "mine-7"}, {"traceparent": f"00-{trace}-b7ad6b7169203331-01"},
             {"traceparent": "00-nonsense"})
        ):  # fmt: skip
            text = {"markdown": f"Number {number} of the kettles."}
            answer = service.client.post("/v1/narrations", json=text, headers=headers)
            assert answer.status_code == 202
        own = answer.headers["X-Request-Id"]
        assert len(own) == 16
        until(lambda: queue.counts()[0].waiting == 3, queue.counts)
        told = subprocess.run(
            [sys.executable, "-m", "narrator", "queue", "--json"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        assert {job["request"] for job in json.loads(told)["next"]} == {"mine-7", trace, own}
        worker = subprocess.Popen(
            [sys.executable, "-m", "narrator", "work", "--threads", "1", "--log", "json"],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert worker.stderr is not None
        said = [json.loads(worker.stderr.readline()) for _ in range(3)]
        worker.kill()
        worker.wait()
        worker.stderr.close()
        assert {line["request"] for line in said if line["message"] == "speaking"} == {
            "mine-7", trace, own
        }  # fmt: skip
        logged = {line["request"] for line in service.log if line.get("status") == 202}
        assert logged == {"mine-7", trace, own}


def test_what_is_asked_for_of_a_long_narration_is_bounded(queue: Queue, library: Path) -> None:
    """No worker runs. As sentences are taken, others are asked for; what is held stays as small."""
    count = 40 * WINDOW
    studio, made = planned(*(f"Number {number}." for number in range(count)))
    assert len(set(made.segments)) == count
    order = Order(studio, queue, made, soon, "")
    held = []
    for place, key in enumerate(made.segments):
        until(lambda place=place: place in order._asked, every=0.001)  # type: ignore[misc]
        held.append(len(order._asked))
        order.took(place, key)
    order.close()
    assert order.missing == count
    assert max(held) <= (WINDOW + 1) * LENGTH
    assert not order._asked
    assert not order._ahead
    assert not order._left
    studio.close()


def test_a_worker_without_a_queue_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NARRATOR_QUEUE", raising=False)
    for arguments in (["work"], ["queue"]):
        done = subprocess.run(
            [sys.executable, "-m", "narrator", *arguments], capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "NARRATOR_QUEUE" in done.stderr


def test_an_article_that_is_edited_while_it_waits_is_made_once(
    worker: Callable[..., object], queue: Queue, place: str, tmp_path: Path
) -> None:
    """The versions that nobody heard lead to the newest; nothing of them is spoken."""
    with serving(tmp_path / "x", NARRATOR_LIBRARY=place) as service:
        texts = [paragraphs(5, f"In version {version} the kettle sings") for version in range(4)]
        ids = [service.ask(text, id="one", batch=True)["id"] for text in texts]
        until(lambda: queue.counts()[1].waiting == 4, queue.counts)
        worker()
        made = service.finished(ids[-1])
        assert service.finished(ids[0])["id"] == made["id"] == ids[-1]
        assert sum(1 for _ in open_library(place).entries("segments/")) == 5


def test_finished_audio_is_fetched_from_the_store(
    worker: Callable[..., object], queue: Queue, place: str, tmp_path: Path
) -> None:
    """By a signed address, and what is counted of the queue is told."""
    worker()
    options = {"NARRATOR_LIBRARY": place, "NARRATOR_SERVICE__REDIRECT": "60"}
    with serving(tmp_path / "x", **options) as service:
        narration = service.narrated(paragraphs(3))
        sent = service.client.get(narration["links"]["audio"])
        assert sent.status_code == 307
        assert sent.headers["Cache-Control"] == "max-age=30"
        fetched = httpx.get(sent.headers["Location"], headers={"Range": "bytes=0-99"})
        assert (fetched.status_code, len(fetched.content)) == (206, 100)
        metrics = service.client.get("/metrics").text
        assert 'narrator_jobs{lane="interactive",state="waiting"} 0.0' in metrics
        assert "narrator_workers 1.0" in metrics
        assert service.client.get("/readyz").json()["checks"]["queue"] == "ok"
