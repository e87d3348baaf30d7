"""Several machines, on one: jobs through the queue, latency, scaling, first sound.

PostgreSQL from Debian, workers and services as in production, all as real processes; the library is
a folder that they share. Workers that stand for machines speak tones and wait as long as Piper
would compute; with --real only Piper's, of one thread each, and the first sound.

Each step is measured twice. Once whole: services take the articles over HTTP, and master and encode
them. And once "only fetched": in the place of each service a process asks for the sentences of
articles that it has planned before, and decodes each as it comes, as a service does, but masters
and encodes nothing and serves nobody. The second says what queue, store and workers can do where
services have cores of their own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from database import Database
from serving import Serving

from narrator import read
from narrator.model import Plan, Segment, Sentence, Word
from narrator.planning import plan
from narrator.queue import LANES, Queue, Run, open_queue
from narrator.queue.local import EarlyParts
from narrator.remote import Cast, later
from narrator.settings import load_settings
from narrator.studio import Studio

PACE = 0.065
"""Seconds that one thread of Piper computes for a second of sound (`narrator bench`, one core)."""

STEPS = (1, 2, 4, 8, 16, 32, 64)
"""Workers."""

THREADS = 8
"""Workers that share a process at most: each waits, and none computes much."""

SENTENCES = 40
"""Of an article: about three and a half minutes."""

ARTICLES = 2
"""Of each worker."""

WORKER = str(Path(__file__).parents[1] / "tests/slow_worker.py")


def main() -> None:
    """Measure and print; JSON with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--real", action="store_true", help="only Piper: 1 and 2 workers, sound")
    parser.add_argument("--fetch", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, nargs="*", default=STEPS, help="numbers of workers")
    options = parser.parse_args()
    if options.fetch:
        print(json.dumps(fetched_here(json.loads(sys.stdin.readline()))))
        return
    told: dict[str, Any] = {}
    with Database() as database, tempfile.TemporaryDirectory() as name:
        if not options.real:
            told["queue"] = through_the_queue(database)
            told["scaling"] = [
                step(database, Path(name) / f"w{count}", count, PACE) for count in options.steps
            ]
            told["fetching"] = [
                step(database, Path(name) / f"f{count}", count, PACE, serve=False)
                for count in options.steps
            ]
        told["piper"] = [piper(database, Path(name) / f"p{count}", count) for count in (1, 2)]
        told["first_sound"] = first_sound(database, Path(name) / "sound", article)
        told["first_sound_long"] = first_sound(database, Path(name) / "long", long_winded)
    if options.json:
        print(json.dumps(told))
        return
    show(told)


def show(told: dict[str, Any]) -> None:
    """Tables for people."""
    if "queue" in told:
        q = told["queue"]
        print(f"queue: {q['jobs_per_second']:.0f} jobs/s with 4 threads; idle latency "
              f"{q['latency_ms']:.0f} ms median, {q['latency_worst_ms']:.0f} ms worst of "
              f"{q['asked']}; asking {q['ask_ms']:.1f} ms a job")  # fmt: skip
    for title, rows in (
        ("waiting workers", told.get("scaling", [])),
        ("only fetched", told.get("fetching", [])),
        ("Piper", told["piper"]),
    ):
        print(f"\n{title:16}{'articles':>9}{'seconds':>9}{'audio/s':>9}{'efficiency':>11}"
              f"{'services CPU':>13}{'workers CPU':>12}{'database CPU':>13}")  # fmt: skip
        for row in rows:
            print(f"{row['workers']:16}{row['articles']:9}{row['seconds']:9.1f}"
                  f"{row['audio'] / row['seconds']:9.1f}{row['efficiency']:11.2f}"
                  f"{row['services_cpu']:13.2f}{row['workers_cpu']:12.2f}"
                  f"{row['database_cpu']:13.2f}")  # fmt: skip
    for which, about in (("first_sound", ""), ("first_sound_long", ", a first sentence of 15 s")):
        s = told[which]
        print(f"\nfirst sound across processes, Piper, idle{about}: median {s['median']:.2f} s, "
              f"worst {s['worst']:.2f} s of {s['count']}")  # fmt: skip


