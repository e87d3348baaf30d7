"""What the service keeps in the library, besides segments.

    requests/ID.json            what is to be made; gone when it is made
    outcomes/ID.json            what became of a request that is not its narration, or failed
    files/f1-SHA256.ending      finished files, named by their content
    narrations/ID.json          manifests: the last thing written; a narration is there when this is
    versions/HASH/TIME-ID.json  one for each time that an article got a narration
    tombstones/ID.json          what was taken down

Nothing is ever written over, so it can be kept in any store, and several processes can share it.
"""

from __future__ import annotations

import hashlib
import json
import time
from array import array
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, BinaryIO, cast

from pydantic import TypeAdapter, ValidationError

from narrator.errors import LibraryError, TakenDown
from narrator.library import NARRATIONS, Entry, Library
from narrator.library.encodings import encoding_name
from narrator.library.segments import segment_name
from narrator.service import requests
from narrator.service.requests import Request

REQUESTS = "requests/"
OUTCOMES = "outcomes/"
FILES = "files/"
VERSIONS = "versions/"
TOMBSTONES = "tombstones/"

SEGMENT_LIST = "segments.json"
"""The file of a narration that names its segments."""

REMEMBERED = 512
"""Manifests that are kept in memory."""

NEEDED = 20_000
"""Narrations of which it is kept in memory what they need: some 8 bytes a sentence."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A finished file of a narration."""

    name: str
    """In the library."""
    size: int
    """Bytes."""
    sha256: str
    type: str
    """Content type."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A finished narration: what it is, and its files."""

    id: str
    article: str
    """Id of the article that it was first made for."""
    title: str
    language: str
    voice: str
    speed: float
    duration: float
    """Seconds."""
    sentences: int
    created: float
    """Seconds since the epoch."""
    author: str = ""
    date: str = ""
    url: str = ""
    summary: str = ""
    """How the body begins."""
    listed: bool = True
    files: dict[str, StoredFile] = field(default_factory=dict)
    """By the last part of their address, such as "audio.mp3"."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """A narration that an article has, or is about to have."""

    narration: str
    since: float
    """Seconds since the epoch."""
    name: str = ""
    """In the library."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request."""

    narration: str = ""
    """The narration that it turned out to be, else empty."""
    problem: dict[str, Any] = field(default_factory=dict)
    """Why there is none (RFC 9457)."""


_MANIFEST = TypeAdapter(Manifest)
_OUTCOME = TypeAdapter(Outcome)


