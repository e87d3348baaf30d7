"""Whether the records of a library and the files that they name are whole, and mending them."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

from narrator.errors import DamagedRecord, LibraryError
from narrator.library import NARRATIONS, Entry
from narrator.library.upkeep import LEFT
from narrator.service import requests
from narrator.service.counts import COUNTS, SUMS
from narrator.service.manifests import FILES, MANIFEST, Manifest, check_manifest
from narrator.service.records import LIMIT, parsed, sealed
from narrator.service.shelf import (
    ABOUT,
    OUTCOME,
    OUTCOMES,
    REQUESTS,
    TOMBSTONES,
    VERSIONS,
    About,
    Shelf,
    version_of,
)
from narrator.service.takedowns import STONE, TAKEDOWNS, Stone, mark_of

FORMS: dict[str, TypeAdapter[Any]] = {
    NARRATIONS: MANIFEST,
    REQUESTS: requests.FORM,
    OUTCOMES: OUTCOME,
    VERSIONS: ABOUT,
    TOMBSTONES: STONE,
    TAKEDOWNS: STONE,
    COUNTS: SUMS,
}
"""Prefix of names -> form of the records."""

PIECE = 1 << 20
"""Bytes of a file that are read at once."""

Action = Literal["remove", "rebuild", "keep"]

WHAT_FOLLOWS = {
    NARRATIONS: "The narration is made anew when it is asked for again.",
    REQUESTS: "What was asked is lost: send the article again.",
    OUTCOMES: "Whoever asks for that id is told that there is none.",
    COUNTS: "The sums of that process are lost.",
    FILES: "The narration is made anew when it is asked for again.",
    TOMBSTONES: "What it says is down stays down.",
    TAKEDOWNS: "What it says is down stays down.",
    VERSIONS: "",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, and what mends it."""

    name: str
    """In the library."""
    reason: str
    action: Action
    """`keep`: nothing here can mend it."""
    follows: str = ""
    """What that means for people."""
    data: bytes = b""
    """What takes its place, where it is rebuilt."""