def through_the_queue(database: Database) -> dict[str, float]:
    """Jobs that do nothing: how many a second, and how soon an idle worker begins."""
    queue = open_queue(database.url("jobs"))
    queue.migrate()
    stop = Event()
    done: list[float] = []

    def nothing(run: Run, tell: Any) -> None:
        done.append(time.perf_counter())
        tell(run.keys[0])

    worker = Thread(target=queue.work, args=(nothing,),
                    kwargs={"lanes": LANES, "threads": 4, "stop": stop})  # fmt: skip
    worker.start()
    queue.ask(_run("warm", 0), "interactive", 1)
    queue.wait(["warm-0"], 30)
    latencies = []
    for number in range(100):
        time.sleep(0.05)
        asked = time.perf_counter()
        queue.ask(_run("idle", number), "interactive", 1)
        queue.wait([f"idle-{number}"], 30)
        latencies.append(done[-1] - asked)
    count = 2000
    began = time.perf_counter()
    for number in range(count):
        queue.ask(_run("busy", number), "batch", 1)
    asking = (time.perf_counter() - began) / count
    while len(done) < count + 101 and time.perf_counter() - began < 120:
        time.sleep(0.01)
    rate = (len(done) - 101) / (done[-1] - began)
    stop.set()
    worker.join()
    queue.close()
    return {
        "jobs_per_second": rate, "latency_ms": 1000 * statistics.median(latencies),
        "latency_worst_ms": 1000 * max(latencies), "asked": len(latencies),
        "ask_ms": 1000 * asking,
    }  # fmt: skip


