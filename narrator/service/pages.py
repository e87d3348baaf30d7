"""Pages that the service fetches, of hosts that the settings name, and what is known of them."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from threading import Lock
from urllib.parse import urlsplit

from narrator.errors import HostNotAllowed
from narrator.model import Article
from narrator.reading.fetch import NotModified, Page, Validators, fetch
from narrator.service.hosts import allowed
from narrator.service.requests import Request
from narrator.settings import Settings

REMEMBERED = 20_000
"""Pages that are remembered; the least recently asked for are forgotten first."""


@dataclass(frozen=True, slots=True)
class KnownPage:
    """What a page was narrated as when it was last looked at."""

    narration: str
    """Id."""
    article: str
    """Id."""
    validators: Validators | None = None
    looked: float | None = None
    """When, on the monotonic clock; None: in another life of the service."""
    url: str = ""
    """What the page calls its address."""

    def fresh(self, minutes: float) -> bool:
        """Whether it was looked at within so many minutes."""
        return self.looked is not None and time.monotonic() - self.looked < minutes * 60


class KnownPages:
    """The pages that this process has looked at; from any thread. They are not stored: after a
    start each page is read anew, for the rules by which pages are read and spoken may be new."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], KnownPage] = OrderedDict()
        self._lock = Lock()

    def find(self, request: Request) -> KnownPage | None:
        """What is known of the page that a request names."""
        with self._lock:
            known = self._known.get(_key(request))
            if known is not None:
                self._known.move_to_end(_key(request))
            return known

    def looked(self, request: Request, page: KnownPage) -> None:
        """Remember what the page is, and that it was looked at now."""
        if request.chosen or request.title or request.speed is not None:
            return  # No player asks so.
        with self._lock:
            self._known[_key(request)] = replace(page, looked=time.monotonic())
            self._known.move_to_end(_key(request))
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)


def _key(request: Request) -> tuple[str, str, str]:
    return request.url, request.voice, request.language


def check_host(url: str, settings: Settings) -> None:
    """HostNotAllowed unless the settings name the host of an address."""
    if not allowed(url, settings.service.hosts):
        host = _host(url)
        raise HostNotAllowed(
            f"Nothing of {host!r} is fetched here. Whoever runs this service allows it by "
            f'hosts = ["{host}"] in the table [service] of narrator.toml.'
        )


def fetch_page(url: str, settings: Settings, known: Validators | None = None) -> Page | NotModified:
    """A page as it is now, or NotModified where the validators that are `known` still hold;
    HostNotAllowed, FetchError."""
    return fetch(
        url,
        known,
        contact=settings.contact,
        allow_private=settings.allow_private,
        permit=lambda asked: check_host(asked, settings),
    )


def own_article(article: Article, url: str) -> Article:
    """The article of a page that was asked for by this address. A page speaks for itself only: the
    address that it names as its own counts where that is on the same host."""
    return article if _host(article.url) == _host(url) else replace(article, url=url)


def _host(url: str) -> str:
    """Host and port, without a name or password."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