class Inspection:
    """One look at the records of a library. Blocks."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.library = shelf.library
        self.counts: Counter[str] = Counter()
        """`records` that were read, `unverified` ones among them, `files`."""
        self._manifests: dict[str, Manifest] = {}
        self._closed = False
        """Whether a manifest could not be read, so that nobody knows what it names."""

    def findings(self) -> Iterator[Finding]:
        """All that is wrong, as it is found."""
        for prefix, form in FORMS.items():
            for entry in self.library.entries(prefix):
                finding = self._looked_at(prefix, entry, form)
                if finding is not None:
                    yield finding
        yield from self._files()
        yield from self._dangling()

    def mend(self, finding: Finding) -> bool:
        """Do what a finding says; whether that mended it. LibraryError, StorageFull."""
        if finding.action == "remove":
            self.library.remove(finding.name)
        elif finding.action == "rebuild":
            self.library.replace(finding.name, finding.data)
        return finding.action != "keep"

    def _looked_at(self, prefix: str, entry: Entry, form: TypeAdapter[Any]) -> Finding | None:
        """What is wrong with one record."""
        self.counts["records"] += 1
        try:
            data = self.library.read_range(entry.name, 0, LIMIT + 1)
            if data is None:
                return None  # Removed meanwhile.
            record, verified = parsed(entry.name, data, form)
            self._check(prefix, entry.name, record)
        except DamagedRecord as error:
            return self._damaged(prefix, entry.name, str(error))
        except LibraryError as error:
            self._closed |= prefix == NARRATIONS
            return Finding(entry.name, str(error), "keep", "See to it by hand.")
        self.counts["unverified"] += not verified
        return None

    def _check(self, prefix: str, name: str, record: Any) -> None:
        """DamagedRecord where a record of the right form says what cannot be."""
        own = _id_of(name)
        if prefix == NARRATIONS:
            check_manifest(record, own)
            self._manifests[own] = record
        elif prefix == REQUESTS:
            self.shelf.request(own)
        elif prefix == OUTCOMES:
            self.shelf.outcome(own)
        elif prefix == VERSIONS and version_of(name) is None:
            raise DamagedRecord(f"{name} is no name of a version.")

    def _damaged(self, prefix: str, name: str, reason: str) -> Finding:
        follows = WHAT_FOLLOWS[prefix]
        if prefix in (TOMBSTONES, TAKEDOWNS):
            stone = STONE.dump_json(Stone("", time.time(), reason="the record was damaged"))
            return Finding(name, reason, "rebuild", follows, sealed(stone))
        if prefix == VERSIONS:
            return self._damaged_version(name, reason)
        return Finding(name, reason, "remove", follows)

    def _damaged_version(self, name: str, reason: str) -> Finding:
        """A version is told by its name; what the article said of itself, by the manifest."""
        version = version_of(name)
        if version is None:
            return Finding(name, reason, "remove", "It stands for nothing.")
        manifest = self._manifests.get(version.narration)
        if manifest is None or mark_of(manifest.article) != name.split("/")[2]:
            follows = "The article keeps this narration; its address is not known from it."
            return Finding(name, reason, "keep", follows)
        about = About(
            manifest.article, manifest.url, author=manifest.author, date=manifest.date,
            summary=manifest.summary, listed=manifest.listed,
        )  # fmt: skip
        data = sealed(ABOUT.dump_json(about))
        return Finding(name, reason, "rebuild", "It is what the narration says.", data)

    def _files(self) -> Iterator[Finding]:
        """Files that are not what manifests say, the manifests that name them, and files that none
        names."""
        named = {f.name: f for m in self._manifests.values() for f in m.files.values()}
        wrong: dict[str, str] = {}
        for entry in self.library.entries(FILES):
            self.counts["files"] += 1
            stored = named.pop(entry.name, None)
            if stored is None:
                young = time.time() - entry.used < LEFT  # Its narration is just being stored.
                if not young and not self._closed:
                    yield Finding(
                        entry.name, "no narration names it", "remove", "Nobody misses it."
                    )
                continue
            try:
                whole = self._sha256(entry.name) == stored.sha256
            except DamagedRecord as error:
                wrong[entry.name] = str(error)
                yield Finding(entry.name, str(error), "remove", WHAT_FOLLOWS[FILES])
            except LibraryError as error:
                wrong[entry.name] = str(error)
                yield Finding(entry.name, str(error), "keep", "See to it by hand.")
            else:
                if not whole:
                    wrong[entry.name] = "it is not what was written"
                    yield Finding(entry.name, wrong[entry.name], "remove", WHAT_FOLLOWS[FILES])
        wrong |= dict.fromkeys(named, "it is not there")
        for narration_id, manifest in self._manifests.items():
            for file in manifest.files.values():
                if file.name in wrong and self.library.size(_manifest_name(narration_id)):
                    reason = f"of its file {file.name}: {wrong[file.name]}"
                    name = _manifest_name(narration_id)
                    yield Finding(name, reason, "remove", WHAT_FOLLOWS[NARRATIONS])
                    break

    def _dangling(self) -> Iterator[Finding]:
        """Outcomes and versions of what is nowhere any more."""
        if self._closed:
            return
        kept: set[str] = set()
        for prefix in (NARRATIONS, REQUESTS, OUTCOMES, TOMBSTONES):
            kept |= {_id_of(entry.name) for entry in self.library.entries(prefix)}
        for entry in self.library.entries(VERSIONS):
            version = version_of(entry.name)
            young = time.time() - entry.used < LEFT
            if version is not None and version.narration not in kept and not young:
                reason = f"the narration {version.narration} is not there"
                yield Finding(entry.name, reason, "remove", "Nobody misses it.")
        for entry in self.library.entries(OUTCOMES):
            try:
                outcome = self.shelf.outcome(_id_of(entry.name))
            except LibraryError:
                continue  # That was told.
            young = time.time() - entry.used < LEFT
            if outcome and outcome.narration and outcome.narration not in kept and not young:
                reason = f"the narration {outcome.narration} is not there"
                yield Finding(entry.name, reason, "remove", WHAT_FOLLOWS[OUTCOMES])

    def _sha256(self, name: str) -> str:
        digest = hashlib.sha256()
        position = 0
        while data := self.library.read_range(name, position, position + PIECE):
            digest.update(data)
            position += len(data)
        return digest.hexdigest()


def _id_of(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".json")


def _manifest_name(narration_id: str) -> str:
    return f"{NARRATIONS}{narration_id}.json"
