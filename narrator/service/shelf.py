"""What the service keeps in the library, besides segments.

    requests/ID.json            what is to be made; gone when it is made
    outcomes/ID.json            what became of a request that is not its narration, or failed
    files/f1-SHA256.ending      finished files, named by their content
    narrations/ID.json          manifests: the last thing written; a narration is there when this is
    versions/HASH/TIME-ID.json  one for each time that an article got a narration
    tombstones/ID.json          narrations that no article has that is up
    takedowns/                  articles that were taken down, see `takedowns.py`

Nothing is ever written over but what was found damaged, so it can be kept in any store, and several
processes can share it. All but the files are records, see `records.py`.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, BinaryIO, cast

from pydantic import TypeAdapter

from narrator.errors import DamagedRecord, LibraryError, TakenDown
from narrator.library import NARRATIONS, Entry, Library
from narrator.reading.spellings import Address, address_of
from narrator.service import requests
from narrator.service.manifests import (
    FILES,
    MANIFEST,
    check_manifest,
)
from narrator.service.manifests import (
    SEGMENT_LIST as SEGMENT_LIST,
)
from narrator.service.manifests import (
    Manifest as Manifest,
)
from narrator.service.manifests import (
    StoredFile as StoredFile,
)
from narrator.service.needs import Needs
from narrator.service.records import Records, sealed
from narrator.service.requests import Request
from narrator.service.takedowns import STONE, Takedowns, mark_of

REQUESTS = "requests/"
OUTCOMES = "outcomes/"
VERSIONS = "versions/"
TOMBSTONES = "tombstones/"

REMEMBERED = 512
"""Manifests that are kept in memory."""


@dataclass(frozen=True, slots=True)
class About:
    """What an article says of itself beside its words, which others may have as well."""

    article: str
    """Id."""
    url: str = ""
    asked: str = ""
    """Address at which the page was asked for, if that is another."""
    author: str = ""
    date: str = ""
    summary: str = ""
    listed: bool = True


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


ABOUT = TypeAdapter(About)
OUTCOME = TypeAdapter(Outcome)


class Shelf:
    """The service's part of a library. Everything blocks: call it in threads."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.records = Records(library)
        self.takedowns = Takedowns(library, self.records)
        self.needs = Needs(library, self._manifest)
        self._remembered: OrderedDict[str, Manifest] = OrderedDict()
        """By narration id, who was not asked for longest first."""
        self._recalling = Lock()
        """Guards it."""

    # Requests

    def keep(self, request: Request) -> None:
        """Store a request so that it outlives the process."""
        document = requests.FORM.dump_json(request)
        self.records.write(f"{REQUESTS}{request.id}.json", document, requests.FORM)

    def request(self, request_id: str) -> Request | None:
        """A request that is stored and not made yet; DamagedRecord."""
        request = self.records.read(f"{REQUESTS}{request_id}.json", requests.FORM)
        if request is not None and request.id != request_id:
            raise DamagedRecord(f"The stored request {request_id} is damaged. Send it again.")
        return request

    def requests(self) -> Iterator[str]:
        """Ids of the requests that are stored, in no order."""
        for entry in self.library.entries(REQUESTS):
            yield _id_of(entry)

    def sound_requests(self) -> Iterator[Request]:
        """The requests that are stored and whole, in no order; others are told."""
        for request_id in self.requests():
            try:
                request = self.request(request_id)
            except LibraryError as error:
                self.records.tell(f"{REQUESTS}{request_id}.json", error)
                continue
            if request is not None:
                yield request

    def drop_request(self, request_id: str) -> None:
        """Forget a request: it is made, or never will be."""
        self.library.remove(f"{REQUESTS}{request_id}.json")

    def settle(self, request_id: str, outcome: Outcome) -> None:
        """Keep what became of a request, and forget the request."""
        self.records.write(f"{OUTCOMES}{request_id}.json", OUTCOME.dump_json(outcome), OUTCOME)
        self.drop_request(request_id)

    def outcome(self, request_id: str) -> Outcome | None:
        """What became of a request, if its own id does not tell; DamagedRecord."""
        outcome = self.records.read(f"{OUTCOMES}{request_id}.json", OUTCOME)
        if outcome is not None and not outcome.narration:
            told = outcome.problem
            texts = all(isinstance(told.get(name), str) for name in ("type", "title", "detail"))
            if not texts or not isinstance(told.get("status"), int):
                raise DamagedRecord(f"What became of {request_id} is damaged. Send it again.")
        return outcome

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
        try:
            outcome = self.outcome(request_id)
        except DamagedRecord:
            return False
        if outcome is None or not outcome.narration:
            return False
        kept = (NARRATIONS, TOMBSTONES, REQUESTS, OUTCOMES)
        return any(
            self.library.size(f"{place}{outcome.narration}.json") is not None for place in kept
        )

    # Narrations

    def manifest(self, narration_id: str) -> Manifest | None:
        """The finished narration, or None; TakenDown where it was, DamagedRecord."""
        self._check_up(narration_id)
        if self.library.size(f"{NARRATIONS}{narration_id}.json") is None:
            return None
        try:
            found = self._recalled(narration_id) or self._remember(self._manifest(narration_id))
        except LookupError:
            return None
        if self.takedowns.holds_back(narration_id, found.article, found.url):
            raise taken_down(narration_id)
        return found

    def sound(self, narration_id: str) -> Manifest | None:
        """The finished narration; None where there is none that is whole, which is told in the log.
        TakenDown; LibraryError where nobody can tell whether it was."""
        self._check_up(narration_id)
        try:
            found = self.manifest(narration_id)
        except LibraryError as error:
            self.records.tell(f"{NARRATIONS}{narration_id}.json", error)
            return None
        missing = found and any(
            self.library.holds(file.name) is False for file in found.files.values()
        )
        return None if missing else found

    def at_hand(self, narration_id: str) -> Manifest | None:
        """The finished narration, where that is known without waiting for a disk or a network;
        else, and where it is none or was taken down, None. The event loop may ask."""
        found = self._recalled(narration_id)
        if found is None or self.library.holds(f"{TOMBSTONES}{narration_id}.json") is not False:
            return None
        if self.takedowns.holds_back(narration_id, found.article, found.url):
            return None
        return found if self.library.holds(f"{NARRATIONS}{narration_id}.json") else None

    def is_down(self, narration_id: str) -> bool:
        """Whether it was taken down, perhaps by another process; False also where to ask takes a
        network. The event loop may ask."""
        return bool(
            self.library.holds(f"{TOMBSTONES}{narration_id}.json")
        ) or self.takedowns.holds_back(narration_id, "", "")

    def _check_up(self, narration_id: str) -> None:
        """TakenDown; LibraryError where that cannot be told."""
        if self.library.size(f"{TOMBSTONES}{narration_id}.json") is not None:
            self._forget(narration_id)
            raise taken_down(narration_id)

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
        self.needs.forget(narration_id)

    def _manifest(self, narration_id: str) -> Manifest:
        """LookupError where there is none, so that only those found are remembered;
        DamagedRecord."""
        found = self.records.read(f"{NARRATIONS}{narration_id}.json", MANIFEST)
        if found is None:
            raise LookupError(narration_id)
        check_manifest(found, narration_id)
        return found

    def commit(
        self, manifest: Manifest, files: dict[str, tuple[bytes | BinaryIO, str]]
    ) -> Manifest:
        """Store a narration: its files (contents and type by name), and last its manifest.
        TakenDown where it was meanwhile."""
        stored = {name: self._put(name, *content) for name, content in files.items()}
        whole = replace(manifest, files=stored)
        name = f"{NARRATIONS}{manifest.id}.json"
        document = MANIFEST.dump_json(whole)
        self.records.write(name, document, MANIFEST)
        try:
            self._manifest(manifest.id)
        except DamagedRecord:  # Of the right form, and wrong.
            self.library.replace(name, sealed(document))
        self._forget(manifest.id)
        self.drop_request(manifest.id)
        if self.library.size(f"{TOMBSTONES}{manifest.id}.json") is not None:
            self.discard(whole)
            raise taken_down(manifest.id)
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
        if self.library.size(stored) not in (None, size):
            self.library.remove(stored)  # Damaged.
        self.library.write(stored, content)
        return StoredFile(stored, size, sha256, content_type)

    def latest(self, count: int) -> list[Manifest]:
        """The manifests that were written last, newest first; those that are damaged are left
        out."""
        entries = sorted(self.library.entries(NARRATIONS), key=lambda e: e.used, reverse=True)
        found = []
        for entry in entries[:count]:
            with suppress(TakenDown):
                try:
                    manifest = self.sound(_id_of(entry))
                except LibraryError as error:  # Nobody can tell whether it is down.
                    self.records.tell(entry.name, error)
                    continue
                if manifest is not None:
                    found.append(manifest)
        return found

    # Articles

    def add_version(self, article: str, narration_id: str, about: About | None = None) -> None:
        """Note that from now on this is the article's narration, unless it is already and has no
        address that is not known yet."""
        said = about or About(article)
        known = self.versions(article)
        if known and known[0].narration == narration_id:
            addresses = addresses_of(said)
            before = addresses and addresses_of(self.about(known[0]) or About(article))
            if all(any(a.covers(address) for a in before) for address in addresses):
                return
        name = f"{_folder(article)}{time.time_ns() // 1000:017d}-{narration_id}.json"
        self.library.write(name, sealed(ABOUT.dump_json(said)))

    def versions(self, article: str) -> list[Version]:
        """The narrations of an article, the newest first, each once; made or being made."""
        found: dict[str, Version] = {}
        for version in self.notes(article):
            found.setdefault(version.narration, version)
        return list(found.values())

    def notes(self, article: str) -> list[Version]:
        """The narrations of an article as often as they were noted, the newest first."""
        entries = self.library.entries(_folder(article))
        names = sorted((entry.name for entry in entries), reverse=True)
        return [version for version in map(version_of, names) if version is not None]

    def is_heard(self, article: str) -> bool:
        """Whether an article is up and has a narration that is there or is being made."""
        return not self.takedowns.is_down(article) and any(
            self.library.size(f"{TOMBSTONES}{version.narration}.json") is None
            and any(
                self.library.size(f"{place}{version.narration}.json") is not None
                for place in (NARRATIONS, REQUESTS)
            )
            for version in self.versions(article)
        )

    def about(self, version: Version) -> About | None:
        """What the article said of itself then; None where that cannot be read, which is told."""
        return self.records.sound(version.name, ABOUT)

    def users(self, narrations: Collection[str]) -> dict[str, dict[str, About | None]]:
        """By narration, what each article says of itself that has it, by the article's mark (see
        `mark_of`); None where that is damaged. Looks at all versions."""
        newest: dict[tuple[str, str], Version] = {}
        for entry in self.library.entries(VERSIONS):
            version = version_of(entry.name)
            if version is not None and version.narration in narrations:
                key = version.narration, entry.name.split("/")[2]
                if key not in newest or newest[key].since < version.since:
                    newest[key] = version
        found: dict[str, dict[str, About | None]] = {name: {} for name in narrations}
        for (narration_id, mark), version in newest.items():
            found[narration_id][mark] = self.about(version)
        return found

    # Takedowns of narrations; those of articles are in `withdrawals.py`

    def take_down(self, narration_id: str, article: str = "") -> int:
        """Withdraw a narration: its address answers TakenDown from now on, its files go, and the
        segments that no other narration uses; bytes that this freed."""
        self.bury(narration_id, article, self.library.write)
        self.drop_request(narration_id)
        return self.clear(narration_id)

    def bury(self, narration_id: str, article: str, write: Callable[[str, bytes], None]) -> bool:
        """Store, by `write`, that no article has the narration that is up, since the takedown of
        this one; whether that was news."""
        name = f"{TOMBSTONES}{narration_id}.json"
        news = self.library.size(name) is None
        if news:
            write(name, self.takedowns.stone(article))
        self._forget(narration_id)
        return news

    def clear(self, narration_id: str) -> int:
        """Remove what is left of a narration that is down; bytes that this freed."""
        try:
            manifest = self._manifest(narration_id)
        except LookupError:
            return 0
        except LibraryError:
            self.library.remove(f"{NARRATIONS}{narration_id}.json")
            return 0
        return self.discard(manifest)

    def lift(self, narration_id: str) -> None:
        """An article that is up has the narration: it is down no more. TakenDown where nobody can
        tell for which article it was taken down."""
        name = f"{TOMBSTONES}{narration_id}.json"
        if self.library.size(name) is None:
            return
        stone = self.records.sound(name, STONE)
        if stone is None or not stone.article:
            raise taken_down(narration_id)
        self.library.remove(name)

    def discard(self, manifest: Manifest) -> int:
        """Remove a finished narration and what only it uses; bytes that this freed."""
        mine = self.needs.only(manifest)
        self.library.remove(f"{NARRATIONS}{manifest.id}.json")
        self._forget(manifest.id)
        freed = 0
        for name in mine:
            freed += self.library.size(name) or 0
            self.library.remove(name)
        return freed


def addresses_of(about: About) -> list[Address]:
    """The addresses that an article is known by."""
    found = (address_of(url) for url in (about.url, about.asked) if url)
    return [address for address in found if address is not None]


def taken_down(narration_id: str) -> TakenDown:
    """The error of a narration that is down."""
    return TakenDown(f"The narration {narration_id} was taken down.")


def _id_of(entry: Entry) -> str:
    """The id of a narration or request of which something is kept."""
    return entry.name.rpartition("/")[2].removesuffix(".json")


def version_of(name: str) -> Version | None:
    """The version that a name in the library notes; None where it is no such name."""
    stamp, _, narration_id = name.rpartition("/")[2].removesuffix(".json").partition("-")
    return Version(narration_id, int(stamp) / 1e6, name) if stamp.isdecimal() else None


def _folder(article: str) -> str:
    """Where the versions of an article are noted."""
    digest = mark_of(article)
    return f"{VERSIONS}{digest[:2]}/{digest}/"
