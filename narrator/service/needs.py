"""What narrations need of the library, so that what only one of them needs goes with it."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

from pydantic import TypeAdapter, ValidationError

from narrator.errors import LibraryError
from narrator.library import NARRATIONS, Library
from narrator.library.encodings import encoding_name
from narrator.library.segments import segment_name
from narrator.service.manifests import SEGMENT_LIST, TRANSCRIPT, Manifest

REMEMBERED = 20_000
"""Narrations of which it is kept in memory what they need: some 8 bytes a sentence."""

_KEYS = TypeAdapter(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Need:
    """What is remembered of a narration, which never changes."""

    article: str
    url: str
    words: str
    """See `products.words_of`; empty where that is not known."""
    hashes: array[int]
    """Of the names that it needs. Two names with one hash cost a file that stays."""


class Needs:
    """What the narrations of a library need. Everything blocks; from any thread."""

    def __init__(self, library: Library, manifest: Callable[[str], Manifest]) -> None:
        """`manifest` reads one; LookupError where there is none, LibraryError where it is
        damaged."""
        self.library = library
        self._manifest = manifest
        self._known: OrderedDict[str, Need] = OrderedDict()
        self._lock = Lock()

    def all(self) -> Iterator[tuple[str, Need]]:
        """What each narration that is whole needs, by its id, tombstone or not."""
        for entry in self.library.entries(NARRATIONS):
            narration_id = entry.name.rpartition("/")[2].removesuffix(".json")
            need = self._need(narration_id)
            if need is not None:
                yield narration_id, need

    def only(self, manifest: Manifest) -> list[str]:
        """The names that this narration needs and no other."""
        mine = {hash(name): name for name in self.names(manifest)}
        for narration_id, need in self.all():
            if narration_id != manifest.id:
                for other in need.hashes:
                    mine.pop(other, None)
        return list(mine.values())

    def names(self, manifest: Manifest) -> set[str]:
        """Names in the library that a narration needs; of one whose list of segments is damaged,
        those of its files."""
        names = {file.name for file in manifest.files.values()}
        if SEGMENT_LIST not in manifest.files:
            return names
        try:
            stored = self.library.read(manifest.files[SEGMENT_LIST].name, use=False)
            for key in _KEYS.validate_json(stored or b"[]"):
                names |= {segment_name(key), encoding_name(key)}
        except (ValidationError, LibraryError):
            return {file.name for file in manifest.files.values()}
        return names

    def forget(self, narration_id: str) -> None:
        """It is gone."""
        with self._lock:
            self._known.pop(narration_id, None)

    def _need(self, narration_id: str) -> Need | None:
        known = self._known.get(narration_id)
        if known is not None:
            return known
        try:
            manifest = self._manifest(narration_id)
        except (LookupError, LibraryError):
            return None  # Gone meanwhile, or damaged.
        transcript = manifest.files.get(TRANSCRIPT)
        words = transcript.sha256 if transcript else ""
        hashes = array("q", map(hash, self.names(manifest)))
        need = Need(manifest.article, manifest.url, words, hashes)
        with self._lock:
            self._known[narration_id] = need
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return need
