"""What pages were when they were last looked at for listeners, and how often that may be.

Kept in memory only: after a start each page is looked at anew, for the rules by which pages are
read and spoken may be new. What strangers can make it hold is bounded in number and in bytes.
"""

from __future__ import annotations

import time
import zlib
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock
from urllib.parse import urlsplit, urlunsplit

from pydantic import TypeAdapter

from narrator.errors import Busy, NarratorError, QueueError
from narrator.model import Article, Plan
from narrator.queue.allowance import MINUTE, Allowance, OwnAllowance
from narrator.reading.fetch import Validators
from narrator.reading.spellings import address_of
from narrator.service.requests import Request

CHOSEN = 16
"""Choices of voice and language of which it is remembered what a page was narrated as."""

QUERIES = 4
"""Of so many fetches of a host one may be of an address with a query."""

_ARTICLE = TypeAdapter(Article)

Wanted = tuple[str, str]
"""Voice and language that a listener asks for; empty: the usual."""

PLAIN: Wanted = ("", "")
"""What is wanted by a listener who chooses nothing."""

NEVER = float("-inf")
"""When a page was looked at that was not, on the monotonic clock."""


@dataclass(slots=True)
class Look:
    """What a page was when it was last looked at."""

    began: float
    """When, seconds since the epoch: before it was fetched."""
    text: bytes = b""
    """Its article, compressed; empty where it could not be had."""
    own: bool = False
    """Whether it is what the address says, and no query that anybody may have made up."""
    validators: Validators | None = None
    failure: NarratorError | None = None
    """Why it could not be had."""
    narrations: dict[Wanted, tuple[str, str]] = field(default_factory=dict)
    """Ids of the narration that it is, and of its article."""
    drafted: tuple[Request, Plan] | None = None
    """What was planned when it was read, and for which wishes; whoever comes first takes it."""
    looked: float = field(default_factory=time.monotonic)

    def fresh(self, minutes: float) -> bool:
        """Whether it was looked at within so many minutes."""
        return time.monotonic() - self.looked < minutes * 60

    def article(self) -> Article:
        """The page's article; the error where it could not be had."""
        if not self.text:
            failure = self.failure or NarratorError("The page was not kept.")
            raise failure.with_traceback(None)
        return _ARTICLE.validate_json(zlib.decompress(self.text))

    def narrated(self, wanted: Wanted, narration: str, article: str) -> None:
        """Remember what it is narrated as for who asks so."""
        if wanted in self.narrations or len(self.narrations) < CHOSEN:
            self.narrations[wanted] = narration, article


def packed_article(article: Article) -> bytes:
    """An article as a Look holds it."""
    return zlib.compress(_ARTICLE.dump_json(article), 1)


def own_look(asked: str, found: str, article: Article, validators: Validators | None) -> Look:
    """What a page says that was asked for at one address and found at another. It speaks for these
    two only: what it names as its own counts where it is one of them."""
    at = [address for address in map(address_of, (asked, found)) if address is not None]
    named = address_of(article.url)
    if named is None or all(named.site != address.site for address in at[:1]):
        article = replace(article, url=bare(asked))
        named = address_of(article.url)
    own = named is not None and any(named.covers(a) and a.covers(named) for a in at)
    return Look(0.0, packed_article(article), own, validators)


def bare(url: str) -> str:
    """An address without its query."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


class Looks:
    """So many looks at most, of so many bytes in all; the least recently asked for go first."""

    def __init__(self, most: int, most_bytes: int) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._looks: OrderedDict[str, Look] = OrderedDict()
        self._lock = Lock()

    def find(self, address: str) -> Look | None:
        """What the page at an address was."""
        with self._lock:
            if address in self._looks:
                self._looks.move_to_end(address)
            return self._looks.get(address)

    def keep(self, address: str, look: Look) -> None:
        """Remember what the page at an address is."""
        with self._lock:
            self._drop(address)
            self._looks[address] = look
            self._bytes += _weight(address, look)
            while len(self._looks) > self._most or self._bytes > self._most_bytes:
                self._drop(next(iter(self._looks)))

    def forget(self, address: str) -> None:
        """It is to be looked at again."""
        with self._lock:
            self._drop(address)

    def _drop(self, address: str) -> None:
        look = self._looks.pop(address, None)
        if look is not None:
            self._bytes -= _weight(address, look)


def _weight(address: str, look: Look) -> int:
    return len(address) + len(look.text)


class Fetches:
    """How often the sites whose pages are looked at are asked on behalf of listeners, all of them
    together. From any thread."""

    def __init__(self, per_minute: int, shared: Allowance | None = None) -> None:
        """`shared` counts for several processes; None: there is one."""
        self._per_minute = per_minute
        self._shared = shared
        self._own = OwnAllowance()

    def spend(self, site: str, *, query: bool) -> None:
        """Count a request to a site (host and port); Busy where it was one too many."""
        if not self._per_minute:
            return
        if query:
            self._count(f"queries {site}", max(1, self._per_minute // QUERIES))
        self._count(f"fetches {site}", self._per_minute)

    def _count(self, name: str, quota: int) -> None:
        try:
            spent = (self._shared or self._own).spend(name, quota)
        except QueueError:
            spent = self._own.spend(name, quota)
        if not spent.let_in:
            raise Busy(
                f"Listeners had {quota} pages of {name.partition(' ')[2]} fetched within a minute; "
                "more are not. Try again later.",
                retry_after=max(spent.seconds + MINUTE / quota - MINUTE, 1.0),
            )
