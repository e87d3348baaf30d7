"""The queue in a real PostgreSQL: jobs by urgency, news, and faults. Workers are processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread

import psycopg
import pytest
from conftest import MakeSentence
from database import Database
from waiting import PATIENCE, until

from narrator.errors import QueueError, UsageError
from narrator.queue import LANES, Run, open_queue
from narrator.queue import postgres as module
from narrator.queue.postgres import PostgresQueue
from narrator.queue.postgres_worker import watched

WORKER = """
import sys, time
from pathlib import Path
from threading import Event
from narrator.queue import open_queue
log = Path(sys.argv[2])
def speak(run, tell):
    with log.open("a") as file:
        file.write(f"{sys.argv[3]} {run.id}\\n")
    if "poison" in run.voice:
        raise ValueError("cannot say that")
    time.sleep(float(sys.argv[4]))
    for key in run.keys:
        tell(key)
queue = open_queue(sys.argv[1])
print("ready", flush=True)
queue.work(speak, lanes=["interactive", "batch"], threads=1, stop=Event())
"""


@pytest.fixture
def queue(database: Database, tmp_path: Path) -> Iterator[PostgresQueue]:
    with database.queue(tmp_path.name) as queue:
        yield queue


@pytest.fixture
def worker(queue: PostgresQueue, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    begun = []

    def begin(name: str = "w", seconds: float = 0.0) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, queue.url, str(tmp_path / "log"), name, str(seconds)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        begun.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in begun:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def run(sentence: MakeSentence) -> Callable[..., Run]:
    def make(narration: str = "N2-a", number: int = 0, voice: str = "tone") -> Run:
        return Run(
            narration, number, voice, 1.0, (sentence("One two."),), (f"n1-{narration}-{number}",)
        )

    return make


def spoken(tmp_path: Path) -> list[str]:
    log = tmp_path / "log"
    return log.read_text().splitlines() if log.exists() else []


def test_a_run_goes_to_a_worker_and_the_news_come_back(
    queue: PostgresQueue, worker: Callable[..., object], run: Callable[..., Run]
) -> None:
    worker()
    one = run()
    ticket = queue.ask(one, "interactive", 5)
    assert queue.wait([one.keys[0]], PATIENCE)
    until(lambda: queue.state(ticket) == "gone")
    assert not queue.wait(["n1-other"], 0.1)


def test_what_is_asked_for_again_is_waited_for_again(
    queue: PostgresQueue, worker: Callable[..., subprocess.Popen[str]], run: Callable[..., Run]
) -> None:
    process = worker()
    one = run()
    queue.ask(one, "interactive", 5)
    assert queue.wait([one.keys[0]], PATIENCE)
    process.kill()
    queue.ask(one, "interactive", 5)
    assert not queue.wait([one.keys[0]], 0.2)


def test_what_is_urgent_goes_first(
    queue: PostgresQueue, worker: Callable[..., object], run: Callable[..., Run], tmp_path: Path
) -> None:
    queue.ask(run("N2-batch", 0), "batch", 1000)
    queue.ask(run("N2-late", 1), "interactive", 10)
    queue.ask(run("N2-soon", 0), "interactive", 99)
    worker()
    assert queue.wait(["n1-N2-batch-0"], PATIENCE)
    assert spoken(tmp_path) == ["w N2-soon-0", "w N2-late-1", "w N2-batch-0"]


def test_who_asks_for_the_same_gets_the_same_job(
    queue: PostgresQueue, run: Callable[..., Run]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        tickets = set(pool.map(lambda _: queue.ask(run(), "batch", 0), range(24)))
    assert len(tickets) == 1
    assert [(c.lane, c.waiting) for c in queue.counts()] == [("interactive", 0), ("batch", 1)]
    assert {queue.ask(run(), "interactive", 7)} == tickets, "somebody waits for it now"
    counts = queue.counts()
    assert [(c.lane, c.waiting) for c in counts] == [("interactive", 1), ("batch", 0)]
    assert counts[0].oldest > 0


def test_what_was_begun_and_not_finished_goes_before_what_waits(
    queue: PostgresQueue,
    worker: Callable[..., subprocess.Popen[str]],
    run: Callable[..., Run],
    tmp_path: Path,
) -> None:
    first = worker("first", 600.0)
    queue.ask(run("N2-late", 9), "interactive", 1)
    until(lambda: spoken(tmp_path))
    for number in range(20):
        queue.ask(run("N2-soon", number), "interactive", 1000)
    first.kill()
    worker("second", 1.5)
    assert queue.wait(["n1-N2-late-9"], PATIENCE)
    assert len(spoken(tmp_path)) < 1 + 20 + 1, "it waited for all that waits"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_work_of_the_killed_and_the_frozen_is_done_by_another(
    queue: PostgresQueue,
    worker: Callable[..., subprocess.Popen[str]],
    run: Callable[..., Run],
    tmp_path: Path,
    how: signal.Signals,
) -> None:
    first = worker("first", 600.0)
    ticket = queue.ask(run(), "interactive", 1)
    until(lambda: spoken(tmp_path))
    first.send_signal(how)
    worker("second")
    assert queue.wait(["n1-N2-a-0"], PATIENCE)
    assert spoken(tmp_path) == ["first N2-a-0", "second N2-a-0"]
    assert queue.state(ticket) in ("running", "gone")


def test_a_poisonous_run_is_given_up_and_harms_no_other(
    queue: PostgresQueue, worker: Callable[..., object], run: Callable[..., Run], tmp_path: Path
) -> None:
    worker()
    ticket = queue.ask(run("N2-bad", 0, "poison"), "interactive", 9)
    queue.ask(run("N2-good", 0), "interactive", 1)
    assert queue.wait(["n1-N2-good-0"], PATIENCE)
    until(lambda: queue.state(ticket) == "failed")
    assert spoken(tmp_path).count("w N2-bad-0") == 3
    assert queue.reason("N2-bad-0") == "cannot say that"
    assert [(g.run, g.attempts, g.reason) for g in queue.jobs("failed")] == [
        ("N2-bad-0", 3, "cannot say that")
    ]
    assert queue.retry([ticket]) == 1
    until(lambda: spoken(tmp_path).count("w N2-bad-0") == 6)
    until(lambda: queue.state(ticket) == "failed")
    assert queue.drop() == 1
    assert queue.jobs("failed") == []
    assert queue.state(ticket) == "gone"


def test_runs_of_a_narration_that_is_not_wanted_are_dropped(
    queue: PostgresQueue, run: Callable[..., Run]
) -> None:
    for number in range(3):
        queue.ask(run("N2-old", number), "batch", 0)
    queue.ask(run("N2-new", 0), "batch", 0)
    assert queue.drop("N2-old") == 3
    assert [c.waiting for c in queue.counts()] == [0, 1]


def test_a_restart_of_the_database_is_survived(
    database: Database,
    queue: PostgresQueue,
    worker: Callable[..., object],
    run: Callable[..., Run],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker()
    queue.ask(run("N2-before", 0), "interactive", 1)
    assert queue.wait(["n1-N2-before-0"], PATIENCE)
    database.stop()
    with monkeypatch.context() as impatient:
        impatient.setattr(module, "PATIENCE", 2.0)
        with pytest.raises(QueueError, match="does not answer"):
            queue.counts()
    database.start()
    queue.ask(run("N2-after", 0), "interactive", 1)
    assert queue.wait(["n1-N2-after-0"], PATIENCE)


def test_migrating_is_safe_twice_and_while_others_do(
    database: Database, run: Callable[..., Run]
) -> None:
    url = database.url("t_migrating")
    fresh = open_queue(url)
    with pytest.raises(QueueError, match="narrator queue migrate"):
        fresh.counts()
    with pytest.raises(QueueError, match="narrator queue migrate"):
        fresh.ask(run(), "batch", 0)
    queues = [open_queue(url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda q: q.migrate(), queues))
    assert sum(text.startswith("made") for text in told) == 1
    assert sum(text.startswith("nothing to do") for text in told) == 3
    fresh.ask(run(), "batch", 0)
    assert fresh.migrate().startswith("nothing to do")
    assert fresh.counts()[1].waiting == 1
    for queue in (fresh, *queues):
        queue.close()


def test_a_queue_that_is_not_there_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = open_queue("postgresql://someone:secret@127.0.0.1:1/x?connect_timeout=1")
    monkeypatch.setattr(module, "PATIENCE", 0.5)
    with pytest.raises(QueueError, match=r"postgresql://127\.0\.0\.1:1/x does not answer") as e:
        queue.counts()
    queue.close()
    assert "secret" not in str(e.value)


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(UsageError, match="postgresql://"):
        open_queue("carrier-pigeon://roof")


def test_a_worker_ends_when_it_is_told(queue: PostgresQueue) -> None:
    stop = Event()
    thread = Thread(
        target=queue.work, args=(lambda run, tell: None,),
        kwargs={"lanes": LANES, "threads": 1, "stop": stop},
    )  # fmt: skip
    thread.start()
    time.sleep(1.0)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_a_worker_of_many_threads_speaks_as_many_at_a_time(
    queue: PostgresQueue, run: Callable[..., Run]
) -> None:
    """More than Python's event loop has threads of its own."""
    many = (os.cpu_count() or 1) + 8
    together = Barrier(many)
    met: list[int] = []

    def speak(run: Run, tell: Callable[[str], None]) -> None:
        met.append(together.wait(PATIENCE))

    for number in range(many):
        queue.ask(run("N2-many", number), "batch", 1)
    stop = Event()
    working = Thread(
        target=queue.work, args=(speak,), kwargs={"lanes": LANES, "threads": many, "stop": stop}
    )
    working.start()
    until(lambda: len(met) == many)
    stop.set()
    working.join()
    assert sorted(met) == list(range(many))


def test_a_process_that_freezes_within_a_transaction_blocks_nobody(queue: PostgresQueue) -> None:
    """Its locks end with its session, which the database ends."""
    frozen = psycopg.connect(watched(queue.url))
    frozen.execute("LOCK TABLE procrastinate_jobs IN ACCESS EXCLUSIVE MODE")
    with psycopg.connect(queue.url) as other:
        other.execute("SELECT count(*) FROM procrastinate_jobs")  # Waits until the locks are gone.
    with pytest.raises(psycopg.Error):
        frozen.execute("SELECT 1")
    frozen.close()
