"""What was taken down: articles, their addresses and their words, until somebody restores them.

    takedowns/articles/t1-ARTICLE.json          an article, by its id
    takedowns/PLACE/t1-PARAMETERS-ARTICLE.json  an address: site and path, parameters of its query
    takedowns/words/t1-WORDS-ARTICLE.json       a text that has neither an id nor an address

Capitals stand for hashes. The name alone says what is down, and the record is only for people: a
damaged one holds as well. Nothing is remembered of what is up, so that a takedown holds in every
process and on every machine that shares the library from the moment at which it is stored.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock

from pydantic import TypeAdapter

from narrator.errors import TakenDown
from narrator.library import Library
from narrator.reading.spellings import Address, address_of
from narrator.service.records import Records, sealed

TAKEDOWNS = "takedowns/"
ARTICLES = f"{TAKEDOWNS}articles/"
WORDS = f"{TAKEDOWNS}words/"

ANY = "any"
"""In place of parameters: all addresses of the place, whatever their query."""

MOST_PARAMETERS = 8
"""Parameters of a query that a takedown tells apart; with more it holds for all that have these."""


@dataclass(frozen=True, slots=True)
class Stone:
    """Why something is down."""

    article: str
    """Whose takedown it was."""
    at: float
    """Seconds since the epoch."""
    of: str = ""
    """The address, where it is one that is down."""
    reason: str = "taken down"


STONE = TypeAdapter(Stone)


@dataclass(frozen=True, slots=True)
class Belongings:
    """What an article is known by."""

    addresses: frozenset[Address] = frozenset()
    words: frozenset[str] = frozenset()
    """Of its texts; see `Takedowns.check`."""
    narrations: frozenset[str] = frozenset()
    """Ids."""

    def __or__(self, other: Belongings) -> Belongings:
        return Belongings(
            self.addresses | other.addresses,
            self.words | other.words,
            self.narrations | other.narrations,
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """An article that a narration is made for."""

    article: str
    """Id."""
    url: str = ""
    asked: str = ""
    """Address at which the page was asked for."""
    words: str = ""
    """Of a text that has neither an id nor an address; see `Takedowns.check`."""


class Takedowns:
    """What of a library is down. Everything blocks, except where said; from any thread."""

    def __init__(self, library: Library, records: Records) -> None:
        self.library = library
        self.records = records
        self._held: dict[str, Belongings] = {}
        """Articles that this process plays no more, though that could not be stored yet."""
        self._lock = Lock()

    def check(self, article: str, urls: Iterable[str], words: str = "") -> None:
        """TakenDown where the article of that id is down, or one of its addresses, or (given only
        for a text that has neither) its words."""
        if self.is_down(article, urls, words):
            raise TakenDown(
                "This article was taken down, with all spellings of its address. An admin can "
                "restore it: POST /v1/articles/{id}/restore."
            )

    def is_held(self, article: str) -> bool:
        """Whether this process alone plays an article no more."""
        return article in self._held

    def pending(self, narration: str) -> str | None:
        """The article that this process alone plays no more and that has the narration."""
        with self._lock:
            return next((a for a, held in self._held.items() if narration in held.narrations), None)

    def mark_down(self, mark: str) -> bool:
        """Whether the article is down that the mark stands for."""
        held = any(mark_of(article) == mark for article in list(self._held))
        return held or self.library.size(f"{ARTICLES}t1-{mark}.json") is not None

    def claim_down(self, claim: Claim) -> bool:
        """Whether the article is down that a narration is made for."""
        return self.is_down(claim.article, {claim.url, claim.asked} - {""}, claim.words)

    def is_down(self, article: str, urls: Iterable[str] = (), words: str = "") -> bool:
        """Whether an article is down, by its id, one of its addresses or its words."""
        return (
            article in self._held
            or self.library.size(article_name(article)) is not None
            or any(self.address_down(url) for url in urls)
            or bool(words and self._words_down(words))
        )

    def address_down(self, url: str) -> bool:
        """Whether an address is down, however it is spelled."""
        address = address_of(url)
        if address is None:
            return False
        if any(a.covers(address) for held in self._all_held() for a in held.addresses):
            return True
        asked = _parameters(address)
        return any(needed <= asked for needed, _ in self._of_place(address))

    def keepers(self, addresses: Iterable[Address]) -> set[str]:
        """The ids of the articles by whose takedowns any of these addresses is down."""
        found = set()
        for address in addresses:
            asked = _parameters(address)
            for needed, name in self._of_place(address):
                if needed <= asked:
                    stone = self.records.sound(name, STONE)
                    found.add(stone.article if stone else "one whose record is damaged")
        return found

    def holds_back(self, narration: str, article: str, url: str) -> bool:
        """Whether this process must not play a narration though nothing in the library says so.
        The event loop may ask."""
        if not self._held:
            return False
        address = address_of(url)
        return article in self._held or any(
            narration in held.narrations
            or (address is not None and any(a.covers(address) for a in held.addresses))
            for held in self._all_held()
        )

    def hold(self, article: str, what: Belongings) -> None:
        """Play it no more in this process, from now on."""
        with self._lock:
            self._held[article] = what

    def release(self, article: str) -> None:
        """The library says now what is down, or it is not."""
        with self._lock:
            self._held.pop(article, None)

    def names(self, article: str, what: Belongings) -> dict[str, str]:
        """The names of the records by which an article is down, the article's first, and the
        address that each is of."""
        places = {_address_name(address, article): str(address) for address in what.addresses}
        words = {f"{WORDS}t1-{each[:32]}-{mark_of(article)}.json": "" for each in what.words}
        return {article_name(article): "", **places, **words}

    def stored(self, article: str) -> list[str]:
        """The names of all records by which an article is down, the article's last."""
        own = article_name(article)
        mark = f"-{mark_of(article)}.json"
        found = [
            entry.name
            for entry in self.library.entries(TAKEDOWNS)
            if entry.name.endswith(mark) and entry.name != own
        ]
        return [*sorted(found), *([own] if self.library.size(own) is not None else [])]

    def stone(self, article: str, of: str = "") -> bytes:
        """What is stored under each name."""
        return sealed(STONE.dump_json(Stone(article, round(time.time(), 3), of)))

    def _words_down(self, words: str) -> bool:
        if any(words in held.words for held in self._all_held()):
            return True
        return any(True for _ in self.library.entries(f"{WORDS}t1-{words[:32]}-"))

    def _of_place(self, address: Address) -> Iterator[tuple[frozenset[str], str]]:
        """The takedowns of addresses of the same place: hashes of the parameters that each needs,
        and the name of its record."""
        for entry in self.library.entries(_folder(address)):
            base = entry.name.rpartition("/")[2]
            needed = base.removeprefix("t1-").partition("-")[0]
            yield frozenset() if needed == ANY else frozenset(needed.split(".")), entry.name

    def _all_held(self) -> list[Belongings]:
        with self._lock:
            return list(self._held.values())


def article_name(article: str) -> str:
    """The name of the record that says that an article is down."""
    return f"{ARTICLES}t1-{mark_of(article)}.json"


def mark_of(article: str) -> str:
    """What stands for an article's id in names."""
    return hashlib.sha256(article.encode()).hexdigest()[:32]


def _folder(address: Address) -> str:
    return f"{TAKEDOWNS}{hashlib.sha256(address.place.encode()).hexdigest()[:32]}/"


def _address_name(address: Address, article: str) -> str:
    needed = ".".join(sorted(_parameters(address))[:MOST_PARAMETERS]) or ANY
    return f"{_folder(address)}t1-{needed}-{mark_of(article)}.json"


def _parameters(address: Address) -> frozenset[str]:
    """Hashes of the parameters of a query, whatever their order and the case of their names."""
    return frozenset(
        hashlib.sha256(json.dumps([name.casefold(), value]).encode()).hexdigest()[:16]
        for name, value in address.query
    )
