"""Work shared by the threads of one process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 4
"""Items in work or waiting to be taken, for each worker: enough that a long one in front does not
stop the others, few enough that memory stays flat."""


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Iterator[Result]:
    """The results of the items, in their order, while the next ones are being worked on.

    An error of an item is raised where its result would have come. When the caller stops early,
    items that have begun are finished and the others dropped.
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="narrator")
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) >= workers * AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
