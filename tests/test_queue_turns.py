"""Turns: the most urgent works next, nobody who works is interrupted, the unwanted go away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from waiting import PATIENCE, until

from narrator.errors import Abandoned
from narrator.queue.turns import Turns, always


def waiting(turns: Turns, count: int) -> None:
    """Until so many threads wait for their turn."""
    until(lambda: len(turns._waiting) >= count, every=0.001)


def started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_the_most_urgent_is_called_first_and_among_equals_the_first_to_come() -> None:
    turns = Turns(1)
    order: list[str] = []

    def work(name: str, due: float) -> Callable[[], None]:
        def run() -> None:
            with turns.taken(lambda: due):
                order.append(name)

        return run

    threads = []
    with turns.taken(always):
        for count, (name, due) in enumerate([("batch", 9.0), ("a", 1.0), ("b", 1.0)], 1):
            threads.append(started(work(name, due)))
            waiting(turns, count)
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["a", "b", "batch"]


def test_urgency_is_asked_when_a_place_is_free_not_when_the_wait_begins() -> None:
    turns = Turns(1)
    order: list[str] = []
    due = {"x": 1.0, "y": 2.0}

    def work(name: str) -> Callable[[], None]:
        def run() -> None:
            with turns.taken(lambda: due[name]):
                order.append(name)

        return run

    with turns.taken(always):
        threads = [started(work("x")), started(work("y"))]
        waiting(turns, 2)
        due["x"] = 3.0
    for thread in threads:
        thread.join(PATIENCE)
    assert order == ["y", "x"]


def test_no_more_work_at_a_time_than_there_are_places() -> None:
    turns = Turns(3)
    lock = threading.Lock()
    at_work = most = 0

    def run() -> None:
        nonlocal at_work, most
        with turns.taken(always):
            with lock:
                at_work += 1
                most = max(most, at_work)
            time.sleep(0.005)
            with lock:
                at_work -= 1

    threads = [started(run) for _ in range(20)]
    for thread in threads:
        thread.join(PATIENCE)
    assert most == 3
    with turns.taken(always), turns.taken(always), turns.taken(always):
        pass  # All places were given back.


def test_what_is_no_longer_wanted_is_sent_away_without_a_place() -> None:
    turns = Turns(1)
    due: list[float | None] = [5.0]
    refused = threading.Event()

    def run() -> None:
        with pytest.raises(Abandoned), turns.taken(lambda: due[0]):
            raise AssertionError
        refused.set()

    with turns.taken(always):
        thread = started(run)
        waiting(turns, 1)
        due[0] = None
    assert refused.wait(PATIENCE)
    thread.join(PATIENCE)
    with turns.taken(always):
        pass
