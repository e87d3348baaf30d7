"""Work of threads: results in order, errors in place, nothing started that nobody wants."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from narrator.queue.local import AHEAD, in_order


def test_results_come_in_order() -> None:
    def slow_when_early(i: int) -> int:
        time.sleep((20 - i) * 0.001)
        return i

    assert list(in_order(slow_when_early, range(20), 4)) == list(range(20))


def test_items_are_taken_only_so_far_ahead() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for i in range(100):
            taken.append(i)
            yield i

    results = in_order(lambda i: i, items(), 2)
    next(results)
    assert len(taken) <= 2 * AHEAD + 1


def test_an_error_comes_where_its_result_would() -> None:
    def work(i: int) -> int:
        if i == 3:
            raise ValueError("three")
        return i

    results = in_order(work, range(10), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three"):
        next(results)


def test_stopping_early_drops_the_rest() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def work(i: int) -> int:
        with lock:
            begun.append(i)
        time.sleep(0.01)
        return i

    results = in_order(work, range(1000), 2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= 2 * AHEAD + 2
