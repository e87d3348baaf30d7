"""What a guest of many pages of a site owes it: to ask its robots.txt, and to take turns.

A single page that a person names is fetched by `fetch`; what feeds and site maps lead to, by a
Guest (RFC 9309).
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from protego import Protego

from narrator.errors import FetchError, SourceError
from narrator.reading.fetch import (
    AGENT,
    ARTICLE,
    TIME_LIMIT,
    NotModified,
    Page,
    Validators,
    Wanted,
    fetch,
)

PACE = 1.0
"""Seconds between the starts of two requests to one host, where its robots.txt asks no more."""

LONGEST_DELAY = 30.0
"""Seconds: a longer Crawl-delay is not waited for between two pages."""

_ROBOTS = Wanted("a robots.txt", "text/plain, */*;q=0.1", ("",))
_READ = 512_000
"""Bytes of a robots.txt that count; RFC 9309 asks for as many at least."""

_KEPT = 86_400.0
"""Seconds for which a robots.txt is believed."""

_AGAIN = 600.0
"""Seconds after which one that could not be had is asked for again."""


@dataclass(slots=True)
class _Host:
    """What is known of a host."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    """Held by who is next to ask it."""
    rules: Protego | FetchError | None = None
    """What its robots.txt says, or why that cannot be had."""
    until: float = 0.0
    """How long the rules hold, like `next` a time of time.monotonic()."""
    next: float = 0.0
    """When it may be asked again."""


class Guest:
    """Fetches pages of many hosts as each asks for it; may be used by several threads."""

    def __init__(
        self,
        *,
        contact: str = "",
        allow_private: bool = False,
        pace: float = PACE,
        time_limit: float = TIME_LIMIT,
    ) -> None:
        """`pace` is seconds between two requests to one host, at least; `time_limit` seconds for
        each page once it is its turn."""
        self._pace = pace
        self._fetch = partial(
            fetch, contact=contact, allow_private=allow_private, time_limit=time_limit
        )
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def fetch(
        self,
        url: str,
        known: Validators | None = None,
        *,
        wanted: Wanted = ARTICLE,
        invited: bool = False,
    ) -> Page | NotModified:
        """As `fetch.fetch`, once the host's turn has come; FetchError where its robots.txt says
        no. Who is `invited` (a person named the address) need not ask it."""
        origin = _origin(url)
        host = self._host(origin)
        with host.lock:
            delay = self._pace
            if not invited:
                rules = self._rules(host, origin)
                if not rules.can_fetch(url, AGENT):
                    raise FetchError(
                        f"The robots.txt of {origin} does not let {AGENT} read {url}. "
                        "If you may, name that page itself, or save it and read the file."
                    )
                delay = max(delay, _delay(rules))
            time.sleep(max(0.0, host.next - time.monotonic()))
            host.next = time.monotonic() + delay
        return self._fetch(url, known, wanted=wanted)

    def site_maps(self, url: str) -> tuple[str, ...]:
        """The site maps that the robots.txt of the host of the address names, in its order."""
        origin = _origin(url)
        host = self._host(origin)
        with host.lock:
            return tuple(dict.fromkeys(self._rules(host, origin).sitemaps))

    def _host(self, origin: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(origin, _Host())

    def _rules(self, host: _Host, origin: str) -> Protego:
        if host.rules is None or time.monotonic() > host.until:
            host.rules = self._ask(origin)
            kept = _AGAIN if isinstance(host.rules, FetchError) else _KEPT
            host.until = time.monotonic() + kept
        if isinstance(host.rules, FetchError):
            raise FetchError(
                f"The robots.txt of {origin} cannot be had, so its pages are not read: "
                f"{host.rules}",
                status=host.rules.status,
            ) from host.rules
        return host.rules

    def _ask(self, origin: str) -> Protego | FetchError:
        """The rules of the host: none where it has no such file; where it cannot say, nothing is
        allowed."""
        try:
            page = self._fetch(f"{origin}/robots.txt", None, wanted=_ROBOTS)
        except FetchError as error:
            none = HTTPStatus.BAD_REQUEST <= error.status < HTTPStatus.INTERNAL_SERVER_ERROR
            has_none = none and error.status != HTTPStatus.TOO_MANY_REQUESTS
            return Protego.parse("") if has_none else error
        except SourceError as error:
            return FetchError(str(error))
        assert isinstance(page, Page)
        return Protego.parse(page.data[:_READ].decode("utf-8", "replace"))


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise FetchError(f"{url!r} is not an address that can be fetched: {error}.") from error
    host = parts.hostname or ""
    return f"{parts.scheme}://[{host}]{port}" if ":" in host else f"{parts.scheme}://{host}{port}"


def _delay(rules: Protego) -> float:
    """Seconds between two requests that the rules ask for."""
    rate = rules.request_rate(AGENT)
    asked = max(rules.crawl_delay(AGENT) or 0.0, rate.seconds / rate.requests if rate else 0.0)
    return min(asked, LONGEST_DELAY)
