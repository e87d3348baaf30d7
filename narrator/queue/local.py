"""Work shared by the threads of one process."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import Generic, TypeVar

Item = TypeVar("Item")
Part = TypeVar("Part")
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


class EarlyParts(Generic[Item, Part, Result]):
    """The items in their order, each as an iterator over what its work hands over while it goes on,
    with its result as the last; the next ones are being worked on meanwhile.

    The first item begins at once, and has the machine for itself until `let_all_work` is called.
    An error of an item is raised where its result would have come. Close it, and items that have
    begun are finished and the others dropped.
    """

    def __init__(
        self,
        work: Callable[[Item, Callable[[Part], None]], Result],
        items: Iterable[Item],
        workers: int,
    ) -> None:
        self._work = work
        self._items = iter(items)
        self._most = 1
        """Items in work or waiting to be taken."""
        self._ahead = workers * AHEAD
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="narrator")
        self._begun: deque[tuple[SimpleQueue[Part | None], Future[Result]]] = deque()
        """The item being taken comes first."""
        self._begin()

    def let_all_work(self) -> None:
        """Begin with the items after the first one, if that was not done before."""
        self._most = self._ahead
        self._begin()

    def __iter__(self) -> Iterator[Iterator[Part | Result]]:
        while self._begun:
            yield self._parts(*self._begun[0])
            self._begun.popleft()
            self._begin()

    def close(self) -> None:
        """Wait for what has begun."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(self) -> None:
        while len(self._begun) < self._most:
            for item in self._items:
                parts: SimpleQueue[Part | None] = SimpleQueue()
                self._begun.append((parts, self._pool.submit(self._worked, item, parts)))
                break
            else:
                return

    def _worked(self, item: Item, parts: SimpleQueue[Part | None]) -> Result:
        try:
            return self._work(item, parts.put)
        finally:
            parts.put(None)

    @staticmethod
    def _parts(parts: SimpleQueue[Part | None], result: Future[Result]) -> Iterator[Part | Result]:
        while (part := parts.get()) is not None:
            yield part
        yield result.result()
