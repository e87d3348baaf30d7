"""A long sequence in a small space."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar, overload

Item = TypeVar("Item")

STRETCH = 32
"""Items that are rolled up together: a sentence's words fill a kilobyte, so few enough to unroll
for the sake of one, and enough to compress well."""

LEVEL = 1
"""Of zlib: half the size of none; the highest takes a tenth off and three times as long."""


class Roll(Sequence[Item], Generic[Item]):
    """Frozen values in order, all but the last of them rolled up: pickled and compressed. What is
    taken out is equal to what was put in, and no longer kept than its taker keeps it.

    It only ever grows. One thread may append while others read.
    """

    __slots__ = ("_held",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._held: tuple[tuple[bytes, ...], list[Item]] = ((), [])
        """What is rolled up, STRETCH items each, and what is not yet. Replaced as one, so that
        readers see both as they belong together."""
        for item in items:
            self.append(item)

    def append(self, item: Item) -> None:
        """Add an item at the end."""
        rolled, loose = self._held
        loose.append(item)
        if len(loose) == STRETCH:
            self._held = (*rolled, zlib.compress(pickle.dumps(loose, -1), LEVEL)), []

    def __len__(self) -> int:
        rolled, loose = self._held
        return len(rolled) * STRETCH + len(loose)

    def __iter__(self) -> Iterator[Item]:
        return self._from(0)

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        if isinstance(index, slice):
            places = range(len(self))[index]
            if places.step != 1:
                return tuple(self[place] for place in places)
            wanted = self._from(places.start)
            return tuple(item for item, _ in zip(wanted, places, strict=False))
        return next(self._from(range(len(self))[index]))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Roll | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __repr__(self) -> str:
        return f"Roll({list(self)!r})"

    def _from(self, start: int) -> Iterator[Item]:
        """The items from a place on."""
        rolled, loose = self._held
        number, skipped = divmod(start, STRETCH)
        for stretch in rolled[number:]:
            yield from pickle.loads(zlib.decompress(stretch))[skipped:]
            skipped = 0
        yield from loose[skipped:] if number <= len(rolled) else ()
