"""A cluster under faults: workers that are speaking are killed, frozen, cut off or starved, the
database and the store fail. Every narration must be whole, each sentence in it once."""

from __future__ import annotations

import hashlib
import random
import statistics
import time
from pathlib import Path
from typing import Any

import pytest
from fleet import fleet
from serving import Serving, paragraphs, serving

from narrator.library import open_library
from narrator.library.upkeep import damaged
from narrator.queue.postgres import PostgresQueue

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
            assert held, "there was nothing left to speak"
            workers.kill(victim)
            recoveries.append(workers.taken_over(held, victim))
            workers.begin()
        left = sum(count.waiting + count.running for count in queue.counts())
        made = [service.finished(narration, 600) for narration in ids]
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
