"""A line in which callers take turns, so that one of them cannot hold up the others."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairLine(Generic[Item]):
    """Items that wait for one of a few places. Those go first whose callers hold the fewest, and
    among these callers take turns; none holds more places than its share. Not safe for threads:
    its owner holds a lock."""

    def __init__(self, places: int, share: int) -> None:
        self.places = places
        self.share = share
        self._waiting: OrderedDict[str, deque[tuple[Item, int]]] = OrderedDict()
        """By caller; the caller whose turn is next comes first."""
        self._holding: Counter[str] = Counter()
        self._sizes: Counter[str] = Counter()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    @property
    def size(self) -> int:
        """Bytes of all items that wait."""
        return self._sizes.total()

    def crowded(self, caller: str, size: int, count: int, most: int) -> bool:
        """Whether an item of so many bytes should not wait, where `count` items of `most` bytes
        in all may. A caller gets at most as much room as it leaves free: half the line when it is
        alone, a third beside one that does the same."""
        own = len(self._waiting.get(caller, ()))
        if not len(self):
            return False
        if len(self) >= count or self.size + size > most:
            return True
        return own >= count - len(self) or (
            own > 0 and self._sizes[caller] + size > most - self.size
        )

    def put(self, caller: str, item: Item, size: int = 0) -> None:
        """Let an item of so many bytes wait."""
        self._waiting.setdefault(caller, deque()).append((item, size))
        self._sizes[caller] += size

    def take(self) -> tuple[str, Item] | None:
        """The next item and its caller, who holds a place from now on; None where nobody may go
        on."""
        if self._holding.total() >= self.places:
            return None
        able = [caller for caller in self._waiting if self._holding[caller] < self.share]
        if not able:
            return None
        caller = min(able, key=lambda known: self._holding[known])  # The first of those.
        items = self._waiting[caller]
        item, size = items.popleft()
        self._waiting.move_to_end(caller)
        if not items:
            del self._waiting[caller]
        self._sizes[caller] -= size
        if not self._sizes[caller]:
            del self._sizes[caller]
        self._holding[caller] += 1
        return caller, item

    def leave(self, caller: str) -> None:
        """Give back a place."""
        self._holding[caller] -= 1
        if not self._holding[caller]:
            del self._holding[caller]

    def clear(self) -> list[Item]:
        """All that waited; it waits no longer."""
        left = [item for items in self._waiting.values() for item, _ in items]
        self._waiting.clear()
        self._sizes.clear()
        return left
