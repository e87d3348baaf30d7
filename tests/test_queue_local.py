"""Work of threads: results in order, errors in place, nothing started that nobody wants."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from waiting import PATIENCE

from narrator.queue.local import AHEAD, EarlyParts, in_order


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


def counted(i: int, hand_over: Callable[[str], None]) -> int:
    """Hands over as many parts as its number says."""
    for part in range(i):
        time.sleep(0.001)
        hand_over(f"{i}.{part}")
    return i


def test_parts_come_in_order_and_the_result_last() -> None:
    with closing(EarlyParts(counted, range(9), 3)) as parts:
        parts.let_all_work()
        taken = [list(item) for item in parts]
    assert taken == [[*(f"{i}.{part}" for part in range(i)), i] for i in range(9)]


def test_a_part_comes_before_its_item_is_done() -> None:
    go_on = threading.Event()

    def work(i: int, hand_over: Callable[[str], None]) -> int:
        hand_over("early")
        assert go_on.wait(PATIENCE)
        return i

    with closing(EarlyParts(work, [1], 1)) as parts:
        item = next(iter(parts))
        assert next(item) == "early"
        go_on.set()
        assert next(item) == 1


def test_the_first_item_begins_at_once_and_alone() -> None:
    begun: list[int] = []

    def work(i: int, hand_over: Callable[[str], None]) -> int:
        begun.append(i)
        hand_over("early")
        return i

    with closing(EarlyParts(work, range(9), 3)) as parts:
        items = iter(parts)
        assert list(next(items)) == ["early", 0]
        assert begun == [0]
        parts.let_all_work()
        assert [list(item)[-1] for item in items] == list(range(1, 9))


def test_without_leave_all_items_are_worked_on_one_by_one() -> None:
    with closing(EarlyParts(counted, range(5), 3)) as parts:
        assert [list(item)[-1] for item in parts] == list(range(5))


def test_an_error_comes_after_the_parts_before_it() -> None:
    def work(i: int, hand_over: Callable[[str], None]) -> int:
        hand_over("early")
        if i == 1:
            raise ValueError("one")
        return i

    with closing(EarlyParts(work, range(5), 2)) as parts:
        items = iter(parts)
        assert list(next(items)) == ["early", 0]
        item = next(items)
        assert next(item) == "early"
        with pytest.raises(ValueError, match="one"):
            next(item)


def test_closing_early_drops_the_rest() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def work(i: int, hand_over: Callable[[str], None]) -> int:
        with lock:
            begun.append(i)
        time.sleep(0.01)
        return i

    with closing(EarlyParts(work, range(1000), 2)) as parts:
        parts.let_all_work()
        list(next(iter(parts)))
    assert len(begun) <= 2 * AHEAD + 2