def step(
    database: Database, folder: Path, workers: int, pace: float, *, serve: bool = True
) -> dict[str, float]:
    """So many workers that wait, two services, two articles a worker, all at once; without
    `serve`, two processes that only fetch what is spoken."""
    shares = [THREADS] * (workers // THREADS) + ([workers % THREADS] if workers % THREADS else [])
    command = [[sys.executable, WORKER, str(pace), str(share)] for share in shares]
    articles = [article(f"{workers}-{number}") for number in range(ARTICLES * workers)]
    measure = narrated if serve else fetched
    row = measure(database, folder, command, articles, voice="tone")
    ideal = pace * row["audio"] / workers
    return {"workers": workers, **row, "ideal": ideal, "efficiency": ideal / row["seconds"]}


def piper(database: Database, folder: Path, workers: int) -> dict[str, float]:
    """Real workers of one thread."""
    command = [[sys.executable, "-m", "narrator", "work", "--threads", "1"]] * workers
    articles = [article(f"p-{number}", 20) for number in range(4)]
    row = narrated(database, folder, command, articles, voice="en_US-joe-medium")
    alone = piper.__dict__.setdefault("alone", row["seconds"])
    return {"workers": workers, **row, "efficiency": alone / row["seconds"] / workers}


def narrated(
    database: Database, folder: Path, workers: list[list[str]], articles: list[str], *, voice: str
) -> dict[str, float]:
    """From the first request to the last manifest, and the CPU seconds of all who took part."""
    with cluster(database, folder, workers, voice) as (services, processes, _):
        before = {kind: cpu(pids) for kind, pids in processes.items()}
        began = time.perf_counter()
        results = asyncio.run(asked(services, articles))
        seconds = time.perf_counter() - began
        used = {f"{kind}_cpu": cpu(pids) - before[kind] for kind, pids in processes.items()}
    return {"articles": len(articles), "seconds": seconds, "audio": sum(results), **used}


def fetched(
    database: Database, folder: Path, workers: list[list[str]], articles: list[str], *, voice: str
) -> dict[str, float]:
    """As `narrated`, by two processes that fetch every sentence and make nothing of it."""
    with cluster(database, folder, workers, voice, services=0) as (_, processes, env):
        fetchers = [
            subprocess.Popen(
                [sys.executable, __file__, "--fetch"], env={**os.environ, **env}, text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            for _ in range(2)
        ]  # fmt: skip
        for number, fetcher in enumerate(fetchers):
            assert fetcher.stdin
            fetcher.stdin.write(json.dumps(articles[number::2]) + "\n")
            fetcher.stdin.flush()
        for fetcher in fetchers:
            assert fetcher.stdout
            fetcher.stdout.readline()  # It has planned them.
        before = {kind: cpu(pids) for kind, pids in processes.items()}
        for fetcher in fetchers:
            assert fetcher.stdin
            fetcher.stdin.write("go\n")
            fetcher.stdin.flush()
        told = [json.loads(fetcher.communicate()[0]) for fetcher in fetchers]
        used = {f"{kind}_cpu": cpu(pids) - before[kind] for kind, pids in processes.items()}
    used["services_cpu"] = sum(one["cpu"] for one in told)
    seconds = max(one["ended"] for one in told) - min(one["began"] for one in told)
    audio = sum(one["audio"] for one in told)
    return {"articles": len(articles), "seconds": seconds, "audio": audio, **used}


def fetched_here(articles: list[str]) -> dict[str, float]:
    """Have these articles spoken and decode each sentence, all articles at once, in this process,
    which plans them, says so and waits to be told to begin: when that was and when it ended
    (seconds of one clock for all processes), the CPU seconds, and the seconds of audio with the
    pauses between sentences."""
    studio = Studio(load_settings())
    plans = [plan(studio, read(text, format="markdown")) for text in articles]
    print("planned", flush=True)
    sys.stdin.readline()
    began, computed = time.monotonic(), time.process_time()

    def fetch(planned: Plan) -> float:
        said = zip(range(len(planned.readers)), planned.script.sentences, planned.readers,
                   strict=True)  # fmt: skip
        seconds = 0.0
        cast = Cast(studio, planned, lane=later)
        takes = EarlyParts(cast.segment, said, studio.settings.threads)
        with closing(takes), closing(cast):
            takes.let_all_work()
            for take, sentence in zip(takes, planned.script.sentences, strict=True):
                (segment,) = (part for part in take if isinstance(part, Segment))
                seconds += len(segment.samples) / segment.sample_rate + sentence.pause
        return seconds

    with ThreadPoolExecutor(len(plans)) as pool:
        audio = sum(pool.map(fetch, plans))
    ended, used = time.monotonic(), time.process_time() - computed
    studio.close()
    return {"began": began, "ended": ended, "cpu": used, "audio": audio}


async def asked(services: list[Serving], articles: list[str]) -> list[float]:
    """Post all articles in turn to the services and wait for all; seconds of audio of each."""

    async def one(client: httpx.AsyncClient, text: str) -> float:
        answer = await client.post("/v1/narrations", json={"markdown": text, "batch": True})
        assert answer.status_code in (201, 202), answer.text
        where = answer.json()["links"]["self"]
        while True:
            status = (await client.get(where)).json()
            if status["state"] == "ready":
                return float(status["duration"])
            assert status["state"] in ("queued", "working"), status
            await asyncio.sleep(0.25)

    async with ExitAll([service.url for service in services]) as clients:
        return await asyncio.gather(
            *(one(clients[i % len(clients)], text) for i, text in enumerate(articles))
        )


class ExitAll:
    """An HTTP client for each address, for the block."""

    def __init__(self, urls: list[str]) -> None:
        self.clients = [httpx.AsyncClient(base_url=url, timeout=300) for url in urls]

    async def __aenter__(self) -> list[httpx.AsyncClient]:
        return self.clients

    async def __aexit__(self, *_: object) -> None:
        for client in self.clients:
            await client.aclose()


def first_sound(
    database: Database, folder: Path, written: Callable[[str, int], str]
) -> dict[str, float]:
    """From a request to the first 2 kB of sound, on an idle cluster: a service and a worker that
    has its voice loaded."""
    command = [[sys.executable, "-m", "narrator", "work", "--threads", "2"]]
    waits = []
    with cluster(database, folder, command, "en_US-joe-medium", services=1) as (services, *_):
        for number in range(21):
            text = written(f"sound-{number}", 12)
            began = time.perf_counter()
            told = services[0].ask(text)
            with services[0].client.stream("GET", told["links"]["audio"]) as answer:
                got = 0
                for chunk in answer.iter_raw():
                    got += len(chunk)
                    if got > 2000:
                        break
                waits.append(time.perf_counter() - began)
            services[0].finished(told["id"])
    waits = waits[1:]  # The first one loads the voice.
    return {"median": statistics.median(waits), "worst": max(waits), "count": len(waits)}


@contextmanager
def cluster(
    database: Database, folder: Path, workers: list[list[str]], voice: str, services: int = 2
) -> Iterator[tuple[list[Serving], dict[str, list[int]], dict[str, str]]]:
    """Services and workers on a fresh queue and a fresh library, all of them up, and their
    environment."""
    folder.mkdir(parents=True)
    url = database.url(f"c_{folder.name}")
    queue = open_queue(url)
    queue.migrate()
    env = {
        "NARRATOR_QUEUE": url, "NARRATOR_LIBRARY": str(folder / "library"),
        "NARRATOR_VOICE": voice, "NARRATOR_SERVICE__TEST_VOICES": "true",
        "NARRATOR_SERVICE__MAKINGS": "64",
        "NARRATOR_SERVICE__QUEUE_LIMIT": "1000", "NARRATOR_SERVICE__MAKINGS_PER_MINUTE": "0",
        "NARRATOR_SERVICE__REQUESTS_PER_MINUTE": "0",
    }  # fmt: skip
    with ExitStack() as stack:
        begun = []
        for command in workers:
            process = subprocess.Popen(
                command, env={**os.environ, **env}, stderr=subprocess.DEVNULL, cwd=folder
            )
            begun.append(process)
            stack.callback(_end, process)
        serving = []
        for _ in range(services):
            service = Serving(folder / "library", (), env)
            stack.callback(service.stop)
            serving.append(service)
        _all_up(queue, len(workers))
        yield (
            serving,
            {
                "services": [s.process.pid for s in serving],
                "workers": [p.pid for p in begun],
                "database": database.pids(),
            },
            env,
        )
    queue.close()


def _all_up(queue: Queue, workers: int) -> None:
    """Wait until so many workers have taken a job each: a run of nothing, which they refuse."""
    deadline = time.monotonic() + 120
    while queue.workers() < workers:
        assert time.monotonic() < deadline, "the workers did not start"
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cpu(pids: list[int]) -> float:
    """Seconds that these processes, and those that they began, have computed."""
    total = 0.0
    tick = os.sysconf("SC_CLK_TCK")
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += sum(map(int, fields[11:15])) / tick
    return total


def article(name: str, sentences: int = SENTENCES) -> str:
    """A text of which no other has a sentence."""
    lines = [
        f"In {name.replace('-', ' ')} the kettle sings while the water warms for cup {number}, and "
        "the cat sleeps on." for number in range(sentences)
    ]  # fmt: skip
    return "\n\n".join(lines)


def long_winded(name: str, sentences: int = SENTENCES) -> str:
    """As `article`, with a first sentence of about 15 seconds."""
    clauses = ", ".join(
        f"in room {number} of {name.replace('-', ' ')} the kettle sings while the water warms"
        for number in range(4)
    )
    return f"It is said that {clauses}, and the cat sleeps on.\n\n{article(name, sentences)}"


def _run(name: str, number: int) -> Run:
    sentence = Sentence("b", "paragraph", 0, 3, "One", "One", (Word(0, 3, 0, 3),), 0.3)
    return Run(name, number, "tone", 1.0, (sentence,), (f"{name}-{number}",))


if __name__ == "__main__":
    main()
