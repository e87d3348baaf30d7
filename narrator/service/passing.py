"""Narrations that listeners chose: heard like all others, of no article, listed nowhere, and gone
when there are too many or nobody has heard them for a while.

They lie in the library under `passing/`, in the same form as those that last (see `shelf.py`), so
that nothing that looks for those finds them; only sentences are shared. A narration that lasts
takes the place of a passing one of its id.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from narrator.errors import NarratorError, TakenDown
from narrator.library import NARRATIONS, Library
from narrator.library.beneath import SHARED, Beneath
from narrator.library.encodings import encoding_name
from narrator.library.segments import segment_name
from narrator.service.manifests import FILES
from narrator.service.requests import article_id
from narrator.service.shelf import OUTCOMES, REQUESTS, TOMBSTONES, Manifest, Shelf

log = logging.getLogger("narrator.service")

PASSING = "passing/"
"""Prefix of all that is kept of them in the library."""

MOST = 1000
"""Passing narrations that are kept at most."""

LEFT = 3600.0
"""Seconds after which a request that nobody came back for goes, and files of no narration."""


class Passing:
    """The passing narrations of a library. Everything blocks; from any thread."""

    def __init__(self, library: Library, lasting: Shelf) -> None:
        self.library = library
        self.lasting = lasting
        self.shelf = Shelf(Beneath(library, PASSING))
        self.grown = True
        """Whether some were made since they were last swept."""
        self._sizes: dict[str, int] = {}
        """Bytes of each, by id."""

    def manifest(self, narration_id: str) -> Manifest | None:
        """The finished passing narration; its files are named as in the whole library. TakenDown
        where its article was."""
        found = self.shelf.sound(narration_id)
        if found is None:
            return None
        self.lasting.takedowns.check(found.article, [found.url] if found.url else [])
        files = {
            name: replace(file, name=f"{PASSING}{file.name}") for name, file in found.files.items()
        }
        return replace(found, files=files)

    def up(self, narration_id: str) -> Manifest | None:
        """The finished passing narration, for an article that is up: one that was made for an
        article that is down is removed, so that it is made anew."""
        try:
            return self.manifest(narration_id)
        except TakenDown:
            self.remove(narration_id)
            return None

    def remove(self, narration_id: str) -> None:
        """Remove a passing narration, and what only it needs."""
        manifest = self._sound(narration_id)
        if manifest is not None:
            self._discard([manifest])

    def withdraw(self, meant: Callable[[str, str], bool]) -> None:
        """Remove the passing narrations and requests of which an article's id and address are
        `meant`."""
        gone = []
        for narration_id, need in list(self.shelf.needs.all()):
            manifest = self._sound(narration_id) if meant(need.article, need.url) else None
            if manifest is not None:
                gone.append(manifest)
        self._discard(gone)
        for request in list(self.shelf.sound_requests()):
            urls = {request.url, request.article.url if request.article else request.url}
            if any(meant(article_id(request.chosen, url, request.id), url) for url in urls):
                self.shelf.drop_request(request.id)

    def heard(self, narration_id: str) -> None:
        """Somebody hears it now, if it is a passing one."""
        self.library.read(f"{PASSING}{NARRATIONS}{narration_id}.json")  # That leaves a mark.

    def sweep(self, most_bytes: int, seconds: float, most: int = MOST) -> int:
        """Remove the least recently heard beyond so many bytes or so many, those that nobody heard
        for so long, and those that last now; how many. What they need of spoken sentences counts,
        and goes as well where nothing else needs it."""
        self.grown = False
        now = time.time()
        kept: list[str] = []
        gone: list[Manifest] = []
        held = 0
        newest_first = sorted(
            self.shelf.library.entries(NARRATIONS), key=lambda entry: entry.used, reverse=True
        )
        for entry in newest_first:
            manifest = self._sound(entry.name.rpartition("/")[2].removesuffix(".json"))
            if manifest is None:
                continue
            size = self._size(manifest)
            if (
                now - entry.used > seconds
                or len(kept) >= most
                or held + size > most_bytes
                or self._is_over(manifest)
            ):
                gone.append(manifest)
            else:
                kept.append(manifest.id)
                held += size
        self._discard(gone)
        self._sweep_left(now)
        return len(gone)

    def release(self, segments: tuple[str, ...]) -> None:
        """Remove sentences that were spoken for a passing narration that cannot be made, where
        nothing else needs them."""
        names = {name for key in segments for name in (segment_name(key), encoding_name(key))}
        self._remove({hash(name): name for name in names})

    def _sound(self, narration_id: str) -> Manifest | None:
        """A passing narration; one that cannot be read is removed."""
        try:
            return self.shelf.manifest(narration_id)
        except NarratorError as error:
            log.warning("a passing narration is removed: %s", error)
            self.shelf.library.remove(f"{NARRATIONS}{narration_id}.json")
            return None

    def _is_over(self, manifest: Manifest) -> bool:
        """Whether it lasts now, or was taken down."""
        urls = [manifest.url] if manifest.url else []
        return self.lasting.takedowns.is_down(manifest.article, urls) or any(
            self.library.size(f"{place}{manifest.id}.json") is not None
            for place in (NARRATIONS, TOMBSTONES)
        )

    def _size(self, manifest: Manifest) -> int:
        """Bytes of a narration with all that it needs."""
        if manifest.id not in self._sizes:
            names = self.shelf.needs.names(manifest)
            self._sizes[manifest.id] = sum(self.shelf.library.size(name) or 0 for name in names)
        return self._sizes[manifest.id]

    def _discard(self, gone: list[Manifest]) -> None:
        """Remove narrations, and what neither another passing one nor one that lasts needs."""
        mine: dict[int, str] = {}
        for manifest in gone:
            mine |= {hash(name): name for name in self.shelf.needs.names(manifest)}
            self.shelf.library.remove(f"{NARRATIONS}{manifest.id}.json")
            self.shelf.needs.forget(manifest.id)
            self._sizes.pop(manifest.id, None)
        if mine:
            self._remove(mine)

    def _remove(self, mine: dict[int, str]) -> None:
        """Remove what nothing needs of these names, by their hashes."""
        for _, need in self.shelf.needs.all():
            for other in need.hashes:
                mine.pop(other, None)
        for _, need in self.lasting.needs.all():
            for other in need.hashes:
                if mine.get(other, "").startswith(SHARED):
                    del mine[other]
        for name in mine.values():
            self.shelf.library.remove(name)

    def _sweep_left(self, now: float) -> None:
        """Remove what was left behind: requests, what became of them, files of no narration."""
        inner = self.shelf.library
        for place in (REQUESTS, OUTCOMES):
            for entry in inner.entries(place):
                if now - entry.used > LEFT:
                    inner.remove(entry.name)
        old = {hash(e.name): e.name for e in inner.entries(FILES) if now - e.used > LEFT}
        if old:
            self._remove(old)
