"""A cluster under faults: workers that are speaking are killed, frozen, cut off or starved, the
database and the store fail. Every narration must be whole, each sentence in it once."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cable import Cable
from database import Database
from fleet import fleet
from object_store import Faulty, environment
from serving import Serving, paragraphs, serving
from waiting import PATIENCE, until

from narrator import narrate, read
from narrator.errors import LibraryError
from narrator.library import open_library
from narrator.library.early import early_name
from narrator.library.segments import segment_name
from narrator.library.upkeep import LEFT, damaged, left_behind
from narrator.model import Samples
from narrator.planning import plan
from narrator.queue.postgres import PostgresQueue
from narrator.remote import Cast
from narrator.settings import load_settings
from narrator.studio import Studio

UNLIMITED = {
    "NARRATOR_SERVICE__MAKINGS_PER_MINUTE": "0",
    "NARRATOR_SERVICE__REQUESTS_PER_MINUTE": "0",
    "NARRATOR_SERVICE__QUEUE_LIMIT": "500",
}

SLOWEST = 15.0
"""Seconds in which sentences of a worker that fell are spoken by another."""


def house(number: int, sentences: int = 6) -> str:
    """An article of which no other has a sentence."""
    return paragraphs(sentences, f"In house {number} the kettle sings and the cat sleeps")


def check_whole(service: Serving, made: dict[str, Any], sentences: int) -> None:
    """Every sentence is there once and in order, and the audio is what its manifest says."""
    cues = service.client.get(made["links"]["cues"]).json()
    said = [cue["source"] for cue in cues["cues"]]
    assert said == [f"{said[0].rpartition(' cup ')[0]} cup {n}." for n in range(sentences)]
    audio = service.client.get(made["links"]["audio"])
    digest = hashlib.sha256(audio.content).hexdigest()
    assert audio.headers["ETag"] == f'"{digest}"' == f'"{cues["audio"]["sha256"]}"'


@pytest.mark.soak
@pytest.mark.timeout(3000)
def test_fifty_kills_of_workers_during_two_hundred_narrations(
    queue: PostgresQueue, tmp_path: Path
) -> None:
    """Each kill hits a worker that is speaking. Every narration is finished and whole."""
    moments = random.Random(5)
    folder = tmp_path / "library"
    recoveries: list[float] = []
    with (
        fleet(queue, 4, 0.5, NARRATOR_LIBRARY=str(folder)) as workers,
        serving(folder, **UNLIMITED) as service,
    ):
        ids = [service.ask(house(number))["id"] for number in range(200)]
        for _ in range(50):
            time.sleep(moments.uniform(0.0, 2.0))
            victim = moments.choice(workers.members)
            held = workers.speaking(victim)
            workers.kill(victim)
            recoveries.append(workers.taken_over(held, victim))
            workers.begin()
        left = sum(count.waiting + count.running for count in queue.counts())
        made = [service.finished(narration) for narration in ids]
        for narration in made:
            check_whole(service, narration, 6)
    assert len({narration["id"] for narration in made}) == 200
    assert list(damaged(open_library(str(folder)))) == [None] * 1200
    assert [count.failed for count in queue.counts()] == [0, 0]
    assert max(recoveries) < SLOWEST
    print(
        f"\n50 kills hit a worker that was speaking ({left} runs were left after the last); 200 "
        "narrations finished, 0 lost, 0 damaged; spoken by another after "
        f"{max(recoveries):.1f} s at worst, {statistics.median(recoveries):.1f} s in the median"
    )


def test_most_workers_are_frozen_and_go_on_later(queue: PostgresQueue, tmp_path: Path) -> None:
    """Three of four stop while they speak; the one that is left speaks what they held, and what
    they say when they wake up does no harm."""
    folder = tmp_path / "library"
    with (
        fleet(queue, 4, 0.3, NARRATOR_LIBRARY=str(folder)) as workers,
        serving(folder, **UNLIMITED) as service,
    ):
        ids = [service.ask(house(number))["id"] for number in range(8)]
        frozen = {member: workers.speaking(member) for member in workers.members[:3]}
        for member, held in frozen.items():
            workers.taken_over(held, member)
        for member in frozen:
            member.process.send_signal(signal.SIGCONT)
        for narration in ids:
            check_whole(service, service.finished(narration), 6)
        assert all(member.process.poll() is None for member in workers.members)
    assert [count.failed for count in queue.counts()] == [0, 0]


def test_a_worker_that_is_cut_from_the_database_is_replaced_and_comes_back(
    database: Database, queue: PostgresQueue, tmp_path: Path
) -> None:
    """Its connections stand, and nothing comes through them."""
    folder = tmp_path / "library"
    with (
        Cable(database.port) as cable,
        fleet(queue, 1, 0.15, NARRATOR_LIBRARY=str(folder)) as workers,
        serving(folder, **UNLIMITED) as service,
    ):
        there = queue.url.replace(f":{database.port}/", f":{cable.port}/")
        cut = workers.begin(NARRATOR_QUEUE=there)
        ids = [service.ask(house(number))["id"] for number in range(5)]
        held = workers.speaking(cut)
        cable.cut()
        cut.process.send_signal(signal.SIGCONT)
        workers.taken_over(held, cut)
        for narration in ids:
            check_whole(service, service.finished(narration), 6)
        cable.mend()
        for member in workers.members:
            if member is not cut:
                member.process.kill()
        after = service.ask(house(99))["id"]
        check_whole(service, service.finished(after), 6)  # By the one that was cut off.
    assert [count.failed for count in queue.counts()] == [0, 0]


def test_the_database_is_restarted_during_narrations_at_two_services(
    database: Database, queue: PostgresQueue, tmp_path: Path
) -> None:
    folder = tmp_path / "library"
    with (
        fleet(queue, 3, 0.2, NARRATOR_LIBRARY=str(folder)) as workers,
        serving(folder, **UNLIMITED) as one,
        serving(folder, **UNLIMITED) as two,
    ):
        asked = [(s, s.ask(house(n))["id"]) for n in range(6) for s in (one, two)]
        workers.speaking(workers.members[0])
        workers.members[0].process.send_signal(signal.SIGCONT)
        database.stop()
        time.sleep(3)
        database.start()
        for service, narration in asked:
            check_whole(service, service.finished(narration), 6)
    assert [count.failed for count in queue.counts()] == [0, 0]


@pytest.mark.parametrize("fault", ["slow", "500"])
def test_the_store_is_slow_or_fails_while_workers_speak(
    fault: str, queue: PostgresQueue, place: str, tmp_path: Path
) -> None:
    """For the workers and the service alike."""
    faulty = Faulty(int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2]))
    env = {**environment(faulty.server_address[1]), "NARRATOR_LIBRARY": place}
    try:
        with (
            fleet(queue, 3, 0.1, **env) as workers,
            serving(tmp_path / "x", **env, **UNLIMITED) as service,
        ):
            ids = [service.ask(house(number))["id"] for number in range(3)]
            workers.speaking(workers.members[0])
            workers.members[0].process.send_signal(signal.SIGCONT)
            if fault == "slow":
                faulty.wait = 0.5
            else:
                faulty.failures = 60
            for narration in ids:
                check_whole(service, service.finished(narration), 6)
            assert faulty.failures == 0
    finally:
        faulty.server_close()
    assert [count.failed for count in queue.counts()] == [0, 0]


def test_a_worker_that_runs_out_of_memory_ends_and_another_speaks(
    queue: PostgresQueue, library: Path, worker: Callable[..., subprocess.Popen[bytes]],
    tmp_path: Path,
) -> None:  # fmt: skip
    """The real voice, which does not fit."""
    starved = worker()
    until(queue.workers)
    pages = int(Path(f"/proc/{starved.pid}/statm").read_text().split()[0])
    room = pages * resource.getpagesize() + (100 << 20)
    resource.prlimit(starved.pid, resource.RLIMIT_AS, (room, room))
    article = tmp_path / "a.md"
    article.write_text(paragraphs(4))

    def replaced() -> None:
        assert starved.wait(PATIENCE) == os.EX_OSERR
        worker()

    with ThreadPoolExecutor(1) as pool:
        falling = pool.submit(replaced)
        made = narrate(article, output=tmp_path / "a.mp3")
        falling.result()
    assert len(made.cues) == made.spoken == 4
    assert [count.failed for count in queue.counts()] == [0, 0]


LONG_ONE = " and ".join(f"the kettle number {n} sings" for n in range(9)).capitalize() + "."


def test_a_long_first_sentence_is_heard_while_it_is_spoken_elsewhere(
    queue: PostgresQueue, library: Path
) -> None:
    """Its worker is killed in the middle, and what another says goes on where that one ended."""
    studio = Studio(load_settings(voice="tone"))
    made = plan(studio, read(LONG_ONE, format="text"))
    (key,) = made.segments
    stored: list[bool] = []
    heard: list[Samples] = []
    with (
        fleet(queue, 1, 0.5, NARRATOR_LIBRARY=str(library)) as workers,
        closing(Cast(studio, made)) as cast,
        ThreadPoolExecutor(1) as pool,
    ):

        def hear(samples: Samples) -> None:
            stored.append(studio.library.size(segment_name(key)) is not None)
            heard.append(samples)

        said = (0, made.script.sentences[0], made.readers[0])
        segment = pool.submit(cast.segment, said, hear)
        until(lambda: len(heard) >= 2)
        workers.kill(workers.members[0])
        workers.begin()
        whole = segment.result(PATIENCE).samples
        until(lambda: not list(studio.library.entries("early/")))
    assert len(heard) >= 3
    assert not any(stored), "each part was heard before the segment was there"
    beginning = np.concatenate(heard)
    assert np.array_equal(whole[: len(beginning)], beginning)
    assert not list(studio.library.entries("early/"))
    studio.close()


def test_a_beginning_that_is_not_the_segments_is_found_out(
    queue: PostgresQueue, library: Path
) -> None:
    """It would be a worker's of another processor that was lost."""
    studio = Studio(load_settings(voice="tone"))
    made = plan(studio, read(LONG_ONE, format="text"))
    (key,) = made.segments
    studio.library.write(early_name(key, 0), bytes(40_000))
    with (
        fleet(queue, 1, 0.1, NARRATOR_LIBRARY=str(library)),
        closing(Cast(studio, made)) as cast,
        pytest.raises(LibraryError, match="narrated again"),
    ):
        cast.segment((0, made.script.sentences[0], made.readers[0]), lambda _: None)
    studio.close()


def test_what_was_left_of_an_early_sound_is_collected(library: Path) -> None:
    store = open_library(str(library))
    store.write("early/n1-a.0", b"12")
    assert list(left_behind(store, now=time.time())) == []
    assert list(left_behind(store, now=time.time() + 2 * LEFT)) == [("early/n1-a.0", 2)]