class Shelf:
    """The service's part of a library. Everything blocks: call it in threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._remembered: OrderedDict[str, Manifest] = OrderedDict()
        """By narration id, who was not asked for longest first."""
        self._needed: OrderedDict[str, array[int]] = OrderedDict()
        """Hashes of the names of its files and segments, by narration id."""
        self._recalling = Lock()
        """Guards the two above."""

    # Requests

    def keep(self, request: Request) -> None:
        """Store a request so that it outlives the process."""
        self.library.write(f"{REQUESTS}{request.id}.json", requests.to_bytes(request))

    def request(self, request_id: str) -> Request | None:
        """A request that is stored and not made yet."""
        data = self.library.read(f"{REQUESTS}{request_id}.json", use=False)
        return None if data is None else requests.from_bytes(data, request_id)

    def requests(self) -> Iterator[str]:
        """Ids of the requests that are stored, in no order."""
        for entry in self.library.entries(REQUESTS):
            yield _id_of(entry)

    def drop_request(self, request_id: str) -> None:
        """Forget a request: it is made, or never will be."""
        self.library.remove(f"{REQUESTS}{request_id}.json")

    def settle(self, request_id: str, outcome: Outcome) -> None:
        """Keep what became of a request, and forget the request."""
        self.library.write(f"{OUTCOMES}{request_id}.json", _OUTCOME.dump_json(outcome))
        self.drop_request(request_id)

    def outcome(self, request_id: str) -> Outcome | None:
        """What became of a request, if its own id does not tell."""
        data = self.library.read(f"{OUTCOMES}{request_id}.json", use=False)
        return None if data is None else _OUTCOME.validate_json(data)

    def reopen(self, request_id: str) -> None:
        """Forget that a request failed: it is asked for again."""
        self.library.remove(f"{OUTCOMES}{request_id}.json")

    def forget_outcomes(self, before: float) -> int:
        """Forget what became of requests before that moment, where it was nothing or is gone; how
        many. Requests that became a narration lead to it as long as it, or its tombstone, is
        there."""
        forgotten = 0
        for entry in self.library.entries(OUTCOMES):
            if entry.used < before and not self._leads(_id_of(entry)):
                self.library.remove(entry.name)
                forgotten += 1
        return forgotten

    def _leads(self, request_id: str) -> bool:
        """Whether a request became something that is, or was taken down."""
        outcome = self.outcome(request_id)
        if outcome is None or not outcome.narration:
            return False
        kept = (NARRATIONS, TOMBSTONES, REQUESTS, OUTCOMES)
        return any(
            self.library.size(f"{place}{outcome.narration}.json") is not None for place in kept
        )

    # Narrations

    def manifest(self, narration_id: str) -> Manifest | None:
        """The finished narration, or None; TakenDown where it was."""
        if self.library.size(f"{TOMBSTONES}{narration_id}.json") is not None:
            self._forget(narration_id)
            raise TakenDown(f"The narration {narration_id} was taken down.")
        if self.library.size(f"{NARRATIONS}{narration_id}.json") is None:
            return None
        try:
            return self._recalled(narration_id) or self._remember(self._manifest(narration_id))
        except LookupError:
            return None

    def at_hand(self, narration_id: str) -> Manifest | None:
        """The finished narration, where that is known without waiting for a disk or a network;
        else, and where it is none or was taken down, None. The event loop may ask."""
        found = self._recalled(narration_id)
        if found is None or self.library.holds(f"{TOMBSTONES}{narration_id}.json") is not False:
            return None
        return found if self.library.holds(f"{NARRATIONS}{narration_id}.json") else None

    def is_down(self, narration_id: str) -> bool:
        """Whether it was taken down, perhaps by another process; False also where to ask takes a
        network. The event loop may ask."""
        return bool(self.library.holds(f"{TOMBSTONES}{narration_id}.json"))

    def _recalled(self, narration_id: str) -> Manifest | None:
        with self._recalling:
            if narration_id in self._remembered:
                self._remembered.move_to_end(narration_id)
            return self._remembered.get(narration_id)

    def _remember(self, manifest: Manifest) -> Manifest:
        with self._recalling:
            self._remembered[manifest.id] = manifest
            if len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return manifest

    def _forget(self, narration_id: str) -> None:
        with self._recalling:
            self._remembered.pop(narration_id, None)
            self._needed.pop(narration_id, None)

    def _manifest(self, narration_id: str) -> Manifest:
        """LookupError where there is none, so that only those found are remembered."""
        data = self.library.read(f"{NARRATIONS}{narration_id}.json", use=False)
        if data is None:
            raise LookupError(narration_id)
        try:
            return _MANIFEST.validate_json(data)
        except ValidationError as error:
            raise LibraryError(f"The manifest of {narration_id} is damaged.") from error

    def commit(
        self, manifest: Manifest, files: dict[str, tuple[bytes | BinaryIO, str]]
    ) -> Manifest:
        """Store a narration: its files (contents and type by name), and last its manifest."""
        stored = {name: self._put(name, *content) for name, content in files.items()}
        whole = replace(manifest, files=stored)
        self.library.write(f"{NARRATIONS}{manifest.id}.json", _MANIFEST.dump_json(whole))
        self.drop_request(manifest.id)
        return whole

    def _put(self, name: str, content: bytes | BinaryIO, content_type: str) -> StoredFile:
        if isinstance(content, bytes):
            size, sha256 = len(content), hashlib.sha256(content).hexdigest()
        else:
            content.seek(0)
            sha256 = hashlib.file_digest(cast(Any, content), "sha256").hexdigest()
            size = content.tell()
            content.seek(0)
        stored = f"{FILES}f1-{sha256}.{name.rpartition('.')[2]}"
        self.library.write(stored, content)
        return StoredFile(stored, size, sha256, content_type)

    def latest(self, count: int) -> list[Manifest]:
        """The manifests that were written last, newest first."""
        entries = sorted(self.library.entries(NARRATIONS), key=lambda e: e.used, reverse=True)
        found = []
        for entry in entries[:count]:
            try:
                manifest = self.manifest(_id_of(entry))
            except TakenDown:
                continue
            if manifest is not None:
                found.append(manifest)
        return found

    # Articles

    def add_version(self, article: str, narration_id: str) -> None:
        """Note that from now on this is the article's narration, unless it is already."""
        known = self.versions(article)
        if not known or known[0].narration != narration_id:
            name = f"{_folder(article)}{time.time_ns() // 1000:017d}-{narration_id}.json"
            self.library.write(name, json.dumps({"article": article}).encode())

    def versions(self, article: str) -> list[Version]:
        """The narrations of an article, the newest first, each once; made or being made."""
        found: dict[str, Version] = {}
        for entry in sorted(
            self.library.entries(_folder(article)), key=lambda e: e.name, reverse=True
        ):
            version = version_of(entry.name)
            found.setdefault(version.narration, version)
        return list(found.values())

    # Takedowns

    def take_down(self, narration_id: str, reason: str) -> int:
        """Withdraw a narration: its address answers TakenDown from now on, its files go, and the
        segments that no other narration uses; bytes that this freed."""
        manifest = self.manifest(narration_id)
        stone = {"reason": reason, "at": time.time()}
        self.library.write(f"{TOMBSTONES}{narration_id}.json", json.dumps(stone).encode())
        self.drop_request(narration_id)
        return self.discard(manifest) if manifest else 0

    def discard(self, manifest: Manifest) -> int:
        """Remove a finished narration and what only it uses; bytes that this freed."""
        mine = {hash(name): name for name in self._used_by(manifest)}
        self.library.remove(f"{NARRATIONS}{manifest.id}.json")
        self._forget(manifest.id)
        for entry in self.library.entries(NARRATIONS):
            if _id_of(entry) != manifest.id:
                for other in self._hashes(entry):
                    mine.pop(other, None)
        freed = 0
        for name in mine.values():
            freed += self.library.size(name) or 0
            self.library.remove(name)
        return freed

    def _hashes(self, entry: Entry) -> array[int]:
        """Of the names that a narration needs, tombstone or not; they are remembered, since they
        never change and whoever takes something down must know those of all narrations. Two names
        with one hash cost a file that stays."""
        narration_id = _id_of(entry)
        known = self._needed.get(narration_id)
        if known is None:
            try:
                manifest = self._manifest(narration_id)
            except (LookupError, LibraryError):
                return array("q")  # Gone meanwhile, or damaged.
            known = array("q", map(hash, self._used_by(manifest)))
            with self._recalling:
                self._needed[narration_id] = known
                if len(self._needed) > NEEDED:
                    self._needed.popitem(last=False)
        return known

    def _used_by(self, manifest: Manifest) -> set[str]:
        """Names in the library that a narration needs."""
        names = {file.name for file in manifest.files.values()}
        if SEGMENT_LIST in manifest.files:
            keys = self.library.read(manifest.files[SEGMENT_LIST].name, use=False)
            for key in json.loads(keys or b"[]"):
                names |= {segment_name(key), encoding_name(key)}
        return names


def _id_of(entry: Entry) -> str:
    """The id of a narration or request of which something is kept."""
    return entry.name.rpartition("/")[2].removesuffix(".json")


def version_of(name: str) -> Version:
    """The version that a name in the library notes."""
    stamp, _, narration_id = name.rpartition("/")[2].removesuffix(".json").partition("-")
    return Version(narration_id, int(stamp) / 1e6, name)


def _folder(article: str) -> str:
    """Where the versions of an article are noted."""
    digest = hashlib.sha256(article.encode()).hexdigest()[:32]
    return f"{VERSIONS}{digest[:2]}/{digest}/"
